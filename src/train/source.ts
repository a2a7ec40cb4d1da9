// Where a training takes its batches from, and what else has a place that a run that goes on takes up again.

import { fail, SeqgpuError } from '../graph/check';
import type { Argument, HostArray } from '../graph/host';

/** Something whose position in a random stream or data order must survive a restart. */
export interface Resumable {
  save(): unknown;
  restore(saved: never): void;
}

/** Training batches, in an order that can be saved. */
export interface Source extends Resumable {
  next(): readonly HostArray[];
}

/** What a run that goes on takes up again. */
export interface Batches extends Resumable {
  next(): readonly Argument[];
}

/** The batches of a source, or those of a function of the step where the run is. */
export function batchesOf(
  source: Source | ((step: number) => readonly Argument[]),
  state: { readonly step: number },
): Batches {
  if (typeof source !== 'function') return source;
  return { next: () => source(state.step), save: () => null, restore: () => {} };
}

/** Puts every one where it was when it was saved, or says which one cannot be put there. */
export function restore(resumables: readonly Resumable[], saved: readonly unknown[]): void {
  if (saved.length !== resumables.length) {
    fail(`fit: resume has the state of ${saved.length} sources, this run has ${resumables.length}.`, {
      fix: 'resume with the source and the others that the run had.',
    });
  }
  resumables.forEach((one, i) => {
    try {
      one.restore(saved[i] as never);
    } catch (error) {
      if (error instanceof SeqgpuError) throw error;
      fail(`fit: resume.sources[${i}] is not what the source of this run has saved.`, {
        given: `${JSON.stringify(saved[i])?.slice(0, 80)}: ${String(error)}`,
        fix: 'resume with the source and the others that the run had.',
      });
    }
  });
}
