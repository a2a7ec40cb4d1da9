// Translation by beam search, a batch of sentences at once, all of it on the device: the host reads what has been found
// now and then, to see whether all have ended.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { asTyped, type Numbers } from '../graph/numbers';
import { checked, count, notNegative, oneOf, type Rules } from '../graph/options';
import type { TranslationModel } from '../nn/translation/translator';
import { attentionsOf } from './attentions';
import { BeamSteps } from './beamSteps';
import {
  coverageOf,
  LENGTH_RULES,
  ranked,
  replay,
  sorted,
  type Hypothesis,
  type LengthRule,
} from './hypotheses';

export type { Hypothesis, LengthRule } from './hypotheses';

/** How translations are looked for. */
export interface BeamOptions {
  /** Beams of every sentence, at most 63: 1 takes the likeliest token each time. Default: 5. */
  readonly beam?: number;
  /** How many translations of a sentence are given, at most as many as beams; default: 1. */
  readonly nBest?: number;
  /** The most tokens of a translation, that of the end counted. Default: twice those of the longest source, and 10. */
  readonly length?: number;
  /** What a score is divided by, of n tokens: `gnmt` ((5 + n) / 6)^α, `length` n^α. Default: gnmt. */
  readonly lengthRule?: LengthRule;
  /** α. Default: 0.6 for gnmt, 1 for length. */
  readonly lengthPenalty?: number;
  /**
   * β of Wu et al. 2016: β · Σ log(min(attention that a source token was given, 1)) is added to the score of every
   * translation that has ended. Default: 0.
   */
  readonly coveragePenalty?: number;
  /** Sentences side by side; default: 32. */
  readonly batch?: number;
}

/** What `translate` has found, and how fast. */
export interface Translations {
  /** For every source its translations, best first. */
  readonly translations: readonly (readonly Hypothesis[])[];
  /** What the steps take, without recording and compiling them. */
  readonly seconds: number;
  readonly sentencesPerSecond: number;
}

const RULES: Rules<BeamOptions> = {
  beam: count,
  nBest: count,
  length: count,
  lengthRule: oneOf(LENGTH_RULES),
  lengthPenalty: notNegative,
  coveragePenalty: notNegative,
  batch: count,
};

/** A thread keeps the best of a row, twice as many as beams and one. */
const MOST_BEAMS = 63;
/** Steps between two looks at what has been found. */
const STEPS = 8;

type Settings = Required<BeamOptions>;

/**
 * Translates sources, u32 ids each ended by its end, as a model of pairs does it with the highest score. Of each step
 * the 2 · beam best continuations of a sentence count: those that end among the first `beam` are translations, the
 * first `beam` that do not end go on; of equal scores the lower beam is first, then the likelier token, then the lower
 * id. A sentence is done when `beam` translations of it have ended; where fewer have at the greatest length, what goes
 * on then comes behind them.
 */
export async function translate(
  engine: Engine,
  model: TranslationModel,
  sources: readonly Numbers[],
  options: BeamOptions = {},
): Promise<Translations> {
  const at = callerLine(hereStack());
  const given = checked('translate', options, RULES);
  const all = sources.map((source, i) => asTyped(source, 'u32', `source ${i + 1}`) as Uint32Array);
  const task: Task = { engine, model, sources: all, settings: settingsOf(given, all, at), at };
  checkCoverage(task);
  const { found, seconds } = await searchAll(task);
  const ranking = task.settings.coveragePenalty ? await withCoverage(task, found) : found;
  const translations = ranking.map((some) => some.slice(0, task.settings.nBest));
  return { translations, seconds, sentencesPerSecond: all.length / seconds };
}

/** What is to be done, and the line that asks for it. */
interface Task {
  readonly engine: Engine;
  readonly model: TranslationModel;
  readonly sources: readonly Uint32Array[];
  readonly settings: Settings;
  readonly at: string;
}

interface Searched {
  /** All hypotheses of every sentence, best first. */
  readonly found: Hypothesis[][];
  readonly seconds: number;
}

async function searchAll(task: Task): Promise<Searched> {
  const { engine, model, sources, settings } = task;
  const { batch: B, beam: K, length } = settings;
  // Sentences of like lengths together: those that are done early wait for the others.
  const order = [...sources.keys()].sort((a, b) => sources[a].length - sources[b].length);
  const found: Hypothesis[][] = Array.from(sources, () => []);
  let seconds = 0;
  let made: { readonly S: number; readonly search: BeamSteps } | undefined;
  try {
    for (let first = 0; first < order.length; first += B) {
      const batch = order.slice(first, first + B);
      const S = sources[batch.at(-1)!].length;
      if (made?.S !== S) {
        made?.search.destroy();
        const L = Number.isFinite(length) ? length : 2 * S + 10;
        made = { S, search: new BeamSteps(engine, model, { B, S, K, L }) };
      }
      // A batch that is not full has its first sentence several times.
      const all = Array.from({ length: B }, (_, i) => batch[i] ?? batch[0]);
      const result = await searchBatch(made.search, all, task);
      seconds += result.seconds;
      batch.forEach((to, i) => (found[to] = result.found[i]));
    }
  } finally {
    made?.search.destroy();
  }
  return { found, seconds };
}

