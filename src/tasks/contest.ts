// How models of equal size are compared on a task, as data: study `shootout` has every task that says so.

import type { Budget } from '../spec/budget';
import type { Options, OptionsOf } from '../spec/option';
import type { Preset } from './preset';

type Chosen<O extends Options> = Partial<Preset<O>>;

/** What a model is trained with: shapes as its paper has them, and learning rates of which validation chooses. */
export type Shape<O extends Options = Options> = Chosen<O> & {
  readonly rates: Readonly<Record<Budget, readonly number[]>>;
};

/** One rate that is known to do at the small budget; it and its neighbour at the others. */
export const rates = (rate: number, other: number): Shape['rates'] => ({
  small: [rate],
  medium: [rate, other],
  full: [rate, other, rate / 4],
});

/** Rates that pilots begin with; these go on to either side while the best is an end. */
export const around = (rate: number): Shape['rates'] => {
  const rates = [rate / 2, rate, 2 * rate];
  return { small: rates, medium: rates, full: rates };
};

/** How large models are at a budget, and for how long they train. */
export type Size<O extends Options = Options> = Partial<OptionsOf<O>> & {
  /** Parameters that every model has about. */
  readonly parameters: number;
  /** Columns of a Transformer: a multiple of 16, for four heads; what fits is the width of its feed-forward nets. */
  readonly columns: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly evaluateEvery: number;
  /** Short trainings that choose the learning rate; default: every rate is trained in full. */
  readonly pilot?: Pilot<O>;
  /**
   * The share by which a pilot may be worse than the best and not be told apart from it: its rate is trained in full,
   * too, and validation chooses. Default: 0.
   */
  readonly ties?: number;
  /** Seeds of each model, of which a table has mean and spread; default: 1. */
  readonly seeds?: number;
};

/** What a training that only chooses a learning rate has in place of the contest's. */
export type Pilot<O extends Options = Options> = Partial<OptionsOf<O>> & { readonly steps: number };

/** What is compared, and how. */
export interface Contest<O extends Options = Options> {
  /** The contest's name, of which its cells have theirs, e.g. `text` of `text/lstm`. */
  readonly name: string;
  /** The contest in headings. */
  readonly title: string;
  /** What a sequence of it is made of. */
  readonly inputs: string;
  /** The models that take part; default: all that read the task. */
  readonly models?: readonly string[];
  /** What all models train with. */
  readonly base: Chosen<O> & { readonly batch: number };
  /** What each model trains with besides; one that is not named, with what it starts with everywhere. */
  readonly shapes: Readonly<Record<string, Shape<O>>>;
  /** By budget; one that is not named has no such contest. */
  readonly sizes: Readonly<Partial<Record<Budget, Size<O>>>>;
  /** Numbers of inputs that a model is shown, from one to all that the comparison is about. */
  readonly sights: readonly number[];
  /** What models are built for: channels in and out of vectors; symbols of a text; and the most steps of a sequence. */
  readonly built: {
    readonly channels?: readonly [inputs: number, outputs: number];
    readonly vocabulary?: number;
    readonly longest: number;
  };
}

/** What all contests train with. */
export const CONTEST_ADAM = { optimizer: 'adam', clipNorm: 1, schedule: 'linear' } as const;
/**
 * Where embeddings of characters start, in place of the tenth that the published loops for words have: as those of a
 * WaveNet and of a Transformer do. With a tenth an LSTM has hardly begun to learn when these are half done.
 */
export const CONTEST_EMBEDDING = { embeddingDeviation: 1 } as const;
/** What Transformers train with. */
export const CONTEST_ATTENTION = {
  norm: 'pre',
  heads: 4,
  schedule: 'warmup',
  betas: [0.9, 0.98],
} as const;
