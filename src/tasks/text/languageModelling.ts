// Language modelling: the next word, or the next character, of a text (perplexity, bits per character). Training is
// truncated backpropagation through time in chunks: the text is cut into segments, the hidden state after one is the
// state before the next, and no gradient goes back over the cut. A convolutional model carries nothing: it trains on
// segments that begin with zeros; in validation and test it is shown the tokens before a segment again, so that what is
// measured is its perplexity with its whole receptive field in sight everywhere but at the start of a column.

import { tailPlaces } from '../../data/clusters';
import { TextSamples } from '../../data/textSamples';
import { bigramNats, unigramNats, type TextData, type TokenUnit } from '../../data/text';
import { TextStream, type Segment } from '../../data/textStream';
import { textWindows, type WindowOptions } from '../../data/textWindows';
import type { Tokens } from '../../data/tokens';
import { fail } from '../../graph/check';
import { assign } from '../../graph/assign';
import type { HostArray } from '../../graph/host';
import { State } from '../../graph/state';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { MODELS } from '../../models/index';
import { fieldOf, type Models, type TextModel } from '../../models/modelSpec';
import type { FieldSettings } from '../../nn/bodies';
import type { LayerState } from '../../nn/recurrent';
import { mul } from '../../ops/elementwise/binary';
import { slice } from '../../ops/layout/view';
import { Random } from '../../random';
import { makeLanguageModel } from './languageModels';
import type { Recipe } from '../recipe';
import type { Source } from '../../train/fit';
import type { Program, Split, Task } from '../task';

/** A text, and how it is cut into segments. */
export interface LanguageOptions {
  readonly corpus: TextData;
  /** Columns that are read side by side. */
  readonly batch: number;
  /** Steps per segment: how far gradients go back at most. */
  readonly bptt: number;
  /** The recipe's cutoffs: an adaptive softmax is told on the host which targets its tails have. */
  readonly cutoffs?: readonly number[];
  /** How segments follow each other, see the option; default: stream. */
  readonly sampling?: 'stream' | 'random';
  /** Trains on the first so many tokens only; 0: on all. Default: 0. */
  readonly trainTokens?: number;
  /** Validates and tests on the first so many tokens of their splits only, likewise. */
  readonly evaluationTokens?: number;
  /**
   * Tokens before each segment of validation and test that the model is shown again and not asked about; see `leadOf`.
   * For a model that carries nothing; default: 0.
   */
  readonly lead?: number;
  /** The same of training segments: steps to warm up, of which nothing is asked; default: 0. */
  readonly trainLead?: number;
}

/**
 * Columns in validation and test, as in PyTorch's word_language_model; few, because each starts from nothing. Fewer of
 * a text that is too short for them.
 */
const EVALUATION_BATCH = 10;

/**
 * What a model must be shown before a segment to see its whole receptive field: the field less one; 0 of recurrent
 * models and Transformers, which have none.
 */
export function leadOf(
  recipe: Partial<FieldSettings> & { readonly model?: string },
  models: Models = MODELS,
): number {
  const { model, hidden = 1, levels = 1 } = recipe;
  if (model === undefined) return 0;
  const field = fieldOf({ ...recipe, model, hidden, levels }, models);
  return field < Infinity ? field - 1 : 0;
}

/** Places that are asked about at once. */
const ROWS = 256;

/** A text can also be asked at single places, of which a model is shown the last few tokens. */
export interface LanguageTask extends Task {
  /** Batches of ids [B, k], targets [B, 1], and what else `measures` takes: see textWindows. */
  windows(split: Split, options: WindowOptions): Iterable<readonly HostArray[]>;
}

/** Language modelling of a text: ids [B, T] to the next token of each, in the measure of its unit. */
export function languageTask(options: LanguageOptions): LanguageTask {
  const { corpus, batch, bptt, cutoffs, evaluationTokens, lead } = options;
  const { name, unit, vocabulary } = corpus;
  const evaluated = (split: Split) => corpus[split].subarray(0, evaluationTokens || undefined);
  const ends = cutoffs?.[0] ? [...cutoffs, vocabulary.size] : [];
  const shorter = Math.min(evaluated('valid').length, evaluated('test').length);
  const columns = Math.max(1, Math.min(EVALUATION_BATCH, Math.floor(shorter / (bptt + 1))));
  const streamOf = (split: Split) => {
    const what = split === 'test' ? 'test' : 'validation';
    const stream = { tokens: evaluated(split), batch: columns, bptt, lead, short: true };
    return new TextStream({ ...stream, name: `${name}'s ${what} text` });
  };
  // A text that a run has kept has no splits: it is there to be written.
  const there = corpus.train.length > 0;
  const train = there ? trainingOf(options) : undefined;
  const streams = there ? { valid: streamOf('valid'), test: streamOf('test') } : undefined;
  const read = <T>(one: T | undefined): T =>
    one ?? fail(`${name}: the text itself is not here.`, { fix: 'train with the files that it is made of.' });
  let anchors: Task['anchors'] | undefined;
  return {
    name,
    metric: METRICS[unit],
    // Counting all bigrams takes a moment: not before someone asks.
    get anchors() {
      return (anchors ??= anchorsOf(corpus, evaluated('test')));
    },
    stepsPerEpoch: train?.count,
    program: (recipe, models) => languageProgram(vocabulary.size, recipe, { batch, bptt, columns, models }),
    source: (random) => read(train).source(random, ends),
    weightOf: ([, targets]) => sizeOf(targets.shape),
    *batches(split) {
      for (const segment of read(streams)[split].all()) yield arraysOf(segment, ends);
    },
    *windows(split, options) {
      for (const window of textWindows(evaluated(split), options, ROWS)) {
        yield arraysOf({ ...window, first: true }, ends);
      }
    },
    report: ({ nats }) => ({ [METRICS[unit]]: valueOf(unit, nats), [`nats per ${unit}`]: nats }),
  };
}

