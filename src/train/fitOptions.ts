// What `fit` is told: its options, and the rules that they are checked by.

import type { Engine, Step } from '../gpu/engine';
import type { Argument } from '../graph/host';
import { callable, count, listOf, object, oneOf, type Rule, type Rules, whole } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import type { Optimizer } from '../optim/optimizer';
import type { CurvePoint, FitState, Point } from './fitState';
import type { Resumable, Source } from './source';
import { ON_DEVICE_LOSS } from './survival';

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
  /**
   * Called before every step: where it gives a promise, what is under way is finished and told by `onProgress`, and
   * the step waits for it. So a page pauses a run, or looks at its model. Until then `save` has `onSave` called with
   * the run as it is before that step, unless it is saved already.
   */
  readonly beforeStep?: (step: number, save: () => Promise<void>) => Promise<void> | void;
  /** Called about ten times a second and at the end. */
  readonly onProgress?: (state: FitState, loss: number) => void;
  /** Called with every point that is kept of the curves, as soon as it is known; one that goes on repeats none. */
  readonly onPoint?: (point: CurvePoint) => void;
  /**
   * Called after evaluations, at the end, and when `beforeStep` asks for it; parameters and optimizer are those of
   * `state.step`. `improved`: they are the best so far.
   */
  readonly onSave?: (state: FitState, improved: boolean) => Promise<void>;
  /**
   * Ends the run when it is aborted: `onSave` gets what the last finished step left, and the signal's reason is
   * thrown. A run that goes on from there ends with the bits of one that was not stopped.
   */
  readonly signal?: StopSignal;
  /**
   * What becomes of a run whose device is lost (a driver that was reset, a GPU that was asleep). `reopen`, the default:
   * the device is opened again, states, optimizer, `source` and `others` are set back to the last save, or to a minute
   * ago, and the run ends with the bits of one that lost nothing. `stop`: the error of kind 'lost' is thrown, as it is
   * where `open` was given a device, and where two trainings share the engine.
   */
  readonly onDeviceLoss?: 'reopen' | 'stop';
  /** Called when the device was opened again, with what the loss was and the step from which the run goes on. */
  readonly onReopened?: (lost: Error, step: number) => void;
  /** From an earlier run, checked field by field; parameters and optimizer are loaded by the caller. */
  readonly resume?: FitState;
}

const always: Rule = (value) => value === Infinity || count(value);
const has = (value: unknown, ...names: readonly string[]): boolean =>
  object(value) === true && names.every((name) => typeof Reflect.get(value as object, name) === 'function');
const batches: Rule = (value) =>
  typeof value === 'function' ||
  has(value, 'next', 'save', 'restore') ||
  'a function of the step that returns its arguments, or what has next, save and restore';
const resumable: Rule = (value) => has(value, 'save', 'restore') || 'what has save and restore';

/** What each of them must be. */
export const FIT_RULES: Rules<FitOptions> = {
  engine: object,
  optimizer: object,
  step: callable,
  source: batches,
  steps: whole,
  learningRate: callable,
  evaluate: callable,
  evaluateEvery: always,
  patience: always,
  others: listOf(resumable),
  onProgress: callable,
  onPoint: callable,
  onSave: callable,
  beforeStep: callable,
  signal: object,
  onDeviceLoss: oneOf(ON_DEVICE_LOSS),
  onReopened: callable,
  resume: object,
};
