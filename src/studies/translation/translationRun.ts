// A cell of study `translation`: a training, and what is measured of the trained model.

import { evenly } from '../../data/own/evenly';
import { attentionsOf, type Pair } from '../../decode/attentions';
import type { BeamOptions } from '../../decode/beams';
import { END } from '../../data/translation/symbols';
import type { Engine } from '../../gpu/engine';
import type { HostArray } from '../../graph/host';
import type { TranslationModel } from '../../nn/translation/translator';
import type { Cell, Context } from '../../runs/study';
import { trainModel, type Trained, type Training } from '../../runs/training';
import { ofPairs } from '../../tasks/pairsProgram';
import type { Said } from '../../tasks/said';
import type { Asked, Measures, Split, Task } from '../../tasks/task';
import { Pace } from '../pace';
import { shareNearDiagonal } from './attentionFacts';

/** The attention of one sentence. */
export interface Picture {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** [target, source], each rounded to three digits. */
  readonly weights: readonly number[];
}

/** What a cell comes to. */
export interface TranslationResult extends Trained {
  /** The measures under teacher forcing, on test. */
  readonly measures: Measures;
  /** What is said of test sources is measured by it: larger is better. */
  readonly score: string | null;
  /** The score of greedy decoding, and of five beams. */
  readonly greedy: number | null;
  readonly beam: number | null;
  /** The score of greedy decoding on validation, where dates have the forms that training has. */
  readonly validation: number | null;
  /** Symbols of targets that are learned from, a second. */
  readonly tokensPerSecond: number | null;
  /** Steps of training a second, without the first ones. */
  readonly stepsPerSecond: number | null;
  /** Translations a second, greedily, and with five beams. */
  readonly sentencesPerSecond: number | null;
  readonly beamSentencesPerSecond: number | null;
  /** The part of attention within two symbols of the diagonal; null of a model without attention. */
  readonly diagonal: number | null;
  readonly picture: Picture | null;
  /** Parts of the test sources by length: the longest of each, how many, and their score of greedy decoding. */
  readonly byLength: readonly (readonly [longest: number, count: number, score: number])[];
}

/** Sentences whose attention is measured. */
const ASKED = 64;
/** How far from the diagonal attention is still near it, in symbols. */
export const NEAR = 2;

/** Trains, and measures. */
export async function runTranslation(
  { settings }: Cell<Training>,
  context: Context,
): Promise<TranslationResult> {
  const task = await context.task(settings);
  const pace = new Pace(WARM);
  const counted = { tokens: 0, batches: 0 };
  const surroundings = { ...context, task: async () => counting(task, counted) };
  const { trained, outcome } = await trainModel(settings, surroundings, (state) => pace.see(state));
  if (!outcome) return { ...trained, ...NOTHING };
  const engine = await context.engine();
  const model = ofPairs(outcome.model);
  const pairs = evenly(pairsIn([...task.batches('test')]), ASKED);
  const steps = pace.stepsPerSecond;
  return {
    ...trained,
    measures: outcome.test,
    stepsPerSecond: steps,
    tokensPerSecond: steps && (steps * counted.tokens) / counted.batches,
    ...(await looked(engine, model, pairs, task)),
    ...(await scored(task, { engine, model })),
  };
}

const NOTHING = {
  measures: {},
  score: null,
  greedy: null,
  beam: null,
  validation: null,
  stepsPerSecond: null,
  tokensPerSecond: null,
  sentencesPerSecond: null,
  beamSentencesPerSecond: null,
  diagonal: null,
  picture: null,
  byLength: [],
} as const;

const BEAMS = 5;

/** What is said greedily to the sources of test and of validation, and with five beams to those of test. */
async function scored(task: Task, trained: Omit<Asked, 'split'>): Promise<Scored> {
  const ask = (split: Split, options: BeamOptions) => task.said!({ ...trained, split }, options);
  const greedy = await ask('test', { beam: 1 });
  const beam = await ask('test', { beam: BEAMS });
  const validation = await ask('valid', { beam: 1 });
  return {
    score: greedy.measure,
    greedy: greedy.score(),
    beam: beam.score(),
    validation: validation.score(),
    sentencesPerSecond: greedy.sentencesPerSecond,
    beamSentencesPerSecond: beam.sentencesPerSecond,
    byLength: scoreByLength(greedy),
  };
}

type Scored = Pick<
  TranslationResult,
  'score' | 'greedy' | 'beam' | 'validation' | 'sentencesPerSecond' | 'beamSentencesPerSecond' | 'byLength'
>;

/** Steps that are not timed: each of the shapes is recorded in one of them. */
const WARM = 20;

/** The task with its batches counted. What is said to test sources is measured here, with its time, and not twice. */
function counting(task: Task, counted: { tokens: number; batches: number }): Task {
  return {
    ...task,
    whenTrained: async () => ({}),
    source(random) {
      const source = task.source(random);
      const next = () => {
        const batch = source.next();
        counted.tokens += task.tokensIn!(batch);
        counted.batches++;
        return batch;
      };
      return { next, save: () => source.save(), restore: (saved) => source.restore(saved) };
    },
  };
}

/** Sources and targets of batches of four arrays, some of every batch, so that all lengths are there. */
function pairsIn(batches: readonly (readonly HostArray[])[]): Pair[] {
  const of = Math.ceil(ASKED / batches.length);
  return batches.flatMap(([source, lengths, , targets]) => {
    const [[, S], [B, T]] = [source.shape, targets.shape];
    return Array.from({ length: Math.min(of, B) }, (_, row) => {
      const target = [...targets.data.subarray(row * T, (row + 1) * T)].map(Number);
      const symbols = source.data.subarray(row * S, row * S + lengths.data[row]);
      return { source: [...symbols].map(Number), tokens: target.slice(0, Math.max(0, target.indexOf(END))) };
    }).filter(({ tokens }) => tokens.length > 0);
  });
}

/** What the model looks at, under teacher forcing; the picture is of the longest source. */
async function looked(
  engine: Engine,
  model: TranslationModel,
  pairs: readonly Pair[],
  { sentences }: Task,
): Promise<Pick<TranslationResult, 'diagonal' | 'picture'>> {
  if (!model.attentionOf) return { diagonal: null, picture: null };
  const all = (await attentionsOf(engine, model, pairs)).map((weights, i) => {
    const { source, tokens } = pairs[i];
    return { weights, T: tokens.length + 1, S: source.length };
  });
  const at = pairs.reduce((best, { source }, i) => (source.length > pairs[best].source.length ? i : best), 0);
  const { source, tokens } = pairs[at];
  const written = (symbol: number) => sentences!.coder.written(symbol);
  return {
    diagonal: shareNearDiagonal(all, NEAR),
    picture: {
      source: Array.from(source, written),
      target: [...tokens, END].map(written),
      weights: Array.from(all[at].weights, (weight) => Math.round(1000 * weight) / 1000),
    },
  };
}

/** Parts of the test sources by length, as many in each. */
const PARTS = 8;

function scoreByLength({ lengths, score }: Said): TranslationResult['byLength'] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b]);
  return Array.from({ length: PARTS }, (_, part) => {
    const own = order.slice((part * order.length) / PARTS, ((part + 1) * order.length) / PARTS);
    return [lengths[own.at(-1) ?? 0], own.length, own.length ? score(own) : 0] as const;
  });
}
