// The training loop: steps, late reading of the loss, evaluation, learning-rate schedule, early stopping, and
// a state that can be saved at any step and continued bit for bit.

import type { Engine, Step } from '../gpu/engine';
import type { Reading } from '../gpu/replay/reading';
import type { Argument, HostArray } from '../graph/host';
import { callable, checked, count, listOf, object, type Rule, type Rules, whole } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import type { Optimizer } from '../optim/optimizer';
import { Divergence } from './diverged';

/** Something whose position in a random stream or data order must survive a restart. */
export interface Resumable {
  save(): unknown;
  restore(saved: never): void;
}

/** Training batches, in an order that can be saved. */
export interface Source extends Resumable {
  next(): readonly HostArray[];
}

/** A point of a curve. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/** All that must be saved beside parameters and moments. JSON can hold it. */
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

export interface FitOptions {
  readonly engine: Engine;
  readonly optimizer: Optimizer;
  /** Recorded with `engine.train`; gives the loss. */
  readonly step: Step<Tensor>;
  /** The batches; as a function, of the step, counted from 1, alone, so that a run that goes on sees the same. */
  readonly source: Source | ((step: number) => readonly Argument[]);
  /** Train up to this step. */
  readonly steps: number;
  /** The learning rate of a step, counted from 1, after the evaluations so far. */
  readonly learningRate?: (step: number, evaluations: readonly Point[]) => number;
  /** A number to make small, e.g. the validation loss. */
  readonly evaluate?: () => Promise<number>;
  readonly evaluateEvery?: number;
  /** Stops after this many evaluations in a row without a new best; so stopped, a run stays stopped. */
  readonly patience?: number;
  /** What else must be saved and restored, e.g. dropout's generator. */
  readonly others?: readonly Resumable[];
  /** Called about ten times a second and at the end. */
  readonly onProgress?: (state: FitState, loss: number) => void;
  /**
   * Called after evaluations and at the end; parameters and optimizer are those of `state.step`. `improved`: they are
   * the best so far.
   */
  readonly onSave?: (state: FitState, improved: boolean) => Promise<void>;
  /** From an earlier run; parameters and optimizer are loaded by the caller. */
  readonly resume?: FitState;
}

/** What a run that goes on takes up again. */
interface Batches extends Resumable {
  next(): readonly Argument[];
}

/** Steps that may be under way at once: the host prepares the next while the device works. */
const IN_FLIGHT = 3;
const PROGRESS_MS = 100;
/** Points kept of the loss curve, so that a checkpoint stays small. */
const MOST_POINTS = 400;

const always: Rule = (value) => value === Infinity || count(value);
const batches: Rule = (value) => typeof value === 'function' || object(value);

const RULES: Rules<FitOptions> = {
  ...{ engine: object, optimizer: object, step: callable, source: batches, steps: whole },
  ...{ learningRate: callable, evaluate: callable, evaluateEvery: always, patience: always },
  ...{ others: listOf(object), onProgress: callable, onSave: callable, resume: object },
};

/**
 * Trains up to `steps`, or until patience ends. Throws a SeqgpuError of the kind 'diverged' at a loss that is not
 * finite.
 */
export async function fit(options: FitOptions): Promise<FitState> {
  const {
    optimizer,
    others = [],
    steps,
    evaluate,
    evaluateEvery = Infinity,
    patience = Infinity,
  } = checked('fit', options, RULES, 'engine', 'optimizer', 'step', 'source', 'steps');
  const state = options.resume ?? freshState();
  if (state.step < steps) state.closing = null;
  const source = batchesOf(options.source, state);
  const resumables: readonly Resumable[] = [source, ...others];
  if (options.resume) resumables.forEach((one, i) => one.restore(state.sources[i] as never));
  const pending: { step: number; reading: Reading }[] = [];
  const before = state.seconds;
  const start = performance.now();
  let shown = 0;
  let stride = strideOf(state);
  const divergence = await Divergence.watch(options, state.step);
  const settle = async (atMost: number): Promise<void> => {
    while (pending.length > atMost) {
      const { step, reading } = pending.shift()!;
      const loss = await reading.item();
      await divergence.refuseLoss(step, loss);
      if (step % stride === 0 || step === 1) state.losses.push({ step, value: loss });
      if (state.losses.length > MOST_POINTS) stride = thin(state, stride);
      state.seconds = before + (performance.now() - start) / 1000;
      if (performance.now() - shown > PROGRESS_MS || step === steps) {
        shown = performance.now();
        options.onProgress?.({ ...state, step }, loss);
        await divergence.refuseSkips();
      }
    }
  };
  while (state.step < steps && sinceBest(state) < patience) {
    state.step++;
    if (options.learningRate) optimizer.learningRate = options.learningRate(state.step, state.evaluations);
    const batch = source.next();
    divergence.keep(state.step, batch);
    pending.push({ step: state.step, reading: options.step(...batch) });
    await settle(IN_FLIGHT - 1);
    const due = state.step % evaluateEvery === 0;
    if (!due && state.step < steps) continue;
    await settle(0);
    await divergence.refuseSkips();
    const improved = evaluate ? note(state, await evaluate(), due) : true;
    state.seconds = before + (performance.now() - start) / 1000;
    state.sources = resumables.map((one) => one.save());
    await options.onSave?.(state, improved);
  }
  return state;
}

function batchesOf(source: FitOptions['source'], state: FitState): Batches {
  if (typeof source !== 'function') return source;
  return { next: () => source(state.step), save: () => null, restore: () => {} };
}

const freshState = (): FitState => ({
  step: 0,
  seconds: 0,
  losses: [],
  evaluations: [],
  best: null,
  closing: null,
  sources: [],
});

/** Writes an evaluation down; whether it is the best so far. */
function note(state: FitState, value: number, due: boolean): boolean {
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
const sinceBest = ({ evaluations, best }: FitState): number =>
  evaluations.filter(({ step }) => step > (best?.step ?? Infinity)).length;

const strideOf = ({ losses }: FitState): number =>
  losses.length > 2 ? losses.at(-1)!.step - losses.at(-2)!.step : 1;

/** Keeps every second point. */
function thin(state: FitState, stride: number): number {
  state.losses = state.losses.filter(({ step }) => step % (stride * 2) === 0 || step === 1);
  return stride * 2;
}
