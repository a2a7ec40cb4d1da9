// How models of equal size are compared on speech.

import { CONTEST_ADAM, CONTEST_ATTENTION, rates, type Contest } from '../contest';
import type { DIGITS } from './options';

/** Every model is shown up to 64 samples. */
export const CONTEST: Contest<typeof DIGITS> = {
  name: 'audio',
  title: 'Sound',
  inputs: 'samples',
  base: { ...CONTEST_ADAM, batch: 16, length: 128, speaker: 'jackson', condition: 'none', embedding: 16 },
  shapes: {
    rnn: { levels: 1, rates: rates(0.004, 0.002) },
    gru: { levels: 1, rates: rates(0.008, 0.004) },
    lstm: { levels: 1, forgetBias: 1, rates: rates(0.008, 0.004) },
    // 61 samples in sight.
    tcn: { levels: 4, kernelSize: 3, rates: rates(0.008, 0.004) },
    // 21.
    gcnn: { levels: 4, kernelSize: 6, rates: rates(0.008, 0.004) },
    // 65.
    wavenet: { levels: 6, skip: 48, rates: rates(0.008, 0.004) },
    transformer: { ...CONTEST_ATTENTION, levels: 2, warmup: 20, rates: rates(0.004, 0.008) },
  },
  sizes: {
    small: { parameters: 32_000, columns: 32, steps: 60, evaluateEvery: 15, evaluationPieces: 24 },
    medium: { parameters: 128_000, columns: 64, steps: 400, evaluateEvery: 40, evaluationPieces: 48 },
    full: { parameters: 1_000_000, columns: 192, epochs: 20, evaluateEvery: 600, evaluationPieces: 200 },
  },
  sights: [1, 2, 4, 8, 16, 32, 64],
  built: { longest: 128 },
};
