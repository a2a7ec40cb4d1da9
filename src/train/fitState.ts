// The state of a training: what must be saved beside parameters and moments, so that it goes on bit for bit; and the
// check of one that comes from elsewhere, field by field.

import { fail, shown } from '../graph/check';

/** A point of a curve. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** A point of the curves with what belongs to it: a loss and its learning rate, or what `evaluate` gave. */
export type CurvePoint = { readonly step: number; readonly seconds: number } & (
  | { readonly loss: number; readonly learningRate: number }
  | { readonly validation: number }
);

/** All that must be saved beside parameters and moments. A checkpoint can hold it, as `progress`. */
export interface FitState {
  step: number;
  seconds: number;
  losses: Point[];
  /** Every `evaluateEvery` steps. */
  evaluations: Point[];
  /** The smallest of the evaluations. */
  best: Point | null;
  /**
   * The evaluation behind the last step, where none is due: part of what came of the run, and forgotten by one that
   * goes on, so that it goes on as if it had never stopped.
   */
  closing: Point | null;
  sources: unknown[];
}

/** The state of a training that has not begun. */
export const freshState = (): FitState => ({
  step: 0,
  seconds: 0,
  losses: [],
  evaluations: [],
  best: null,
  closing: null,
  sources: [],
});

/** Writes an evaluation down; whether it is the best so far. */
export function note(state: FitState, value: number, due: boolean): boolean {
  const point = { step: state.step, value };
  const improved = !state.best || value < state.best.value;
  if (!due) state.closing = point;
  else state.evaluations.push(point);
  if (due && improved) state.best = point;
  return improved;
}

/** All evaluations, with the one behind the last step. */
export const allEvaluations = ({ evaluations, closing }: FitState): readonly Point[] =>
  closing ? [...evaluations, closing] : evaluations;

/** The smallest of all, the earliest of equal ones. */
export const bestOf = ({ best, closing }: FitState): Point | null =>
  closing && (!best || closing.value < best.value) ? closing : best;

/** Evaluations in a row that brought no new best. */
export const sinceBest = ({ evaluations, best }: FitState): number =>
  evaluations.filter(({ step }) => step > (best?.step ?? Infinity)).length;

/** The state of a training that was saved, every field checked; `where` names it in errors. */
export function fitState(saved: unknown, where: string): FitState {
  const wrong = (field: string, value: unknown, wanted: string): never =>
    fail(`${where}: ${field} is ${shown(value)}, not ${wanted}.`, {
      fix: 'it was changed or is damaged; use another copy.',
    });
  if (!isRecord(saved)) return wrong('the state of the training', saved, 'an object');
  const { step, seconds, losses, evaluations, best, closing, sources } = saved;
  if (!isStep(step)) return wrong('step', step, 'a count of steps');
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds === Infinity) {
    return wrong('seconds', seconds, 'a time of at least 0');
  }
  const pointsOf = (field: string, value: unknown): Point[] => {
    if (!Array.isArray(value)) return wrong(field, value, 'a list of points');
    const points = value.map((point, i) => pointOf(`${field}[${i}]`, point));
    const late = points.findIndex(
      (point, i) => point.step > step || point.step <= (points[i - 1]?.step ?? 0),
    );
    if (late >= 0) wrong(`${field}[${late}].step`, points[late].step, `between the one before and ${step}`);
    return points;
  };
  const pointOf = (field: string, point: unknown): Point => {
    if (!isRecord(point)) return wrong(field, point, 'a point');
    // JSON alone, in which a state was saved once, has null for what is not finite.
    const value = point.value === null ? NaN : point.value;
    if (!isStep(point.step)) return wrong(`${field}.step`, point.step, 'a count of steps');
    return typeof value === 'number'
      ? { step: point.step, value }
      : wrong(`${field}.value`, value, 'a number');
  };
  const list = pointsOf('evaluations', evaluations);
  const chosen = best === null ? null : pointOf('best', best);
  const among = !chosen || list.some((one) => one.step === chosen.step && Object.is(one.value, chosen.value));
  if (!among) wrong('best', chosen, 'one of the evaluations');
  const last = closing === null ? null : pointOf('closing', closing);
  if (last && last.step !== step) wrong('closing.step', last.step, `${step}, where the run is`);
  if (!Array.isArray(sources)) return wrong('sources', sources, 'a list');
  return {
    step,
    seconds,
    losses: pointsOf('losses', losses),
    evaluations: list,
    best: chosen,
    closing: last,
    sources,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStep = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
