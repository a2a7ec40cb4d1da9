// What the comparison with other engines gives, and the parts of it that need neither a page nor a GPU.

import type { TypedArray } from '../graph/shape';
import type { Ceiling } from './ceiling';
import { rangeOf } from './spread';

/** One case through one of the others. What is missing is so for the reason in `note`. */
export interface RivalRow {
  readonly name: string;
  readonly version: string;
  /** One run in milliseconds: the fastest of the rounds, and the median; of one far behind, of the first round. */
  readonly ms?: number;
  readonly median?: number;
  /** The largest difference from our results, relative to the largest value. */
  readonly error?: number;
  /** Its fastest run by our fastest one: above 1 we are faster. */
  readonly ratio?: number;
  readonly note?: string;
}

/** A case of ours beside the same in another library. */
export interface PeerRow {
  readonly name: string;
  readonly about: string;
  readonly oursMs: number;
  readonly oursMedian: number;
  readonly rivals: readonly RivalRow[];
}

/** All such rows of one adapter. */
export interface Compared {
  readonly adapter: string;
  readonly ceiling: Ceiling;
  readonly rows: readonly PeerRow[];
}

/** An engine as the page presents it. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  readonly cases: readonly string[];
  /** Why it does not take part in a case, or in any. */
  readonly missing: Readonly<Record<string, string>>;
  readonly failure?: string;
}

/** What the page can be asked to do, as `peers` in its global scope. Engines and cases go by their names. */
export interface PeersPage {
  /** Opens all engines; ours is the first. */
  open(): Promise<{ adapter: string; contenders: readonly Contender[] }>;
  /** Runs a case for the first time and gives its error; ours has to come first. */
  start(engine: string, name: string): Promise<number>;
  /** Milliseconds for one run, averaged over as many as make a sample. */
  sample(engine: string, name: string): Promise<number>;
  /** The best that the adapter has shown so far. */
  ceiling(): Promise<Ceiling>;
}

/** The largest difference between two lists of results, in each array relative to its largest value. */
export function largestError(ours: readonly TypedArray[], theirs: readonly TypedArray[]): number {
  if (ours.length !== theirs.length) return Infinity;
  return Math.max(...ours.map((values, i) => errorOf(values, theirs[i])));
}

function errorOf(ours: TypedArray, theirs: TypedArray): number {
  if (ours.length !== theirs.length) return Infinity;
  let largest = 0;
  let error = 0;
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs(ours[i] - theirs[i]);
    // A NaN on either side is no difference that could be compared.
    if (Number.isNaN(difference)) return Infinity;
    largest = Math.max(largest, Math.abs(ours[i]));
    error = Math.max(error, difference);
  }
  return error / Math.max(largest, 1e-30);
}

/** The fastest and the median of some samples. */
export function summaryOf(samples: readonly number[]): { ms: number; median: number } {
  const { min, median } = rangeOf(samples);
  return { ms: min, median };
}

/** A rival that takes this many times as long as the fastest of them is measured in the first round alone. */
const BEHIND = 3;

/** Which rivals of a case are measured in a further round, by the samples of each: those that may be the best. */
export function stillInIt(samples: readonly (readonly number[])[]): boolean[] {
  const least = samples.map((own) => Math.min(...own));
  const best = Math.min(...least);
  return least.map((own) => own <= BEHIND * best);
}

/** A rival's row of a case that took us `oursMs` at the fastest. */
export function rivalRow(
  { name, version }: Pick<Contender, 'name' | 'version'>,
  { samples, note, error }: Pick<RivalRow, 'note' | 'error'> & { readonly samples: readonly number[] },
  oursMs: number,
): RivalRow {
  if (!samples.length || note) return { name, version, error, note };
  const { ms, median } = summaryOf(samples);
  return { name, version, ms, median, error, ratio: ms / oursMs };
}
