// What a model declares. A new one is a file in this folder that calls `defineModel`, and a line in index.ts: help,
// flags, settings, searches and studies have it then.
//
//   export const mine = defineModel({
//     name: 'mine', title: 'Mine', about: 'what it is, in a line', family: 'feed-forward',
//     options: { ...SIZE, ...DROPOUT, width: { kind: 'count', help: 'of its …' } },
//     body: { make: (inputs, { hidden, levels, width }, generator) => …, field: ({ levels }) => … },
//     start: { hidden: 32, levels: 2, learningRate: 5e-3 },
//   });
//
// A body alone is enough for tasks of vectors, text and sound: of text it becomes embedding → body → softmax, of sound
// embedding → body → linear. `text` and `sound` are for models that have ways of their own there. What translates has
// `pairs`, with a body beside it or alone: a task is refused to a model that does not read what it gives.

import { fail } from '../graph/check';
import type { Body, FieldSettings } from '../nn/bodies';
import type { ConvLanguageModel } from '../nn/convLanguageModel';
import type { LanguageModel } from '../nn/languageModel';
import type { TransformerLM } from '../nn/transformer/transformerLM';
import type { Longest, TranslationModel, Vocabularies } from '../nn/translation/translator';
import type { Option, Options, OptionsOf, Values } from '../spec/option';
import { BodyLM } from './bodyLM';
import type { Made } from './made';
import { CONDITION, EMBEDDING, INPUT_DROPOUT, LEAD } from './options';
import { SoundModel, type SoundOptions } from './soundModel';

/**
 * What a task gives to a model: vectors [B, T, C], token ids [B, T], μ-law codes of samples [B, T], or pairs of
 * sentences, token ids [B, S] and [B, T].
 */
export type Reads = 'vectors' | 'text' | 'sound' | 'pairs';

/** A model of ids [B, T]: a distribution over the next token at every step. */
export type TextModel = LanguageModel | TransformerLM | ConvLanguageModel;

interface Size extends Option {
  readonly kind: 'count';
  readonly required: true;
}

/** Every model has a width and a depth, so that models of equal size can be looked for. */
export type ModelOptions = Options & { readonly hidden: Size; readonly levels: Size };

/** Its options on one kind of task, besides those that it has on all. */
interface On<O extends Options> {
  readonly options: O;
}

interface OnVectors<V extends Options> extends On<V> {
  /** What stands between input and head; see nn/bodies. */
  readonly body: Body;
}

interface OnText<M, T extends Options> extends On<T> {
  /** `bptt`: the most steps that it reads at once. */
  make(vocabulary: number, settings: Made & M & OptionsOf<T>, bptt: number): TextModel;
}

interface OnSound<M, S extends Options> extends On<S> {
  make(settings: Made & M & OptionsOf<S>, options: SoundOptions): SoundModel;
}

interface OnPairs<M, P extends Options> extends On<P> {
  make(vocabularies: Vocabularies, settings: Made & M & OptionsOf<P>, longest: Longest): TranslationModel;
}

interface Declared<N extends string, O extends Options> {
  /** What it is called in commands and files. */
  readonly name: N;
  /** What it is called in headings. */
  readonly title: string;
  /** What it is, in a line of help. */
  readonly about: string;
  /** Whether what it knows of the past is a state, or the inputs that it sees. */
  readonly family: 'recurrent' | 'feed-forward';
  /** The options that it has on every task. */
  readonly options: O;
  /** Why it has no use for an option of other models, by the option's name: shown as what to do instead. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** The settings of a wider model, which has about as many `columns` as others; default: `hidden`, the width. */
  widened?(width: number, columns: number): Values;
  /** Fails where its settings do not go together, beyond what its options say for themselves. */
  check?(settings: Values): void;
}

/** What a model begins with where a task has no preset for it: its width, its depth, and more. */
export type ModelStart = { readonly hidden: number; readonly levels: number } & Values;

/** A model of a table: what it declares, and its options on tasks that read each kind of thing that it can read. */
export interface ModelSpec<
  N extends string = string,
  O extends Options = Options,
  V extends Options = Options,
  T extends Options = Options,
  S extends Options = Options,
  P extends Options = Options,
> extends Declared<N, O> {
  readonly start: ModelStart;
  readonly on: {
    readonly vectors?: OnVectors<V>;
    readonly text?: OnText<OptionsOf<O>, T>;
    readonly sound?: OnSound<OptionsOf<O>, S>;
    readonly pairs?: OnPairs<OptionsOf<O>, P>;
  };
}

