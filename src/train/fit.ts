// The training loop: steps, late reading of the loss, evaluation, learning-rate schedule, early stopping, and
// a state that can be saved at any step and continued bit for bit.

import type { Reading } from '../gpu/replay/reading';
import { fail } from '../graph/check';
import { checked } from '../graph/options';
import { Divergence } from './diverged';
import { FIT_RULES, type FitOptions, type StopSignal } from './fitOptions';
import { fitState, freshState, note, sinceBest, type FitState } from './fitState';
import { checkBatch, checkLoss, checkMeasure } from './given';
import { batchesOf, restore, type Batches, type Resumable } from './source';
import { Survival } from './survival';

export type { FitOptions } from './fitOptions';
export { allEvaluations, bestOf, type CurvePoint, type FitState, type Point } from './fitState';
export type { Resumable, Source } from './source';

/** Steps that may be under way at once: the host prepares the next while the device works. */
const IN_FLIGHT = 3;
const PROGRESS_MS = 100;
/** Points kept of the loss curve, so that a checkpoint stays small. */
const MOST_POINTS = 400;

/**
 * Trains up to `steps`, or until patience ends. Throws a SeqgpuError of the kind 'diverged' at a loss that is not
 * finite, one of the kind 'lost' where the device is gone for good, and the reason of `signal` where that is aborted.
 */
export async function fit(options: FitOptions): Promise<FitState> {
  checked('fit', options, FIT_RULES, 'engine', 'optimizer', 'step', 'source', 'steps');
  const first = options.resume ? fitState(options.resume, 'fit: resume') : freshState();
  if (first.step < options.steps) first.closing = null;
  const survival = new Survival(options, first);
  return survival.run(first, async (state) => {
    const again = state !== first || options.resume !== undefined;
    const training = new Training(
      options,
      state,
      survival,
      await Divergence.watch(options, state.step),
      again,
    );
    return training.run();
  });
}

/** A call of `fit`, until its end or until the device is lost. */
class Training {
  private readonly source: Batches;
  private readonly resumables: readonly Resumable[];
  private readonly pending: { step: number; learningRate: number; reading: Reading }[] = [];
  private shown = 0;
  private stride: number;

  constructor(
    private readonly options: FitOptions,
    private readonly state: FitState,
    private readonly survival: Survival,
    private readonly divergence: Divergence,
    again: boolean,
  ) {
    this.source = batchesOf(options.source, state);
    this.resumables = [this.source, ...(options.others ?? [])];
    if (again) restore(this.resumables, state.sources);
    this.stride = strideOf(state);
  }

  async run(): Promise<FitState> {
    const { state, options, survival } = this;
    const { steps, evaluate, evaluateEvery = Infinity, patience = Infinity, signal } = options;
    const due = () => state.step % evaluateEvery === 0;
    if (survival.due) await this.keep();
    // A run that was stopped while it was measured.
    if (evaluate && state.step > 0 && this.unmeasured(due())) await this.close(due());
    while (state.step < steps && sinceBest(state) < patience) {
      await this.hold();
      if (signal?.aborted) await this.stop(signal);
      if (survival.due) await this.keep();
      await this.step();
      if (due() || state.step === steps) await this.close(due());
    }
    return state;
  }

  /** Asks `beforeStep`; where it holds the run, what is under way is finished, and can be saved. */
  private async hold(): Promise<void> {
    const { beforeStep } = this.options;
    if (!beforeStep) return;
    let held = true;
    let settled: Promise<void> | undefined;
    let saved: Promise<void> | undefined;
    const settle = () => (settled ??= this.settle(0, true));
    const write = async () => {
      await settle();
      await this.divergence.refuseSkips();
      if (this.survival.saved < this.state.step) await this.save(false);
    };
    const save = async () => {
      if (!held) fail('fit: the run that beforeStep was to save goes on already.', { fix: 'await save().' });
      await (saved ??= write());
    };
    const ready = beforeStep(this.state.step + 1, save);
    if (ready) await Promise.all([settle(), ready]);
    held = false;
  }

  private async step(): Promise<void> {
    const { state, options, divergence } = this;
    state.step++;
    if (options.learningRate) {
      options.optimizer.learningRate = options.learningRate(state.step, state.evaluations);
    }
    const batch = this.source.next();
    checkBatch(batch);
    divergence.keep(state.step, batch);
    const { learningRate } = options.optimizer;
    const reading = options.step(...batch);
    checkLoss(reading);
    this.pending.push({ step: state.step, learningRate, reading });
    await this.settle(IN_FLIGHT - 1);
  }

  /** Reads losses until so many steps are under way. `told`: also where the last progress was a moment ago. */
  private async settle(atMost: number, told = false): Promise<void> {
    const { state, pending, divergence, options } = this;
    while (pending.length > atMost) {
      const { step, learningRate, reading } = pending.shift()!;
      const loss = await reading.item();
      await divergence.refuseLoss(step, loss);
      this.count();
      if (step % this.stride === 0 || step === 1) {
        state.losses.push({ step, value: loss });
        this.survival.tell({ step, seconds: state.seconds, loss, learningRate });
      }
      if (state.losses.length > MOST_POINTS) this.stride = thin(state, this.stride);
      const last = step === options.steps || (told && !pending.length);
      if (last || performance.now() - this.shown > PROGRESS_MS) {
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
      this.survival.tell({ step: state.step, seconds: state.seconds, validation: value });
    }
    await this.save(improved);
  }

  private async evaluate(evaluate: () => Promise<number>): Promise<number> {
    const { signal } = this.options;
    try {
      const value = await evaluate();
      checkMeasure(value);
      return value;
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
    if (this.survival.saved < this.state.step) await this.save(false);
    throw reason;
  }

  private async save(improved: boolean): Promise<void> {
    const { state, options, survival } = this;
    this.count();
    state.sources = this.resumables.map((one) => one.save());
    await options.onSave?.(state, improved);
    survival.saved = state.step;
    await survival.keep(state);
  }

  /** What goes on from here if the device is lost. */
  private async keep(): Promise<void> {
    await this.settle(0);
    await this.divergence.refuseSkips();
    this.state.sources = this.resumables.map((one) => one.save());
    await this.survival.keep(this.state);
  }

  private count(): void {
    this.state.seconds = this.survival.seconds;
  }
}

const strideOf = ({ losses }: FitState): number =>
  losses.length > 2 ? losses.at(-1)!.step - losses.at(-2)!.step : 1;

/** Keeps every second point. */
function thin(state: FitState, stride: number): number {
  state.losses = state.losses.filter(({ step }) => step % (stride * 2) === 0 || step === 1);
  return stride * 2;
}
