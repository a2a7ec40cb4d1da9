// How models of equal size are compared on tinyshakespeare: long enough for them to learn more than counting knows. At
// the full budget they are as large as nanoGPT's run on a laptop's CPU, and see as many characters.

import { CONTEST_ADAM, CONTEST_ATTENTION, CONTEST_EMBEDDING, around, type Contest } from '../contest';
import type { TEXT } from '../options';

/** Short trainings, judged by a part of the validation text. */
const PILOT = { steps: 200, evaluationTokens: 20_000 } as const;

/** Every model is shown up to 64 characters. */
export const SHAKESPEARE_CONTEST: Contest<typeof TEXT> = {
  name: 'shakespeare',
  title: 'Shakespeare',
  inputs: 'characters',
  base: { ...CONTEST_ADAM, batch: 12, bptt: 64, embedding: 32 },
  shapes: {
    rnn: { ...CONTEST_EMBEDDING, levels: 1, rates: around(0.004) },
    gru: { ...CONTEST_EMBEDDING, levels: 1, rates: around(0.005) },
    lstm: { ...CONTEST_EMBEDDING, levels: 1, forgetBias: 1, rates: around(0.005) },
    minlstm: { levels: 2, rates: around(0.005) },
    mingru: { levels: 2, rates: around(0.005) },
    // 61 characters in sight.
    tcn: { ...CONTEST_EMBEDDING, levels: 4, kernelSize: 3, rates: around(0.005) },
    // 25.
    gcnn: { ...CONTEST_EMBEDDING, levels: 8, kernelSize: 4, rates: around(0.005) },
    // 64.
    wavenet: { levels: 6, skip: 64, rates: around(0.004) },
    transformer: { ...CONTEST_ATTENTION, levels: 4, warmup: 100, rates: around(0.002) },
  },
  sizes: {
    medium: {
      parameters: 128_000,
      columns: 48,
      steps: 1000,
      evaluateEvery: 250,
      pilot: PILOT,
      seeds: 3,
    },
    full: {
      parameters: 804_000,
      columns: 128,
      steps: 2000,
      evaluateEvery: 500,
      pilot: PILOT,
      seeds: 3,
    },
  },
  sights: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  built: { vocabulary: 65, longest: 64 },
};
