// What the parts of study `context`, chorales and text, have in common.

import type { Training } from '../../runs/training';
import type { Places } from '../truncatedText';

export interface Settings {
  readonly training: Training;
  /** Trained on the last k inputs; otherwise on the whole past. */
  readonly k?: number;
  /** How many inputs it is then shown. */
  readonly measured?: readonly number[];
  /** Of text: where. */
  readonly at?: Places;
}

export interface Measured {
  /** On the test split, with the parameters that were best on validation; null where it diverged. */
  readonly test: number | null;
  /** The same shown only so many inputs as `measured` says. */
  readonly truncated?: readonly (number | null)[];
  /** Of text. */
  readonly parameters?: number;
}

export type Point = readonly [k: number, value: number | null];

export const known = (points: readonly Point[]): [number, number][] =>
  points.flatMap(([k, value]) => (value === null ? [] : [[k, value] as [number, number]]));

/** What counts as no loss. */
const SLACK = 1.01;

/** The fewest inputs with which a model is as good as with its whole past. */
export function enough(points: readonly Point[], whole: number | null): number | null {
  return points.find(([, value]) => value !== null && value <= SLACK * (whole ?? NaN))?.[0] ?? null;
}

/** `with 3`. */
export function enoughWords(points: readonly Point[], whole: number | null): string {
  const k = enough(points, whole);
  return k === null ? 'with none of these k' : `with ${k}`;
}

export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