const VECTORS = INPUT_DROPOUT;
const TEXT = { ...EMBEDDING, ...INPUT_DROPOUT, ...LEAD };
/** The options on sound of a model that has no way of its own there. */
export const SOUND = { ...EMBEDDING, ...INPUT_DROPOUT, ...CONDITION };

type None = Record<never, never>;

interface Begun<O extends Options> {
  /** What it begins with where a task has no preset for it. */
  readonly start: Partial<OptionsOf<O>> & ModelStart;
}

/** The model with what it did not say for itself. */
export function defineModel<
  const N extends string,
  const O extends ModelOptions,
  const T extends Options = typeof TEXT,
  const S extends Options = typeof SOUND,
  const P extends Options = None,
>(
  spec: Declared<N, O> &
    Begun<NoInfer<O>> & {
      /** What stands between input and head; see nn/bodies. */
      readonly body: Body;
      readonly text?: OnText<OptionsOf<O>, T>;
      readonly sound?: OnSound<OptionsOf<O>, S>;
      readonly pairs?: OnPairs<OptionsOf<O>, P>;
    },
): ModelSpec<N, O, typeof VECTORS, T, S, P>;
/** The same of a model of pairs alone. */
export function defineModel<const N extends string, const O extends ModelOptions, const P extends Options>(
  spec: Declared<N, O> & Begun<NoInfer<O>> & { readonly pairs: OnPairs<OptionsOf<O>, P> },
): ModelSpec<N, O, None, None, None, P>;
export function defineModel(
  spec: Declared<string, Options> & {
    readonly start: ModelStart;
    readonly body?: Body;
    readonly text?: OnText<Values, Options>;
    readonly sound?: OnSound<Values, Options>;
    readonly pairs?: OnPairs<Values, Options>;
  },
): ModelSpec {
  const { body, text, sound, pairs, ...rest } = spec;
  const of = pairs ? { pairs } : {};
  return {
    ...rest,
    on: body ? { ...withBody(body), ...(text && { text }), ...(sound && { sound }), ...of } : of,
  };
}

/** What a body alone makes of a model. */
const withBody = (body: Body) => ({
  vectors: { options: VECTORS, body },
  text: {
    options: TEXT,
    make: (vocabulary: number, settings: Made & Values, bptt: number) =>
      new BodyLM(vocabulary, body, settings, bptt),
  },
  sound: {
    options: SOUND,
    make: (settings: Made & Values, options: SoundOptions) => new SoundModel(settings, { ...options, body }),
  },
});

/** The models of a table by name. */
export type Models = readonly ModelSpec[];

/** The model of that name. */
export function modelCalled(name: string, models: Models): ModelSpec {
  const found = models.find((model) => model.name === name);
  if (found) return found;
  const names = models.map((model) => model.name);
  return fail(`There is no model called ${name}.`, { fix: `use one of ${names.join(', ')}.` });
}

/** Whether the model can be trained on tasks that give such things. */
export const canRead = ({ on }: ModelSpec, reads: Reads): boolean => on[reads] !== undefined;

const THINGS: Readonly<Record<Reads, string>> = {
  vectors: 'vectors',
  text: 'text',
  sound: 'sound',
  pairs: 'pairs of sentences',
};

/**
 * What the model of that name does with such things; fails, with the models that read them, where it does not. `task`:
 * what gives them, for the error.
 */
export function modelOn<R extends Reads>(
  name: string,
  reads: R,
  models: Models,
  task?: string,
): NonNullable<ModelSpec['on'][R]> {
  const { on } = modelCalled(name, models);
  const found = on[reads];
  if (found) return found;
  const able = models.filter((model) => canRead(model, reads)).map((model) => model.name);
  const others = (Object.keys(on) as Reads[]).map((one) => THINGS[one]);
  return fail(`${name} does not read ${THINGS[reads]}${task ? `, which ${task} gives` : ''}.`, {
    given: `${name} reads ${others.join(', ')}`,
    fix: able.length ? `use --model ${able.join(', ')}.` : 'no model here does; choose another task.',
  });
}

/** Inputs that an output of the model can see, itself included; ∞ where that is all there are. */
export const fieldOf = (settings: FieldSettings & { readonly model: string }, models: Models): number =>
  modelCalled(settings.model, models).on.vectors?.body.field?.(settings) ?? Infinity;
