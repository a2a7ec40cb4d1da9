// Reads damaged files, and tells which reader did not end with a right result or a clear error, in time, in little
// memory.

import { SeqgpuError } from '../../src/graph/check';
import { Random } from '../../src/random';
import type { Format } from './formats';
import { mutated } from './mutate';

/** What a reader may take for a file. */
const MOST_MS = 2000;
/** Bytes of results, as multiples of those of the file; and what any reader may take besides, such as tables of Unicode. */
const [MOST_TIMES, BESIDES] = [10, 2 ** 24];

/** What came of the variants of one file. */
export interface Tally {
  readonly format: string;
  readonly read: number;
  readonly refused: number;
  /** Variants that crashed, hung, or swelled: their number, and what happened. */
  readonly wrong: readonly string[];
}

/** Reads the file itself, which must be right, and so many variants of it. */
export async function assail(
  { name, file, read }: Format,
  count: number,
  folder: string,
  seed = 1,
): Promise<Tally> {
  await read(file, folder);
  const counts = { read: 0, refused: 0 };
  const wrong: string[] = [];
  for (let i = 0; i < count; i++) {
    const variant = mutated(file, new Random(seed).fork(`${name} ${i}`));
    const before = process.memoryUsage().arrayBuffers;
    const start = performance.now();
    let result: unknown;
    try {
      result = await read(variant, folder);
      counts.read++;
    } catch (error) {
      if (error instanceof SeqgpuError && isClear(error.message)) counts.refused++;
      else wrong.push(`${name} ${i}: ${String(error)}`);
    }
    const ms = performance.now() - start;
    if (ms > MOST_MS) wrong.push(`${name} ${i}: took ${Math.round(ms)} ms`);
    const bytes = process.memoryUsage().arrayBuffers - before;
    if (result !== undefined && bytes > MOST_TIMES * variant.length + BESIDES) {
      wrong.push(`${name} ${i}: took ${bytes} bytes for a file of ${variant.length}`);
    }
  }
  return { format: name, ...counts, wrong };
}

/** An error is a few lines that a terminal shows as they are. */
const isClear = (message: string): boolean => message.length < 4000 && !/[^\n\P{Cc}]/u.test(message);
