// All classes of launches under one budget of time: each gets a share of what is left, by how much of the work it does,
// and what there was no time for is named. What measures is handed in, and the clock too.

import { reasonOf } from '../../bench/parts';
import { rangeOf } from '../../bench/spread';
import { least, type Swept } from '../../gpu/look/sweep';
import { CLEARLY, TRIALS } from '../../graph/tuning';
import type { ShapeClass } from '../../runs/shapeClasses';
import { expectedOf, inherit, NOTHING, type Inherited, type Timed } from './inherit';

/** What came of a class. */
export interface TunedClass {
  readonly key: string;
  readonly op: string;
  readonly shapes: string;
  readonly models: readonly string[];
  /** Ways that there are, and those that were measured. */
  readonly ways: number;
  readonly tried: number;
  /** The likeliest way, which is taken without a measurement, and the one that is taken now. */
  readonly likeliest: string;
  readonly chosen: string;
  /** Milliseconds of the chosen way, the fastest of its runs; and how far the middle one is above it, 0: not at all. */
  readonly ms: number;
  readonly spread: number;
  readonly gflops: number;
  /** Time of the fastest way over that of the chosen one, at most 1. */
  readonly ofBest: number;
  /** The same of the likeliest way: what is lost without a measurement. */
  readonly likeliestOfBest: number;
  /** Milliseconds of every way that was measured. */
  readonly times: Readonly<Record<string, number>>;
}

/** What came of a sweep. */
export interface SweptClasses {
  readonly classes: readonly TunedClass[];
  /** What there was no time for. */
  readonly left: readonly ShapeClass[];
  /** Those of it that take another way than the likeliest, since the classes nearest to them were faster so. */
  readonly inherited: readonly Inherited[];
  /** What could not be measured, a sentence each. */
  readonly failed: readonly string[];
}

/** How long a sweep may take, and who is told. */
export interface SweepTime {
  readonly seconds: number;
  /** Seconds since some moment. */
  readonly clock: () => number;
  /** Ends what is under way: a driver may compile for minutes, and nothing can stop it. */
  readonly late?: Promise<unknown>;
  /** What the ways of a class are called, the likeliest first; without it no class has anything of others. */
  readonly ways?: (one: ShapeClass) => readonly string[];
  /** Gets each class before it is measured, how many there are before it, and how many in all. */
  readonly onBegin?: (one: ShapeClass, done: number, all: number) => void;
}

/**
 * Measures the ways of a class until `left` has nothing left behind so many ways, in seconds. `next`: the way to try
 * behind the likeliest one.
 */
export type MeasureClass = (
  one: ShapeClass,
  left: (tried: number) => number,
  next?: string,
) => Promise<Swept>;

/** Ways that are tried of a class whose neighbours say what to expect of it: the likeliest, and theirs. */
const TRIALS_NEAR = 2;

/** Measures classes in their order as long as there is time; the others take what those near them say. */
export async function sweepClasses(
  classes: readonly ShapeClass[],
  measure: MeasureClass,
  time: SweepTime,
): Promise<SweptClasses> {
  const { seconds, clock, late, onBegin, ways } = time;
  const end = clock() + seconds;
  const tuned: TunedClass[] = [];
  const timed: Timed[] = [];
  const failed: string[] = [];
  const ended = (left: readonly ShapeClass[]): SweptClasses => {
    return { classes: tuned, left, failed, inherited: ways ? inherit(left, ways, timed) : [] };
  };
  // A class that does a hundredth of the work of another has a tenth of its time: it has as many ways.
  const shares = classes.map(({ weight }) => Math.sqrt(weight));
  for (const [i, one] of classes.entries()) {
    const now = clock();
    if (now >= end) return ended(classes.slice(i));
    onBegin?.(one, i, classes.length);
    const share = shares[i] / shares.slice(i).reduce((sum, part) => sum + part, 0);
    const own = now + share * (end - now);
    try {
      const { next, known } = ways ? expectedOf(one, ways(one), timed) : NOTHING;
      // A class of which next to nothing is tried has cost its time for nothing, unless others were much like it.
      const fewest = known ? TRIALS_NEAR : TRIALS;
      const swept = await before(
        late,
        measure(one, (tried) => (tried < fewest ? end : own) - clock(), next),
      );
      if (!swept) return ended(classes.slice(i));
      const found = tunedClass(one, swept);
      if (found) {
        tuned.push(found);
        timed.push({ one, times: found.times });
      } else failed.push(`${nameOf(one)}: alone it is another launch, and was not measured.`);
    } catch (error) {
      failed.push(`${nameOf(one)}: ${reasonOf(error)}`);
    }
  }
  return ended([]);
}

/** What comes of a measurement; null where it is late. */
async function before(late: Promise<unknown> | undefined, measuring: Promise<Swept>): Promise<Swept | null> {
  const swept = await Promise.race([measuring, ...(late ? [late.then(() => null)] : [])]);
  // What it throws once nobody waits for it is nobody's.
  if (!swept) measuring.catch(() => {});
  return swept;
}

/** A class in a few words. */
export const nameOf = ({ op, shapes }: Pick<ShapeClass, 'op' | 'shapes'>): string => `${op} ${shapes}`;

function tunedClass({ key, op, shapes, models, flops }: ShapeClass, swept: Swept): TunedClass | null {
  const ways = swept.samples.get(key);
  if (!ways?.size) return null;
  const times = new Map([...ways].map(([id, ms]) => [id, least(ms)] as const));
  const [[likeliest, likely]] = times;
  const [[fastest, best]] = [...times].sort((one, other) => one[1] - other[1]);
  // As Tuning.learn has it.
  const chosen = best < CLEARLY * likely ? fastest : likeliest;
  const ms = times.get(chosen)!;
  return {
    key,
    op,
    shapes,
    models,
    likeliest,
    chosen,
    ms,
    ways: swept.count,
    tried: swept.tried,
    spread: rangeOf(ways.get(chosen)!).median / ms - 1,
    gflops: flops / ms / 1e6,
    ofBest: best / ms,
    likeliestOfBest: best / likely,
    times: Object.fromEntries(times),
  };
}
