// All classes of launches under one budget of time: each gets a share of what is left, by how much of the work it does,
// and what there was no time for is named. What measures is handed in, and the clock too.

import { reasonOf } from '../../bench/parts';
import { rangeOf } from '../../bench/spread';
import { least, type Swept } from '../../gpu/look/sweep';
import { CLEARLY, TRIALS } from '../../graph/tuning';
import type { ShapeClass } from '../../runs/shapeClasses';

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
  /** Gets each class before it is measured, how many there are before it, and how many in all. */
  readonly onBegin?: (one: ShapeClass, done: number, all: number) => void;
}

/** Measures the ways of a class until `left` has nothing left behind so many ways, in seconds. */
export type MeasureClass = (one: ShapeClass, left: (tried: number) => number) => Promise<Swept>;

/** Measures classes in their order as long as there is time. */
export async function sweepClasses(
  classes: readonly ShapeClass[],
  measure: MeasureClass,
  { seconds, clock, late, onBegin }: SweepTime,
): Promise<SweptClasses> {
  const end = clock() + seconds;
  const tuned: TunedClass[] = [];
  const failed: string[] = [];
  // A class that does a hundredth of the work of another has a tenth of its time: it has as many ways.
  const shares = classes.map(({ weight }) => Math.sqrt(weight));
  for (const [i, one] of classes.entries()) {
    const now = clock();
    if (now >= end) return { classes: tuned, left: classes.slice(i), failed };
    onBegin?.(one, i, classes.length);
    const share = shares[i] / shares.slice(i).reduce((sum, part) => sum + part, 0);
    const own = now + share * (end - now);
    try {
      // A class of which next to nothing is tried has cost its time for nothing.
      const measuring = measure(one, (tried) => (tried < TRIALS ? end : own) - clock());
      const swept = await Promise.race([measuring, ...(late ? [late.then(() => null)] : [])]);
      if (!swept) {
        // What it throws once nobody waits for it is nobody's.
        measuring.catch(() => {});
        return { classes: tuned, left: classes.slice(i), failed };
      }
      const found = tunedClass(one, swept);
      if (found) tuned.push(found);
      else failed.push(`${nameOf(one)}: alone it is another launch, and was not measured.`);
    } catch (error) {
      failed.push(`${nameOf(one)}: ${reasonOf(error)}`);
    }
  }
  return { classes: tuned, left: [], failed };
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
