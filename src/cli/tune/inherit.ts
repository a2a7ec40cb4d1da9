// What a class of launches may expect of its ways, by the times of the classes nearest to it: those of the same op
// whose shapes are the fewest doublings away. One neighbour is noise, and may lie on the other side of an edge: three
// are asked at least, and are believed where they speak of a tenth and more.

import type { ShapeClass } from '../../runs/shapeClasses';

/** A class, and milliseconds of its ways, the likeliest first. */
export interface Timed {
  readonly one: ShapeClass;
  readonly times: Readonly<Record<string, number>>;
}

/** A class that was not measured, and the way that it takes since those near it were faster so. */
export interface Inherited {
  readonly key: string;
  readonly op: string;
  readonly shapes: string;
  readonly likeliest: string;
  readonly chosen: string;
  /** Mean time of the way over that of the likeliest, of those near. */
  readonly ratio: number;
}

/** What is expected of a class. */
export interface Expected {
  /** The way of the least mean time besides the likeliest one, if any class near it has tried both. */
  readonly next?: string;
  /** Mean time of that way over that of the likeliest. */
  readonly ratio: number;
  /** Enough classes near it have tried both. */
  readonly known: boolean;
}

/** Doublings of extents, in all, beyond which a class says nothing of another. */
const NEAR = 4;
/** Another option, as a dilation or an activation, is as far as half a doubling. */
const OPTION = 0.5;
/** Rows that are no fours, of which kernels read a piece at a time, are as far from those that are. */
const EDGE = 0.5;
/** Classes that are asked for a way: those nearest that have tried it, at most and at least. */
const ASKED = 5;
const ENOUGH = 3;
/** Mean time beside the likeliest way's, below which a way is taken unmeasured. */
const FASTER = 0.9;

/** What is expected where nothing is known. */
export const NOTHING: Expected = { ratio: Infinity, known: false };

/** What is expected of the ways of a class, the likeliest first, after so much was measured. */
export function expectedOf(one: ShapeClass, ways: readonly string[], measured: readonly Timed[]): Expected {
  const near = measured
    .map((other) => ({ ...other, far: distance(one, other.one) }))
    .filter(({ far }) => far <= NEAR)
    .sort((a, b) => a.far - b.far);
  const [likeliest, ...others] = ways;
  let best = NOTHING;
  for (const way of others) {
    const ratios = near.flatMap(({ times }) =>
      way in times && likeliest in times ? [times[way] / times[likeliest]] : [],
    );
    const asked = ratios.slice(0, ASKED);
    const ratio = Math.exp(asked.reduce((sum, each) => sum + Math.log(each), 0) / asked.length);
    const known = asked.length >= ENOUGH;
    // What few have tried is no match for what many have.
    if (asked.length && (known > best.known || (known === best.known && ratio < best.ratio))) {
      best = { next: way, ratio, known };
    }
  }
  return best;
}

/** Those of some classes without a time that are to take another way than the likeliest. */
export function inherit(
  left: readonly ShapeClass[],
  waysOf: (one: ShapeClass) => readonly string[],
  measured: readonly Timed[],
): Inherited[] {
  return left.flatMap((one) => {
    const ways = waysOf(one);
    const { next, ratio, known } = expectedOf(one, ways, measured);
    if (next === undefined || !known || ratio >= FASTER) return [];
    const { key, op, shapes } = one;
    return [{ key, op, shapes, likeliest: ways[0], chosen: next, ratio }];
  });
}

/** Doublings between the extents of two classes; infinitely many between ops and between numbers of axes. */
function distance({ op, call }: ShapeClass, other: ShapeClass): number {
  const [mine, theirs] = [extentsOf(call), extentsOf(other.call)];
  if (op !== other.op || mine.length !== theirs.length) return Infinity;
  const doublings = mine.reduce((sum, each, i) => {
    const edge = (each % 4 === 0) === (theirs[i] % 4 === 0) ? 0 : EDGE;
    return sum + Math.abs(Math.log2(each / theirs[i])) + edge;
  }, 0);
  return doublings + (optionsOf(call) === optionsOf(other.call) ? 0 : OPTION);
}

const extentsOf = ({ inputs }: ShapeClass['call']): number[] =>
  Object.values(inputs).flatMap(({ shape }) => shape.map((extent) => Math.max(1, extent)));

const optionsOf = ({ attrs }: ShapeClass['call']): string =>
  Object.values(attrs)
    .filter((value) => typeof value !== 'object')
    .join(' ');
