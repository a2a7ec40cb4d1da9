// What, with the task, decides every bit of a run: the model, the optimizer, how long, and the seed.

import { AUTHOR_CODE, PAPER_V4 } from '../optim/lstmBounds';
import type { LanguageSettings } from '../nn/languageModel';
import type { SequenceSettings } from '../nn/sequenceModel';
import type { TransformerSettings } from '../nn/transformerLM';

export { MODELS, type ModelName } from '../nn/bodies';

/** Both versions of Miller & Hardt's constants. */
export const PUBLISHED_BOUNDS = { 'author-code': AUTHOR_CODE, 'paper-v4': PAPER_V4 } as const;

/** Of a language model only. */
type TextSettings = Partial<Pick<LanguageSettings, 'embedding' | 'tied' | 'inputBound' | 'cutoffs'>> &
  Pick<TransformerSettings, 'smoothing'>;

/** The length of a sequence is the task's. */
export interface Recipe extends Omit<SequenceSettings, 'length'>, TextSettings {
  /** Of sound: what the model is told of a recording; both unless given. */
  readonly condition?: 'none' | 'digit' | 'speaker' | 'both';
  readonly optimizer: 'sgd' | 'adam' | 'adamw' | 'rmsprop';
  readonly learningRate: number;
  /**
   * How the learning rate goes down: linear or cosine to zero over the run; plateau, after every validation without
   * a new best; drop, to a tenth at half of the run; or warmup, first up in a line and then down with the root of
   * the step. It stays unless given.
   */
  readonly schedule?: 'linear' | 'cosine' | 'plateau' | 'drop' | 'warmup';
  /** What plateau multiplies it by; ¼ unless given. */
  readonly plateauFactor?: number;
  /** Steps of the way up; see learningRateOf. */
  readonly warmup?: number;
  /** The part of the rate that linear and cosine end at; default: 0. */
  readonly rateFloor?: number;
  readonly clipNorm?: number;
  readonly weightDecay?: number;
  /** Of sgd and rmsprop. */
  readonly momentum?: number;
  /** Of sgd with momentum: Nesterov's form. */
  readonly nesterov?: boolean;
  /** Adam's. */
  readonly betas?: readonly [number, number];
  /** λ of a stable RNN or LSTM, whose weights are projected after every update: see train/stable.ts. */
  readonly stable?: number;
  /** Of a stable LSTM: the published bounds in place of those for λ. */
  readonly bounds?: keyof typeof PUBLISHED_BOUNDS;
  /** Text only: whether the hidden state goes on from segment to segment. It does unless false. */
  readonly carry?: boolean;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly patience?: number;
  readonly seed: number;
}