interface TrainingText {
  /** Steps that pass once over it. */
  readonly count: number;
  source(random: Random, ends: readonly number[]): Source;
}

/** Segments of the training text, one behind the other or from anywhere. */
function trainingOf({ corpus, batch, bptt, sampling, ...rest }: LanguageOptions): TrainingText {
  const tokens = corpus.train.subarray(0, rest.trainTokens || undefined);
  const options = { tokens, batch, bptt, lead: rest.trainLead, name: `${corpus.name}'s training text` };
  if (sampling !== 'random') {
    const make = () => new TextStream(options);
    return { count: make().count, source: (_random, ends) => sourceOf(make(), ends) };
  }
  const make = (random: Random) => new TextSamples({ ...options, random });
  return { count: make(new Random(0)).count, source: (random, ends) => sourceOf(make(random), ends) };
}

const sourceOf = (segments: TextStream | TextSamples, ends: readonly number[]): Source => ({
  next: () => arraysOf(segments.next(), ends),
  save: () => segments.save(),
  restore: (saved: never) => segments.restore(saved),
});

const METRICS = {
  word: 'perplexity',
  subword: 'perplexity of subwords',
  character: 'bits per character',
} as const;

/** Tokens up to which bigrams are counted: more would take minutes. */
const COUNTED = 2e7;

const valueOf = (unit: TokenUnit, nats: number): number =>
  unit === 'character' ? nats / Math.LN2 : Math.exp(nats);

function anchorsOf({ unit, vocabulary, train }: TextData, test: Tokens): Task['anchors'] {
  const unigram = { name: 'unigram', value: valueOf(unit, unigramNats(vocabulary, test)) };
  if (unit !== 'character' || train.length > COUNTED) return [unigram];
  return [unigram, { name: 'bigram', value: valueOf(unit, bigramNats(vocabulary, train, test)) }];
}

/** Ids, targets, what the state before the segment is multiplied by; and the places of every tail. */
function arraysOf({ ids, targets, first }: Segment, ends: readonly number[]): HostArray[] {
  const keep = { shape: [1], data: Float32Array.of(first ? 0 : 1) };
  const tails = tailPlaces(targets.data, ends).map((tail) => [tail.places, tail.targets]);
  return [ids, targets, keep, ...tails.flat()];
}

/**
 * A language model over a stream of segments of at most `bptt` steps. Training and evaluation each have a state of
 * their own, so that a validation in the middle of an epoch changes nothing. A Transformer has none.
 */
export function languageProgram(
  vocabulary: number,
  recipe: Recipe,
  {
    batch,
    bptt,
    columns = EVALUATION_BATCH,
    models,
  }: { batch: number; bptt: number; columns?: number; models?: Models },
): Program {
  const model = makeLanguageModel(vocabulary, recipe, bptt, models);
  const { carry = true } = recipe;
  const carried = carry ? carriedStates(model, batch) : [];
  const evaluated = carry ? carriedStates(model, columns) : [];
  const nats = (
    states: readonly CarriedState[],
    [ids, targets, keep, ...places]: readonly Tensor[],
  ): Tensor => {
    const before = carry
      ? states.map(({ h, c }) => ({ h: mul(h, keep), c: c && mul(c, keep) }))
      : model.zeroState(ids.shape[0]);
    const { y, states: after } = model.unroll(ids, before);
    states.forEach((state, l) => keepState(state, after[l]));
    return model.loss(slice(y, 1, -targets.shape[1]), targets, ...places);
  };
  return {
    model,
    loss: (...arrays) => nats(carried, arrays),
    measures: (...arrays) => ({ nats: nats(evaluated, arrays) }),
    carried: Object.fromEntries(carried.flatMap(({ h, c }) => [h, c ?? []].flat().map((s) => [s.name, s]))),
  };
}

/** A layer's state in storage that outlives the step. */
interface CarriedState extends LayerState {
  readonly h: State;
  readonly c?: State;
}

const carriedStates = (model: TextModel, batch: number): CarriedState[] =>
  model.zeroState(batch).map(({ h, c }, l) => ({
    h: new State(h.shape, 'zeros', `h_l${l}`),
    c: c && new State(c.shape, 'zeros', `c_l${l}`),
  }));

function keepState({ h, c }: CarriedState, after: LayerState): void {
  assign(h, after.h);
  if (c && after.c) assign(c, after.c);
}
