// What the parts of study `context`, chorales and text, have in common: a model's loss by the inputs that it is shown.

import type { Baseline, BaselineSettings } from '../baselines';
import type { Figure, Series } from '../../report/figure';
import type { Row } from '../../runs/study';
import type { Training } from '../../runs/training';
import type { Places } from '../truncatedText';

/** A training, and what the model is then shown. */
export interface ContextTraining {
  readonly training: Training;
  /** Trained on the last k inputs; otherwise on the whole past. */
  readonly k?: number;
  /** How many inputs it is then shown. */
  readonly measured?: readonly number[];
  /** Where on a text. */
  readonly at?: Places;
}

/** Counting on the same data, and where it is asked. */
export interface ContextBaselines extends BaselineSettings {
  readonly at?: Places;
}

/** What a cell of the study is made with. */
export type ContextSettings = ContextTraining | ContextBaselines;

/** What a training comes to. */
export interface ContextTrained {
  /** On the test split, with the parameters that were best on validation; null where it diverged. */
  readonly test: number | null;
  /** The same shown only so many inputs as `measured` says. */
  readonly truncated?: readonly (number | null)[];
  /** Parameters of a model of text. */
  readonly parameters?: number;
}

/** What counting comes to. */
export interface ContextCounted {
  readonly baselines: readonly Baseline[];
}

/** What a cell of the study comes to. */
export type ContextResult = ContextTrained | ContextCounted;

/** The training of this name among the results. */
export const trainedIn = (results: ReadonlyMap<string, ContextResult>, id: string): ContextTrained =>
  results.get(id) as ContextTrained;

/** A loss with k inputs in sight; null where it diverged. */
export type Point = readonly [k: number, value: number | null];

/** A model's loss by the number of inputs that it is shown. */
export interface Curve {
  readonly task: string;
  readonly model: string;
  /** `cut at test`, or how it was made to see k inputs while it was trained. */
  readonly how: string;
  readonly metric: string;
  readonly points: readonly Point[];
  /** With all inputs in sight; undefined of models that were trained for each k. */
  readonly whole?: number | null;
  readonly color: number;
}

/** What is found on one task. */
export interface Part {
  readonly remark: string;
  readonly curves: readonly Curve[];
  /** What counting on the same data comes to. */
  readonly counted: readonly (readonly [task: string, Counted])[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** What counting comes to on test. */
interface Counted {
  readonly name: string;
  readonly value: number;
  readonly metric: string;
}

const known = (points: readonly Point[]): [number, number][] =>
  points.flatMap(([k, value]) => (value === null ? [] : [[k, value] as [number, number]]));

/** What counts as no loss. */
const SLACK = 1.01;

/** The fewest inputs with which a model is as good as with all. */
export function enough({ points, whole }: Curve): number | null {
  return points.find(([, value]) => value !== null && value <= SLACK * (whole ?? NaN))?.[0] ?? null;
}

/**
 * `RNN with 3`, of those that are better than counting; of a model that is not, nothing is told of what it needs:
 * hardly anything is enough for a model that has hardly learned.
 */
export function enoughWords(curves: readonly Curve[], baseline: Baseline | undefined, value: number): string {
  const cut = curves.filter(({ whole }) => whole !== undefined);
  const learned = cut.filter(({ whole }) => whole !== null && whole! < value);
  const told = learned.map((curve) => {
    const k = enough(curve);
    return `${curve.model} ${k === null ? 'with none of these k' : `with the last ${k}`}`;
  });
  const others = cut.filter((curve) => !learned.includes(curve)).map(({ model }) => model);
  const name = baseline ? `${baseline.name} (${value.toPrecision(4)})` : 'counting';
  return [
    ...(told.length ? [`as good within 1 % as with all inputs: ${told.join('; ')}`] : []),
    ...(others.length
      ? [
          `${told.length ? 'no better than' : 'no model is better than'} ${name}, so that what they need says nothing` +
            `${told.length ? `: ${others.join(', ')}` : ''}`,
        ]
      : []),
  ].join('; ');
}

/** Solid: cut at test. Dashed: made so. */
export function seriesOf({ model, how, points, color }: Curve): Series {
  return { name: `${model}, ${how}`, points: known(points), color, dashed: how !== CUT };
}

/** The name of curves of models that were trained on all inputs. */
export const CUT = 'cut at test';

/** The rows of a curve: one for each k, and one with all inputs in sight. */
export function rowsOf({ task, model, how, metric, points, whole }: Curve): Row[] {
  const row = (setting: string, ours: number | null): Row => ({
    model,
    task,
    setting,
    metric,
    ours,
    n: 1,
    published: null,
  });
  const all = whole === undefined ? [] : [row('all inputs in sight', whole)];
  return [...all, ...points.map(([k, value]) => row(`${how}, k = ${k}`, value))];
}

/** The k that have a column: the rows and the pictures have them all. */
const SHOWN = [1, 2, 4, 8, 12, 16, 32];

/** A line for each curve, a column for each k. */
export function tableOf(curves: readonly Curve[], counted: readonly (readonly [string, Row])[]) {
  const all = [...new Set(curves.flatMap(({ points }) => points.map(([k]) => k)))];
  const ks = SHOWN.filter((k) => all.includes(k));
  const rows = curves.map(({ task, model, how, points, whole }) => [
    task,
    model,
    how,
    ...ks.map((k) => rounded(points.find(([at]) => at === k)?.[1] ?? null)),
    rounded(whole ?? null),
  ]);
  const baselines = counted.map(([task, { model, ours }]) => [
    task,
    model,
    'counted',
    ...ks.map(() => null),
    rounded(ours),
  ]);
  return {
    head: ['task', 'model', 'how', ...ks.map((k) => `k = ${k}`), 'all'],
    rows: [...rows, ...baselines],
  };
}

const rounded = (value: number | null): string | null => value?.toPrecision(4) ?? null;

/** The value, or null where it is no number: JSON has no NaN. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
