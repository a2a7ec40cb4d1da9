// A handful of shapes for batches of pairs: every shape that a step is called with is recorded once, and what is
// shorter is padded. Shapes are nested, so that a pair has one that is the smallest; which ones there are is chosen so
// that training pairs are padded as little as possible.

import { fail } from '../../graph/check';

/** Symbols of the sides of a batch, END among them. */
export interface PairShape {
  /** S: of a source. */
  readonly source: number;
  /** T: of a target. */
  readonly target: number;
}

/** The most shapes of training pairs. */
export const MOST_SHAPES = 8;
/** Lengths are multiples of this, as vectors of four are. */
const STEP = 4;
/** Places at which one shape may end and the next begin. */
const CUTS = 64;

const roundedUp = (length: number): number => Math.ceil(length / STEP) * STEP;

/** Lengths of both sides by the number of the pair. */
export interface PairLengths {
  readonly count: number;
  source(i: number): number;
  target(i: number): number;
}

/** At most `most` shapes, the smallest first; the last holds every pair. None of no pairs. */
export function shapesFor(lengths: PairLengths, most = MOST_SHAPES): PairShape[] {
  if (!lengths.count) return [];
  const steps = candidates(lengths);
  const counts = countsOf(lengths, steps);
  const cost = (shape: PairShape) => shape.source + shape.target;
  // best[n][j]: the least padding of all pairs up to candidate j in n shapes, the last of which is j.
  let best = counts.map((_, j) => ({ padded: sumOf(counts, 0, j) * cost(steps[j]), chosen: [j] }));
  for (let n = 1; n < Math.min(most, steps.length); n++) {
    best = best.map((now, j) => {
      let found = now;
      for (let i = 0; i < j; i++) {
        const padded = best[i].padded + sumOf(counts, i + 1, j) * cost(steps[j]);
        if (padded < found.padded) found = { padded, chosen: [...best[i].chosen, j] };
      }
      return found;
    });
  }
  return best.at(-1)!.chosen.map((j) => steps[j]);
}

/** Nested shapes at equal parts of both sides' lengths in order. */
function candidates({ count, source, target }: PairLengths): PairShape[] {
  const sorted = (of: (i: number) => number) => Uint32Array.from({ length: count }, (_, i) => of(i)).sort();
  const [sources, targets] = [sorted(source), sorted(target)];
  const found: PairShape[] = [];
  for (let cut = 1; cut <= CUTS; cut++) {
    const at = Math.ceil((count * cut) / CUTS) - 1;
    const shape = { source: roundedUp(sources[at]), target: roundedUp(targets[at]) };
    const last = found.at(-1);
    if (last?.source !== shape.source || last.target !== shape.target) found.push(shape);
  }
  return found;
}

function countsOf(lengths: PairLengths, shapes: readonly PairShape[]): number[] {
  const counts = shapes.map(() => 0);
  for (let i = 0; i < lengths.count; i++) counts[shapeOf(shapes, lengths.source(i), lengths.target(i))]++;
  return counts;
}

const sumOf = (counts: readonly number[], from: number, to: number): number =>
  counts.slice(from, to + 1).reduce((sum, count) => sum + count, 0);

/** The number of the smallest shape that holds sides of these lengths. */
export function shapeOf(shapes: readonly PairShape[], source: number, target: number): number {
  const found = shapes.findIndex((shape) => shape.source >= source && shape.target >= target);
  if (found >= 0) return found;
  const { source: S = 0, target: T = 0 } = shapes.at(-1) ?? {};
  return fail(`translation: a pair of ${source} and ${target} symbols is longer than ${S} and ${T}.`);
}

/** Shapes that also hold what is longer than the last of them: one more, where there is such a pair. */
export function shapesWith(shapes: readonly PairShape[], ...others: readonly PairLengths[]): PairShape[] {
  const last = shapes.at(-1) ?? { source: 0, target: 0 };
  let { source, target } = last;
  for (const lengths of others) {
    for (let i = 0; i < lengths.count; i++) {
      source = Math.max(source, lengths.source(i));
      target = Math.max(target, lengths.target(i));
    }
  }
  if (source <= last.source && target <= last.target) return [...shapes];
  return [...shapes, { source: roundedUp(source), target: roundedUp(target) }];
}
