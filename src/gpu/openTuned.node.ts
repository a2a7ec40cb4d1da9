// Opens the GPU in Node with what was measured on its adapter, where that is in the user's cache.

import { SeqgpuError, fail } from '../graph/check';
import { Tuning } from '../graph/tuning';
import { cachedTable, measuredHere, readTable } from './device/tuningCache.node';
import type { Engine } from './engine';
import { open as openPlain, type OpenOptions } from './open';

/**
 * Opens the GPU: an engine, or an error that says what was tried and what to install. Takes the kernels that were found
 * to be the fastest on this adapter by `npx seqgpu tune`, if the user's cache has them. An own `tuning`, even an empty
 * `new Tuning()`, takes their place; SEQGPU_TUNING in the environment is `none` for the same, or a file to take.
 */
export async function open(options: OpenOptions = {}): Promise<Engine> {
  const engine = await openPlain(options);
  const { SEQGPU_TUNING: wanted } = process.env;
  if (options.tuning || wanted === 'none') return engine;
  try {
    const table = wanted
      ? named(wanted, engine)
      : options.gpu || options.device
        ? undefined
        : await cached(engine);
    if (table) engine.traits.tuning = table;
    return engine;
  } catch (error) {
    engine.destroy();
    throw error;
  }
}

function named(path: string, { name }: Engine): Tuning {
  const table = readTable(path, 'SEQGPU_TUNING');
  if (table.adapter === name) return new Tuning(table);
  return fail(`SEQGPU_TUNING: ${path} was measured on another adapter.`, {
    given: `there ${table.adapter}, here ${name}`,
    fix: 'set it to `none`, or measure on this one.',
  });
}

/** A cache that cannot be read must stop nobody: `doctor` says what is wrong with it. */
async function cached(engine: Engine): Promise<Tuning | undefined> {
  try {
    const { table } = cachedTable(await measuredHere(engine));
    return table && new Tuning(table);
  } catch (error) {
    if (error instanceof SeqgpuError || (error as NodeJS.ErrnoException).code) return undefined;
    throw error;
  }
}
