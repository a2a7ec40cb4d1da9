// `seqgpu translate FOLDER "A sentence."`: translations by a trained model of pairs, of the sentences on the command
// line or of those that come by standard input, a line each.

import { readFileSync } from 'node:fs';
import { ENCODINGS, type Encoding } from '../../data/own/codePoints';
import { sentenceOf } from '../../data/translation/lines';
import type { SentenceForm } from '../../data/translation/form';
import { attentionsOf } from '../../decode/attentions';
import { translate, type BeamOptions, type Hypothesis, type Translations } from '../../decode/beams';
import { LENGTH_RULES } from '../../decode/hypotheses';
import { Outputs, type Output } from '../../files/outputs.node';
import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import type { Engine } from '../../gpu/engine';
import type { TranslationModel } from '../../nn/translation/translator';
import { attentionMatrix } from '../../report/attentionMatrix.node';
import { duration, significant } from '../../report/text.node';
import { makeTask } from '../../runs/outcome';
import { dataOfRun } from '../../runs/readData.node';
import { RunFolder } from '../../runs/runFolder.node';
import { TABLES, taskCalled, type Tables } from '../../runs/tables';
import { ofPairs } from '../../tasks/pairsProgram';
import { ENGINE_FLAGS, engineOf, openEngine } from '../engine/adapter.node';
import { loadTrained } from '../engine/trained.node';
import { readFlags, type Flags } from '../flags/flags';
import { inputLines, sentencesIn, symbolsOf, writtenAs } from './sentences';

/** Flags of `translate`. */
export const TRANSLATE_FLAGS = {
  beam: { kind: 'count', help: 'beams of every sentence, 1 takes the likeliest word each time; default 5' },
  'n-best': { kind: 'count', help: 'so many translations of each, with their scores; default 1' },
  'length-rule': {
    kind: LENGTH_RULES,
    help: 'what scores of n words are divided by: gnmt ((5 + n) / 6)^α, length n^α; default gnmt',
  },
  'length-penalty': { kind: 'weight', help: 'α; default 0.6, of length 1' },
  'coverage-penalty': { kind: 'weight', help: 'GNMT’s β, for words that were not looked at; default 0' },
  attention: { kind: 'text', help: 'SVG file to draw what was looked at while one sentence was translated' },
  'copy-unknown': { kind: 'switch', help: 'for <unk> the word of the source that was looked at' },
  encoding: { kind: ENCODINGS, help: 'of standard input; otherwise by its byte order mark, or utf-8' },
  overwrite: { kind: 'switch', help: 'write over a file that is there' },
  ...ENGINE_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
} as const satisfies Flags;

type Given = ReturnType<typeof readFlags>['given'];

/** Reads the words of `translate`; the action translates, and gives the exit code. */
export function readTranslateCommand(
  words: readonly string[],
  tables: Tables = TABLES,
): () => Promise<number> {
  const { positionals, given } = readFlags('translate', words, TRANSLATE_FLAGS);
  const [folder, ...sentences] = positionals;
  if (folder === undefined) {
    fail('translate: the folder is missing.', {
      fix: 'give the folder that `seqgpu train … --out FOLDER` has written, and a sentence in quotes.',
    });
  }
  return () => translateWith(new RunFolder(folder, tables), sentences, given, tables);
}

/** The sentences of the command line, or the lines of standard input. */
function linesFor(words: readonly string[], { encoding }: Given): readonly string[] {
  if (!words.length) return inputLines(readFileSync(0), encoding as Encoding | undefined);
  if (encoding === undefined) return words;
  return fail('translate: --encoding is of standard input, and sentences are given.', {
    fix: 'leave one of the two out.',
  });
}

/** How a run reads and writes; fails where it does not translate. */
async function trainedRun(folder: RunFolder, tables: Tables) {
  const { settings, best } =
    folder.best() ??
    fail(`translate: there is no checkpoint in ${folder.path}.`, {
      fix: `train one: \`npx seqgpu train translation --model NAME --from PATH --out ${shellWord(folder.path)}\`.`,
    });
  const spec = taskCalled(settings.task, tables);
  const translates = tables.tasks.filter(({ reads }) => reads === 'pairs').map(({ name }) => name);
  const refuse = (): never =>
    fail(`translate: ${folder.path} holds a run of ${settings.task}, which does not translate.`, {
      fix: `name the folder of a run of ${translates.join(', ')}.`,
    });
  if (spec.reads !== 'pairs') refuse();
  const task = makeTask(settings, await dataOfRun(spec, settings, folder, {}), tables);
  return { settings, best, task, form: task.sentences ?? refuse() };
}

