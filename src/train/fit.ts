// The training loop: steps, late reading of the loss, evaluation, learning-rate schedule, early stopping, and
// a state that can be saved at any step and continued bit for bit.

import type { Engine, Step } from '../gpu/engine';
import type { Reading } from '../gpu/replay/reading';
import type { Argument } from '../graph/host';
import { callable, checked, count, listOf, object, type Rule, type Rules, whole } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import type { Optimizer } from '../optim/optimizer';
import { Divergence } from './diverged';
import {
  fitState,
  freshState,
  note,
  sinceBest,
  type CurvePoint,
  type FitState,
  type Point,
} from './fitState';
import { batchesOf, restore, type Batches, type Resumable, type Source } from './source';

export { allEvaluations, bestOf, type CurvePoint, type FitState, type Point } from './fitState';
export type { Resumable, Source } from './source';

/** What is used of an AbortSignal, which not every project knows by this name. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** What `fit` trains, on what, and how long. */
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
  /** A number to make small, e.g. the validation loss; NaN ends the run. It may throw the signal's reason. */
  readonly evaluate?: () => Promise<number>;
  readonly evaluateEvery?: number;
  /** Stops after this many evaluations in a row without a new best; so stopped, a run stays stopped. */
  readonly patience?: number;
  /** What else must be saved and restored, e.g. dropout's generator. */
  readonly others?: readonly Resumable[];
  /** Called about ten times a second and at the end. */
  readonly onProgress?: (state: FitState, loss: number) => void;
  /** Called with every point that is kept of the curves, as soon as it is known; one that goes on repeats none. */
  readonly onPoint?: (point: CurvePoint) => void;
  /**
   * Called after evaluations and at the end; parameters and optimizer are those of `state.step`. `improved`: they are
   * the best so far.
   */
  readonly onSave?: (state: FitState, improved: boolean) => Promise<void>;
  /**
   * Ends the run when it is aborted: `onSave` gets what the last finished step left, and the signal's reason is
   * thrown. A run that goes on from there ends with the bits of one that was not stopped.
   */
  readonly signal?: StopSignal;
  /** From an earlier run, checked field by field; parameters and optimizer are loaded by the caller. */
  readonly resume?: FitState;
}

/** Steps that may be under way at once: the host prepares the next while the device works. */
const IN_FLIGHT = 3;
const PROGRESS_MS = 100;
/** Points kept of the loss curve, so that a checkpoint stays small. */
const MOST_POINTS = 400;

const always: Rule = (value) => value === Infinity || count(value);
const batches: Rule = (value) => typeof value === 'function' || object(value);

const RULES: Rules<FitOptions> = {
  engine: object,
  optimizer: object,
  step: callable,
  source: batches,
  steps: whole,
  learningRate: callable,
  evaluate: callable,
  evaluateEvery: always,
  patience: always,
  others: listOf(object),
  onProgress: callable,
  onPoint: callable,
  onSave: callable,
  signal: object,
  resume: object,
};

/**
 * Trains up to `steps`, or until patience ends. Throws a SeqgpuError of the kind 'diverged' at a loss that is not
 * finite, and the reason of `signal` where that is aborted.
 */
export async function fit(options: FitOptions): Promise<FitState> {
  checked('fit', options, RULES, 'engine', 'optimizer', 'step', 'source', 'steps');
  const state = options.resume ? fitState(options.resume, 'fit: resume') : freshState();
  if (state.step < options.steps) state.closing = null;
  return new Training(options, state, await Divergence.watch(options, state.step)).run();
}

/** A call of `fit`. */
class Training {
  private readonly source: Batches;
  private readonly resumables: readonly Resumable[];
  private readonly pending: { step: number; learningRate: number; reading: Reading }[] = [];
  private readonly before: number;
  private readonly start = performance.now();
  private shown = 0;
  private stride: number;
  /** The step of the last save. */
  private saved: number;

