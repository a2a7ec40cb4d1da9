// How models of equal size are compared on characters.

import { CONTEST_ADAM, CONTEST_ATTENTION, CONTEST_EMBEDDING, rates, type Contest } from '../contest';
import type { TEXT } from '../options';

/** Characters of WikiText-2. */
const CHARACTERS = 283;

/** Every model is shown up to 32 characters. */
export const CONTEST: Contest<typeof TEXT> = {
  name: 'text',
  title: 'Text',
  inputs: 'characters',
  base: { ...CONTEST_ADAM, batch: 16, bptt: 32, embedding: 16 },
  shapes: {
    rnn: { ...CONTEST_EMBEDDING, levels: 1, rates: rates(0.008, 0.004) },
    gru: { ...CONTEST_EMBEDDING, levels: 1, rates: rates(0.01, 0.005) },
    lstm: { ...CONTEST_EMBEDDING, levels: 1, forgetBias: 1, rates: rates(0.01, 0.005) },
    // 29 characters in sight.
    tcn: { ...CONTEST_EMBEDDING, levels: 3, kernelSize: 3, rates: rates(0.01, 0.005) },
    // 16.
    gcnn: { ...CONTEST_EMBEDDING, levels: 5, kernelSize: 4, rates: rates(0.01, 0.005) },
    // 32.
    wavenet: { levels: 5, skip: 48, rates: rates(0.008, 0.004) },
    transformer: { ...CONTEST_ATTENTION, levels: 2, warmup: 20, rates: rates(0.004, 0.008) },
  },
  sizes: {
    small: {
      parameters: 32_000,
      columns: 32,
      epochs: 1,
      evaluateEvery: 28,
      trainTokens: 72_000,
      evaluationTokens: 4_000,
    },
    medium: {
      parameters: 128_000,
      columns: 64,
      epochs: 1,
      evaluateEvery: 40,
      trainTokens: 400_000,
      evaluationTokens: 20_000,
    },
    full: {
      parameters: 1_000_000,
      columns: 192,
      epochs: 2,
      evaluateEvery: 1000,
      trainTokens: 0,
      evaluationTokens: 0,
    },
  },
  sights: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  built: { vocabulary: CHARACTERS, longest: 32 },
};
