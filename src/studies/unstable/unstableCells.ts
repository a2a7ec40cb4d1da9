// The cells of study `unstable` and how each is computed: in doubles on the host, where float32 would overflow first.

import { Random } from '../../random';
import { descend, inputs, lastGradient, truncationError } from './linearSystem';
import type { Budget, Cell, Setup } from '../../runs/study';

interface Pointwise {
  readonly part: 'gradient' | 'truncation';
  readonly a: number;
  readonly at: readonly number[];
  readonly seed: number;
}

interface Descent {
  readonly part: 'descent';
  readonly a: number;
  readonly start: number;
  readonly T: number;
  readonly steps: number;
  readonly seed: number;
}

/** From how far below the target some fixed learning rate still works. */
interface Basin {
  readonly part: 'basin';
  readonly a: number;
  readonly T: number;
  readonly distances: readonly number[];
  readonly steps: number;
  readonly seed: number;
}

/** What a cell of the study is made with. */
export type UnstableSettings = Pointwise | Descent | Basin;

/** What a cell of the study comes to. */
export interface UnstableResult {
  /** One for each of `at`: gradients or errors, and what theory says. */
  readonly values?: readonly number[];
  readonly theory?: readonly number[];
  /** For each learning rate the last loss as a share of the first; null where it was not finite. */
  readonly shares?: readonly (number | null)[];
  /** With the best learning rate: [step, share of the first loss]. */
  readonly curve?: readonly (readonly [number, number])[];
  /** The farthest start, of those asked for, from which some learning rate works, as from all nearer ones; 0: none. */
  readonly width?: number;
}

/** The coefficients a, inside the stable regime and outside. */
export const COEFFICIENTS = [0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.5];
/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, { T: number; steps: number; basins: number[] }> = {
  small: { T: 60, steps: 500, basins: [10, 30, 60] },
  medium: { T: 100, steps: 5000, basins: [10, 20, 40, 60, 100] },
  full: { T: 200, steps: 50_000, basins: [10, 20, 40, 60, 100, 200] },
};
/** 10 to 1e-24 in half decades. */
export const RATES = Array.from({ length: 51 }, (_, i) => Number((10 ** (1 - i / 2)).toPrecision(3)));
/** A descent that leaves less than this of its first loss has worked. */
export const ENOUGH = 0.01;
/** Where the descents that are drawn start, below their target. */
export const DISTANCE = 0.3;
/** Below the target, to find how wide its basin is. */
export const DISTANCES = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
const LENGTHS = [1, 2, 3, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200];

/** The name of a cell. */
export const idOf = (part: UnstableSettings['part'], a: number, T?: number): string =>
  T === undefined ? `${part}/${a}` : `${part}/${a}/T-${T}`;

/** The cells of the study at a budget. */
export function cells({ budget, seed }: Setup): Cell<UnstableSettings>[] {
  const { T, steps, basins } = SIZES[budget];
  const lengths = LENGTHS.filter((t) => t <= T);
  return COEFFICIENTS.flatMap((a): Cell<UnstableSettings>[] => {
    const start = Number((a - DISTANCE).toFixed(6));
    return [
      { id: idOf('gradient', a), settings: { part: 'gradient', a, at: lengths, seed } },
      {
        id: idOf('truncation', a),
        settings: { part: 'truncation', a, at: lengths.filter((k) => k < T / 2), seed },
      },
      { id: idOf('descent', a), settings: { part: 'descent', a, start, T, steps, seed } },
      ...basins.map((length): Cell<UnstableSettings> => {
        const settings = { part: 'basin', a, T: length, distances: DISTANCES, steps, seed } as const;
        return { id: idOf('basin', a, length), settings };
      }),
    ];
  });
}

/** Computes a cell. */
export function measure(settings: UnstableSettings): UnstableResult {
  if (settings.part === 'descent') return descent(settings);
  return settings.part === 'basin' ? basin(settings) : pointwise(settings);
}

const random = (seed: number): Random => new Random(seed).fork('inputs');

function pointwise({ part, a, at, seed }: Pointwise): UnstableResult {
  if (part === 'gradient') {
    return { values: at.map((T) => lastGradient(a, T)), theory: at.map((T) => T * a ** (T - 1)) };
  }
  const x = inputs(2 * Math.max(...at), random(seed));
  return { values: at.map((k) => truncationError(a, k, x)), theory: at.map((k) => a ** k) };
}

/** The first ten steps, then two hundredths more each time: evenly spaced on a logarithmic axis. */
const isKept = (step: number): boolean =>
  step > 0 && (step <= 10 || Math.floor(50 * Math.log(step)) > Math.floor(50 * Math.log(step - 1)));

function descent({ a, start, T, steps, seed }: Descent): UnstableResult {
  const x = inputs(T, random(seed));
  const descents = RATES.map((learningRate) => descend({ target: a, start, learningRate, steps, x }).losses);
  const shares = descents.map((losses) => finite(losses.at(-1)! / losses[0]));
  const order = shares.map((share, i) => ({ share: share ?? Infinity, i })).sort((a, b) => a.share - b.share);
  const losses = descents[order[0].i];
  const curve = losses.flatMap((loss, step): [number, number][] =>
    isKept(step) || step === losses.length - 1 ? [[step, loss / losses[0]]] : [],
  );
  return { shares, curve };
}

function basin({ a, T, distances, steps, seed }: Basin): UnstableResult {
  const x = inputs(T, random(seed));
  const works = (start: number, learningRate: number) => {
    const { losses } = descend({ target: a, start, learningRate, steps, x });
    return losses.at(-1)! <= ENOUGH * losses[0];
  };
  return { width: basinWidth(distances, (far) => RATES.some((rate) => works(a - far, rate))) };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The last of the distances before the first at which nothing works; 0 where that is the first of all. */
export function basinWidth(distances: readonly number[], works: (distance: number) => boolean): number {
  const fails = distances.findIndex((distance) => !works(distance));
  return fails < 0 ? distances.at(-1)! : (distances[fails - 1] ?? 0);
}
