// 100 random graphs, each computed in doubles and in every way in which an adapter may be used. A graph that differs is
// shrunk, and the message is a program that shows it; `npm run fuzz -- --only SEED` tries it again.

import { expect, test } from 'vitest';
import { fuzz, type Failed } from '../fuzz/fuzz';

const SEEDS = 100;

// Half of the time goes into compiling kernels; a busy machine takes minutes.
test(`${SEEDS} random graphs come to the same in every way`, { timeout: 400_000 }, async () => {
  const failed = await fuzz(Array.from({ length: SEEDS }, (_, seed) => seed));
  expect(failed.map(text).join('\n\n')).toBe('');
});

const text = ({ seed, first, minimal }: Failed): string => `seed ${seed}: ${first}\n\n${minimal}`;