/** The sentences of these numbers. */
async function searchBatch(search: BeamSteps, numbers: readonly number[], task: Task): Promise<Searched> {
  const { settings, sources } = task;
  const own = numbers.map((i) => sources[i]);
  await search.compile(own);
  search.start(own);
  await search.ready();
  checkSymbols(search, task);
  const begun = performance.now();
  for (let done = 0; ;) {
    const times = Math.min(STEPS, search.limit - done);
    await search.run(times);
    done += times;
    const record = await search.read();
    checkFinite(record.sums, task.at);
    const all = numbers.map((_, b) => replay(record, b, done));
    if (done < search.limit && all.some(({ ended }) => ended.length < settings.beam)) continue;
    const seconds = (performance.now() - begun) / 1000;
    return { found: all.map((one) => ranked(one, settings)), seconds };
  }
}

function settingsOf(given: BeamOptions, sources: readonly Uint32Array[], at: string): Settings {
  const { beam = 5, nBest = 1, lengthRule = 'gnmt', coveragePenalty = 0, batch = 32 } = given;
  const empty = sources.findIndex((source) => !source.length);
  if (!sources.length || empty >= 0) {
    const what = sources.length ? `source ${empty + 1} is empty` : 'there are no sources';
    fail(`translate: ${what}.`, { at, fix: 'give ids of at least one token, that of the end.' });
  }
  if (beam > MOST_BEAMS)
    fail(`translate: beam is ${beam}.`, { at, fix: `give a whole number from 1 to ${MOST_BEAMS}.` });
  if (nBest > beam) {
    const fix = `give at most ${beam}, or more beams.`;
    fail(`translate: ${nBest} translations are asked for, of ${beam} beams.`, { at, fix });
  }
  return {
    beam,
    nBest,
    lengthRule,
    coveragePenalty,
    lengthPenalty: given.lengthPenalty ?? (lengthRule === 'gnmt' ? 0.6 : 1),
    length: given.length ?? Infinity,
    batch: Math.min(batch, sources.length),
  };
}

function checkCoverage({ model, settings, at }: Task): void {
  if (!settings.coveragePenalty || model.attentionOf) return;
  fail('translate: the coverage penalty needs attention, which this model does not have.', {
    at,
    fix: 'leave coveragePenalty out, or use a model with attention.',
  });
}

function checkSymbols({ symbols, sourceSymbols }: BeamSteps, { sources, settings, at }: Task): void {
  if (settings.beam > symbols) {
    const fix = `give a beam of at most ${symbols}.`;
    fail(`translate: beam is ${settings.beam}, but the vocabulary has ${symbols} symbols.`, { at, fix });
  }
  sources.forEach((source, i) => {
    const wrong = source.findIndex((id) => id >= sourceSymbols);
    if (wrong < 0) return;
    const what = `token ${wrong + 1} of source ${i + 1} is ${source[wrong]}`;
    fail(`translate: ${what}, but the vocabulary has ${sourceSymbols} symbols.`, {
      at,
      fix: `give whole numbers from 0 to ${sourceSymbols - 1}.`,
    });
  });
}

function checkFinite(sums: Float32Array, at: string): void {
  if (!sums.some(Number.isNaN)) return;
  fail("translate: the model's logits are not finite.", { at, fix: 'use a model that did not diverge.' });
}

/** The same with the coverage penalty in their scores, in the order that these have then. */
async function withCoverage(
  { engine, model, sources, settings }: Task,
  found: readonly (readonly Hypothesis[])[],
): Promise<Hypothesis[][]> {
  const { coveragePenalty, batch, beam } = settings;
  const pairs = found.flatMap((some, i) => some.map(({ tokens }) => ({ source: sources[i], tokens })));
  const weights = (await attentionsOf(engine, model, pairs, batch * beam)).values();
  return found.map((some, i) =>
    sorted(
      some.map((one) => {
        const coverage = coverageOf(weights.next().value!, sources[i].length);
        return { ...one, score: one.score + (one.ended ? coveragePenalty * coverage : 0) };
      }),
    ),
  );
}