  constructor(
    private readonly options: FitOptions,
    private readonly state: FitState,
    private readonly divergence: Divergence,
  ) {
    this.source = batchesOf(options.source, state);
    this.resumables = [this.source, ...(options.others ?? [])];
    if (options.resume) restore(this.resumables, state.sources);
    this.before = state.seconds;
    this.stride = strideOf(state);
    this.saved = state.step;
  }

  async run(): Promise<FitState> {
    const { state, options } = this;
    const { steps, evaluate, evaluateEvery = Infinity, patience = Infinity, signal } = options;
    const due = () => state.step % evaluateEvery === 0;
    // A run that was stopped while it was measured.
    if (evaluate && state.step > 0 && this.unmeasured(due())) await this.close(due());
    while (state.step < steps && sinceBest(state) < patience) {
      if (signal?.aborted) await this.stop(signal);
      await this.step();
      if (due() || state.step === steps) await this.close(due());
    }
    return state;
  }

  private async step(): Promise<void> {
    const { state, options, divergence } = this;
    state.step++;
    if (options.learningRate) {
      options.optimizer.learningRate = options.learningRate(state.step, state.evaluations);
    }
    const batch = this.source.next();
    divergence.keep(state.step, batch);
    const { learningRate } = options.optimizer;
    this.pending.push({ step: state.step, learningRate, reading: options.step(...batch) });
    await this.settle(IN_FLIGHT - 1);
  }

  /** Reads losses until so many steps are under way. */
  private async settle(atMost: number): Promise<void> {
    const { state, pending, divergence, options } = this;
    while (pending.length > atMost) {
      const { step, learningRate, reading } = pending.shift()!;
      const loss = await reading.item();
      await divergence.refuseLoss(step, loss);
      this.count();
      if (step % this.stride === 0 || step === 1) {
        state.losses.push({ step, value: loss });
        options.onPoint?.({ step, seconds: state.seconds, loss, learningRate });
      }
      if (state.losses.length > MOST_POINTS) this.stride = thin(state, this.stride);
      if (performance.now() - this.shown > PROGRESS_MS || step === options.steps) {
        this.shown = performance.now();
        options.onProgress?.({ ...state, step }, loss);
        await divergence.refuseSkips();
      }
    }
  }

  /** Behind a step that is measured or the last: measures, and saves. */
  private async close(due: boolean): Promise<void> {
    const { state, divergence, options } = this;
    await this.settle(0);
    await divergence.refuseSkips();
    let improved = true;
    if (options.evaluate) {
      const value = await this.evaluate(options.evaluate);
      await divergence.refuseMeasure(state.step, value);
      improved = note(state, value, due);
      options.onPoint?.({ step: state.step, seconds: state.seconds, validation: value });
    }
    await this.save(improved);
  }

  private async evaluate(evaluate: () => Promise<number>): Promise<number> {
    const { signal } = this.options;
    try {
      return await evaluate();
    } catch (error) {
      if (signal?.aborted && error === signal.reason) await this.stop(signal);
      throw error;
    }
  }

  /** Whether the measure of the step where the run is, is not there yet. */
  private unmeasured(due: boolean): boolean {
    const { step, evaluations, closing } = this.state;
    return due ? evaluations.at(-1)?.step !== step : step === this.options.steps && !closing;
  }

  private async stop({ reason }: StopSignal): Promise<never> {
    await this.settle(0);
    await this.divergence.refuseSkips();
    if (this.saved < this.state.step) await this.save(false);
    throw reason;
  }

  private async save(improved: boolean): Promise<void> {
    const { state, options } = this;
    this.count();
    state.sources = this.resumables.map((one) => one.save());
    this.saved = state.step;
    await options.onSave?.(state, improved);
  }

  private count(): void {
    this.state.seconds = this.before + (performance.now() - this.start) / 1000;
  }
}

const strideOf = ({ losses }: FitState): number =>
  losses.length > 2 ? losses.at(-1)!.step - losses.at(-2)!.step : 1;

/** Keeps every second point. */
function thin(state: FitState, stride: number): number {
  state.losses = state.losses.filter(({ step }) => step % (stride * 2) === 0 || step === 1);
  return stride * 2;
}
