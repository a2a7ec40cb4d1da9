// What, with the task, decides every bit of a run: the model, the optimizer, how long, and the seed.

import type { LanguageSettings } from '../nn/languageModel';
import type { SequenceSettings } from '../nn/sequenceModel';

/** Of a language model only. */
type TextSettings = Partial<Pick<LanguageSettings, 'embedding' | 'tied' | 'inputBound' | 'cutoffs'>>;

export interface Recipe extends SequenceSettings, TextSettings {
  readonly optimizer: 'sgd' | 'adam' | 'adamw';
  readonly learningRate: number;
  /**
   * How the learning rate goes down: linear or cosine to zero over the run, or plateau, by four after every validation
   * without a new best. It stays unless given.
   */
  readonly schedule?: 'linear' | 'cosine' | 'plateau';
  readonly clipNorm?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  /** Adam's. */
  readonly betas?: readonly [number, number];
  /** Text only: whether the hidden state goes on from segment to segment. It does unless false. */
  readonly carry?: boolean;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly patience?: number;
  readonly seed: number;
}
