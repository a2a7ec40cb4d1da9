// Programs from seeds, one after the other: each is checked, and what differs is shrunk and printed.

import { check, type Sharpness, type Verdict } from './compare';
import { Engines, WAYS, type Way } from './engines';
import { generate } from './generate';
import { explain, print } from './print';
import type { Program } from './program';
import { shrink } from './shrink';

export interface Failed {
  readonly seed: number;
  /** What the whole program showed. */
  readonly first: string;
  /** The least program that shows it too, as text. */
  readonly minimal: string;
  readonly nodes: number;
}

export interface FuzzOptions {
  readonly ways?: readonly Way[];
  /** Programs for which engines are kept, kernels for which a device is; fewer need less memory. */
  readonly life?: { readonly programs: number; readonly kernels: number };
  /** Told after every program. */
  readonly onProgram?: (seed: number, failed: Failed | null, sharpness: Sharpness) => void;
}

/** Checks one seed after the other; gives those that failed. */
export async function fuzz(seeds: Iterable<number>, options: FuzzOptions = {}): Promise<Failed[]> {
  const { ways = Object.keys(WAYS) as Way[], life = { programs: 50, kernels: 1500 }, onProgram } = options;
  const engines = new Engines(ways, life);
  const all: Failed[] = [];
  try {
    for (const seed of seeds) {
      const program = generate(seed);
      const sharpness: Sharpness = { worst: 0 };
      const lab = { engines: await engines.next() };
      const verdict = await check(program, lab, sharpness);
      const failed = verdict && (await reduce(program, verdict, lab));
      if (failed) all.push(failed);
      onProgram?.(seed, failed, sharpness);
    }
  } finally {
    engines.destroy();
  }
  return all;
}

async function reduce(program: Program, verdict: Verdict, lab: Parameters<typeof check>[1]): Promise<Failed> {
  const [way] = verdict.configuration.split(',');
  const one = { engines: { [way]: lab.engines[way] } };
  let least: Verdict = verdict;
  const small = await shrink(program, async (candidate) => {
    const found = await check(candidate, one);
    // Another kind of failure is another fault.
    if (!found || 'error' in found !== 'error' in verdict) return false;
    least = found;
    return true;
  });
  const text = print(small, least, WAYS);
  return { seed: program.seed, first: explain(verdict), minimal: text, nodes: small.nodes.length };
}
