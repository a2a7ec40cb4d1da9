// A case of one's own, measured like the library's: in the same table, beside the same ceilings.

import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import { callable, checked, listOf, numbers, object, oneOf, text, type Rules } from '../graph/options';
import { LIMITS, type Case, type Limit } from './case';

/** A case of one's own. */
export interface OwnCase {
  readonly name: string;
  /** What is timed: recorded once, and run many times in one submit. */
  readonly body: (...args: Tensor[]) => Tensor;
  readonly args: readonly HostArray[];
  /** Shapes and settings in words; default: none. */
  readonly about?: string;
  /** What limits it on an ideal adapter; default: copy. */
  readonly limit?: Limit;
  /** The right result: the row has the largest error, relative to the largest value. Without it, 0. */
  readonly wanted?: ArrayLike<number>;
}

/** For the `cases` of `bench`. */
export function caseOf(own: OwnCase): Case {
  const { name, body, args, about = '', limit = 'copy', wanted } = checked('caseOf', own, RULES, ...NEEDED);
  return {
    name,
    about,
    limit,
    own: true,
    inputs: () => Object.fromEntries(args.map((arg, i) => [`argument ${i + 1}`, arg])),
    build: (engine) => ({
      step: engine.record(body),
      args,
      error: ([found]) => (wanted ? largestError(found, wanted) : 0),
    }),
  };
}

const NEEDED = ['name', 'body', 'args'] as const;

const RULES: Rules<OwnCase> = {
  name: text,
  body: callable,
  args: listOf(object),
  about: text,
  limit: oneOf(LIMITS),
  wanted: numbers,
};

function largestError(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Infinity;
  let [worst, largest] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs(found[i] - wanted[i]);
    if (!Number.isFinite(error) && !Object.is(found[i], wanted[i])) return Infinity;
    if (error > worst) worst = error;
    if (Number.isFinite(wanted[i])) largest = Math.max(largest, Math.abs(wanted[i]));
  }
  return worst === 0 ? 0 : worst / largest;
}