async function translateWith(
  folder: RunFolder,
  words: readonly string[],
  given: Given,
  tables: Tables,
): Promise<number> {
  const { settings, best, task, form } = await trainedRun(folder, tables);
  const picture = pictureOf(given);
  const lines = linesFor(words, given);
  const read = sentencesIn(lines, !words.length);
  if (!read.length) {
    fail(`translate: there is no sentence${words.length ? '' : ' on standard input'}.`, {
      fix: `give one in quotes: \`npx seqgpu translate ${shellWord(folder.path)} "A sentence."\`.`,
    });
  }
  if (picture && read.length !== 1) {
    fail(`translate: --attention draws one sentence, of ${read.length}.`, { fix: 'give one.' });
  }
  const sources = symbolsOf(read, form);
  const sentences = read.map(({ text }) => text);
  const engine = await openEngine(engineOf(given));
  try {
    const model = ofPairs(task.program(settings, tables.models).model);
    loadTrained('translate', engine, best, model, { folder: folder.path, settings });
    const job = { engine, model, form, sentences, sources, given };
    checkLooks(job, settings.model);
    const found = await translate(engine, model, sources, beamOptions(given));
    const texts = await textsOf(job, found);
    say(lines, texts, found, given);
    const file = picture && (await drawn(job, found.translations[0][0], picture));
    tell(job, texts, found, file);
  } finally {
    engine.destroy();
  }
  return 0;
}

/** What is translated, by what. */
interface Job {
  readonly engine: Engine;
  readonly model: TranslationModel;
  readonly form: SentenceForm;
  readonly sentences: readonly string[];
  readonly sources: readonly (readonly number[])[];
  readonly given: Given;
}

const beamOptions = (given: Given): BeamOptions => {
  const { beam, nBest, lengthRule, lengthPenalty, coveragePenalty } = given;
  const options = { beam, nBest, lengthRule, lengthPenalty, coveragePenalty };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
};

const pictureOf = ({ attention, overwrite }: Given): Output | undefined =>
  attention === undefined
    ? undefined
    : new Outputs('translate', Boolean(overwrite)).file(String(attention), {
        from: '--attention',
        kind: 'SVG',
      });

function checkLooks({ model, given }: Job, name: string): void {
  const flag = ['attention', 'copyUnknown'].find((one) => given[one] !== undefined);
  if (!flag || model.attentionOf) return;
  const asked = flag === 'attention' ? '--attention' : '--copy-unknown';
  fail(`translate: ${asked} needs attention, which the ${name} of this run does not have.`, {
    fix: 'leave it out, or train a model with attention.',
  });
}

/** Every translation of every sentence as text. */
async function textsOf(job: Job, { translations }: Translations): Promise<string[][]> {
  const { engine, model, form, sentences, sources, given } = job;
  if (!given.copyUnknown) return translations.map((some) => some.map((one) => writtenAs(one, form)));
  const pairs = translations.flatMap((some, i) => some.map(({ tokens }) => ({ source: sources[i], tokens })));
  const weights = (await attentionsOf(engine, model, pairs)).values();
  return translations.map((some, i) =>
    some.map((one) => writtenAs(one, form, { sentence: sentences[i], weights: weights.next().value! })),
  );
}

/** One line for a sentence, or its best ones with their scores, and an empty line for an empty one. */
function say(
  lines: readonly string[],
  texts: readonly (readonly string[])[],
  { translations }: Translations,
  { nBest = 1 }: Given,
): void {
  let i = 0;
  for (const line of lines) {
    if (!sentenceOf(line)) console.log('');
    else {
      const scores = translations[i].map(({ score }) => score.toFixed(4));
      texts[i].forEach((text, r) => console.log(Number(nBest) > 1 ? `${scores[r]}\t${text}` : text));
      i++;
    }
  }
}

async function drawn(job: Job, { tokens }: Hypothesis, picture: Output): Promise<string> {
  const { engine, model, form, sentences, sources } = job;
  const { coder } = form;
  const [weights] = await attentionsOf(engine, model, [{ source: sources[0], tokens }]);
  const target = [...tokens, ...sources[0].slice(-1)].map((symbol) => coder.written(symbol));
  const source = [...coder.pieces(sentences[0]), coder.written(sources[0].at(-1)!)];
  return picture.write(attentionMatrix({ source, target, weights }, sentences[0]));
}

/** The line at the end, and the object of --json. */
function tell(
  { engine, sentences, given }: Job,
  texts: readonly (readonly string[])[],
  { translations, seconds, sentencesPerSecond }: Translations,
  file: string | undefined,
): void {
  const speed = `${significant(sentencesPerSecond, 3)} sentences/s`;
  console.error(`adapter: ${engine.name}\n${speed}, ${sentences.length} in ${duration(seconds)}`);
  if (!given.json) return;
  const found = sentences.map((source, i) => ({
    source,
    translations: translations[i].map(({ tokens, score, logProbability, ended }, r) => {
      return { text: texts[i][r], score, logProbability, ended, symbols: tokens.length };
    }),
  }));
  const facts = { sentencesPerSecond, seconds, adapter: engine.name };
  console.log(JSON.stringify({ translations: found, ...facts, ...(file && { attention: file }) }));
}
