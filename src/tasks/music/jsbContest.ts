// How models of equal size are compared on chorales.

import { KEYS } from '../../data/music';
import { CONTEST_ADAM, CONTEST_ATTENTION, rates, type Contest } from '../contest';

/** Every model is shown up to 48 chords. */
export const CONTEST: Contest<Record<never, never>> = {
  name: 'music',
  title: 'Music',
  inputs: 'chords',
  base: { ...CONTEST_ADAM, batch: 8, clipNorm: 0.4, inputDropout: 0.05 },
  shapes: {
    rnn: { levels: 1, gain: 4, dropout: 0.3, rates: rates(0.005, 0.0025) },
    gru: { levels: 1, gain: 4, dropout: 0.3, rates: rates(0.02, 0.01) },
    lstm: { levels: 1, gain: 4, dropout: 0.3, forgetBias: 1, rates: rates(0.02, 0.01) },
    // 13 chords in sight, as published.
    tcn: { levels: 2, kernelSize: 3, gain: 1.5, dropout: 0.2, rates: rates(0.01, 0.005) },
    // 10.
    gcnn: { levels: 3, kernelSize: 4, dropout: 0.2, rates: rates(0.01, 0.005) },
    // 16.
    wavenet: { levels: 4, skip: 48, rates: rates(0.008, 0.004) },
    transformer: {
      ...CONTEST_ATTENTION,
      levels: 2,
      dropout: 0.1,
      warmup: 30,
      rates: rates(0.005, 0.01),
    },
  },
  sizes: {
    small: { parameters: 32_000, columns: 32, epochs: 3, evaluateEvery: 29 },
    medium: { parameters: 123_000, columns: 64, epochs: 8, evaluateEvery: 29 },
    full: { parameters: 500_000, columns: 128, epochs: 20, evaluateEvery: 29 },
  },
  sights: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48],
  built: { channels: [KEYS, KEYS], longest: 160 },
};
