// A training whose device is lost opens it again and goes on from where it last kept all that it is made of: states,
// which the engine keeps, and what is counted on the host.

import type { Engine } from '../gpu/engine';
import { keepStates, reopen } from '../gpu/reopen';
import { fail, SeqgpuError } from '../graph/check';
import type { Optimizer } from '../optim/optimizer';
import type { CurvePoint, FitState } from './fitState';
import { readJson, writeJson } from './json';

/** What becomes of a training whose device is lost: see FitOptions. */
export const ON_DEVICE_LOSS = ['reopen', 'stop'] as const;

/** What a training that survives is made of, see FitOptions. */
export interface Mortal {
  readonly engine: Engine;
  readonly optimizer: Optimizer;
  readonly onDeviceLoss?: (typeof ON_DEVICE_LOSS)[number];
  readonly onReopened?: (lost: Error, step: number) => void;
  readonly onPoint?: (point: CurvePoint) => void;
}

/** A minute of work is lost at most, whatever is saved; where losses come more often, half of what the last cost. */
const KEEP_MS = 60_000;
/** Losses in a row behind the same step: then it is the work itself that the device does not survive. */
const MOST_LOSSES = 5;

/** Trainings that are under way on an engine: keeping the states of one would take the other's along. */
const underWay = new WeakMap<Engine, number>();

/** What a call of `fit` has kept, and how it goes on from there. */
export class Survival {
  /** The step of the last save. */
  saved: number;
  private kept?: { readonly state: FitState; readonly updates: number; readonly rate: number };
  private keptAt = -Infinity;
  private keepMs = KEEP_MS;
  private inARow = 0;
  private readonly told = { loss: 0, validation: 0 };
  private readonly start = performance.now();
  private readonly before: number;

  constructor(
    private readonly mortal: Mortal,
    { step, seconds }: FitState,
  ) {
    this.saved = step;
    this.before = seconds;
  }

  /** Seconds of the training, with what was lost of it and what went before. */
  get seconds(): number {
    return this.before + (performance.now() - this.start) / 1000;
  }

  /** Runs lives of a training until one comes to its end. */
  async run<T>(state: FitState, live: (state: FitState) => Promise<T>): Promise<T> {
    const { engine } = this.mortal;
    const count = (by: number) => underWay.set(engine, (underWay.get(engine) ?? 0) + by);
    count(1);
    try {
      for (let now = state; ;) {
        try {
          return await live(now);
        } catch (error) {
          now = await this.recover(error);
        }
      }
    } finally {
      count(-1);
    }
  }

  /** Hands on points of the curves, those of steps that are made again once. */
  tell(point: CurvePoint): void {
    const kind = 'loss' in point ? 'loss' : 'validation';
    if (point.step <= this.told[kind]) return;
    this.told[kind] = point.step;
    this.mortal.onPoint?.(point);
  }

  /** Whether enough has been done since the last time to keep it. */
  get due(): boolean {
    return this.keeps && performance.now() - this.keptAt > this.keepMs;
  }

  /** Keeps all as it is, behind a step whose results are there. */
  async keep(state: FitState): Promise<void> {
    if (!this.keeps) return;
    const { engine, optimizer } = this.mortal;
    await keepStates(engine);
    if (state.step !== this.kept?.state.step) this.inARow = 0;
    this.keepMs = Math.min(KEEP_MS, 2 * this.keepMs);
    this.kept = { state: copyOf(state), updates: optimizer.steps, rate: optimizer.learningRate };
    this.keptAt = performance.now();
  }

  private get keeps(): boolean {
    const { engine, onDeviceLoss = 'reopen' } = this.mortal;
    return onDeviceLoss === 'reopen' && engine.canReopen;
  }

  /** The state from which the training goes on, on a device that was opened again; throws what is no loss. */
  private async recover(error: unknown): Promise<FitState> {
    const { kept } = this;
    const { engine, optimizer, onReopened } = this.mortal;
    if (!kept || !isLoss(error, engine) || underWay.get(engine) !== 1) throw error;
    const state = copyOf(kept.state);
    if (++this.inARow > MOST_LOSSES) {
      fail(`fit: the device was lost ${this.inARow} times in a row behind step ${state.step}.`, {
        given: error.message.split('\n')[0],
        fix: 'a step may be more than it can do: take smaller batches or a smaller model.',
        kind: 'lost',
      });
    }
    this.keepMs = Math.min(this.keepMs, (performance.now() - this.keptAt) / 2);
    await reopen(engine);
    this.keptAt = performance.now();
    optimizer.steps = kept.updates;
    optimizer.learningRate = kept.rate;
    onReopened?.(error, state.step);
    return { ...state, seconds: this.seconds };
  }
}

/** A copy that nobody else changes: a state is what a checkpoint can hold. */
const copyOf = (state: FitState): FitState => readJson(writeJson(state)) as FitState;

const isLoss = (error: unknown, engine: Engine): error is Error =>
  error instanceof Error && ((error instanceof SeqgpuError && error.kind === 'lost') || engine.isLost);

/** Does something that can be done twice, and again where the device was lost meanwhile and can be opened again. */
export async function surviving<T>(
  engine: Engine,
  onDeviceLoss: Mortal['onDeviceLoss'],
  work: () => Promise<T>,
): Promise<T> {
  for (let losses = 1; ; losses++) {
    try {
      return await work();
    } catch (error) {
      const goesOn = onDeviceLoss !== 'stop' && engine.canReopen && losses <= MOST_LOSSES;
      if (!goesOn || !isLoss(error, engine)) throw error;
      await reopen(engine);
    }
  }
}
