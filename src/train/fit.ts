// The training loop: steps, late reading of the loss, evaluation, learning-rate schedule, early stopping, and
// a state that can be saved at any step and continued bit for bit.

import type { Engine, Step } from '../gpu/engine';
import type { Reading } from '../gpu/reading';
import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { Optimizer } from '../optim/optimizer';

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
  evaluations: Point[];
  best: Point | null;
  sources: unknown[];
}

export interface FitOptions {
  readonly engine: Engine;
  readonly optimizer: Optimizer;
  /** Recorded with `engine.train`; gives the loss. */
  readonly step: Step<Tensor>;
  readonly source: Source;
  /** Train up to this step. */
  readonly steps: number;
  /** The learning rate of a step, counted from 1, after the evaluations so far. */
  readonly learningRate?: (step: number, evaluations: readonly Point[]) => number;
  /** A number to make small, e.g. the validation loss. */
  readonly evaluate?: () => Promise<number>;
  readonly evaluateEvery?: number;
  /** Stops after this many evaluations in a row without a new best. */
  readonly patience?: number;
  /** What else must be saved and restored, e.g. dropout's generator. */
  readonly others?: readonly Resumable[];
  /** Called about ten times a second and at the end. */
  readonly onProgress?: (state: FitState, loss: number) => void;
  /** Called after evaluations and at the end; parameters and optimizer are those of `state.step`. */
  readonly onSave?: (state: FitState, improved: boolean) => Promise<void>;
  /** From an earlier run; parameters and optimizer are loaded by the caller. */
  readonly resume?: FitState;
}

/** Steps that may be under way at once: the host prepares the next while the device works. */
const IN_FLIGHT = 3;
const PROGRESS_MS = 100;
/** Points kept of the loss curve, so that a checkpoint stays small. */
const MOST_POINTS = 400;

export async function fit(options: FitOptions): Promise<FitState> {
  const {
    optimizer,
    source,
    others = [],
    steps,
    evaluate,
    evaluateEvery = Infinity,
    patience = Infinity,
  } = options;
  const state = options.resume ?? freshState();
  const resumables: readonly Resumable[] = [source, ...others];
  if (options.resume) resumables.forEach((one, i) => one.restore(state.sources[i] as never));
  const pending: { step: number; reading: Reading }[] = [];
  const before = state.seconds;
  const start = performance.now();
  let shown = 0;
  let stride = strideOf(state);
  const settle = async (atMost: number): Promise<void> => {
    while (pending.length > atMost) {
      const { step, reading } = pending.shift()!;
      const loss = await reading.item();
      if (!Number.isFinite(loss)) notFinite(step, loss, optimizer);
      if (step % stride === 0 || step === 1) state.losses.push({ step, value: loss });
      if (state.losses.length > MOST_POINTS) stride = thin(state, stride);
      state.seconds = before + (performance.now() - start) / 1000;
      if (performance.now() - shown > PROGRESS_MS || step === steps) {
        shown = performance.now();
        options.onProgress?.({ ...state, step }, loss);
      }
    }
  };
  while (state.step < steps) {
    state.step++;
    if (options.learningRate) optimizer.learningRate = options.learningRate(state.step, state.evaluations);
    pending.push({ step: state.step, reading: options.step(...source.next()) });
    await settle(IN_FLIGHT - 1);
    const last = state.step === steps;
    if (!last && state.step % evaluateEvery !== 0) continue;
    await settle(0);
    let improved = !evaluate;
    if (evaluate) {
      const value = await evaluate();
      state.evaluations.push({ step: state.step, value });
      improved = !state.best || value < state.best.value;
      if (improved) state.best = { step: state.step, value };
    }
    state.seconds = before + (performance.now() - start) / 1000;
    state.sources = resumables.map((one) => one.save());
    await options.onSave?.(state, improved);
    if (sinceBest(state) >= patience) break;
  }
  return state;
}

const freshState = (): FitState => ({
  step: 0,
  seconds: 0,
  losses: [],
  evaluations: [],
  best: null,
  sources: [],
});

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

function notFinite(step: number, loss: number, { learningRate, clipNorm }: Optimizer): never {
  const clipping = clipNorm ? `clipNorm ${clipNorm}` : 'no clipping';
  fail(`fit: the loss is ${loss} at step ${step}.`, {
    kind: 'diverged',
    given: `learningRate ${learningRate}, ${clipping}`,
    fix: 'lower the learning rate, or set clipNorm (0.25 to 1).',
  });
}
