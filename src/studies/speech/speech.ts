// Study `speech`: an LSTM that speaks by parameters, WaveNets and an LSTM that speak sample by sample, and recognisers
// that say how much of it is understood.

import { muLawDecode, muLawEncode } from '../../data/muLaw';
import { copySynthesis, PARAMETERS, synthesised } from '../../data/speech/parameters';
import { DIGITS, SPEAKERS } from '../../data/spokenDigits';
import { SoundModel } from '../../models/soundModel';
import { SequenceModel } from '../../nn/sequenceModel';
import type { Cell, Context, Study } from '../../runs/study';
import { trainModel } from '../../runs/training';
import { understand } from '../../tasks/recognition/judge';
import { heardOf } from '../../tasks/recognition/recognitionTask';
import { sampledWords, type Saying } from '../../tasks/speech/sampledWords';
import type { Spoken, SpokenWords, Word } from '../../tasks/speech/spoken';
import { MEASURES, wordsIn } from '../../tasks/speech/speechTask';
import { parametersOfWords } from '../../tasks/speech/synthesis';
import { synthesisErrorsOf } from './synthesisErrors';
import { cells, type ResultOfStudy, type SettingsOfStudy, type Shares } from './speechCells';
import { findings } from './speechFindings';
import { codesAsText, codesIn, framesAsText, framesIn } from './stored';

type Of<K extends SettingsOfStudy['kind']> = Extract<SettingsOfStudy, { readonly kind: K }>;

function run({ settings }: Cell<SettingsOfStudy>, context: Context): Promise<ResultOfStudy> {
  if (settings.kind === 'parametric') return parametric(settings, context);
  return settings.kind === 'samples' ? samples(settings, context) : judge(settings, context);
}

/** Every digit by the first speaker, then by the second, in their mean durations. */
const wordsToSay = ({ durations }: SpokenWords): Word[] =>
  SPEAKERS.flatMap((_, speaker) =>
    Array.from({ length: DIGITS }, (__, digit) => ({ digit, speaker, frames: durations[speaker][digit] })),
  );

/** The recordings of the test, known from the task of speech whatever the cell trains on. */
const spokenWords = async (context: Context): Promise<SpokenWords> =>
  wordsIn(await context.task({ task: 'speech', batch: 1 }));

async function parametric({ training }: Of<'parametric'>, context: Context): Promise<ResultOfStudy> {
  const { trained, outcome } = await trainModel(training, context);
  const words = await spokenWords(context);
  const [vocoder, griffinLim] = copiesOf(words).map((sounds) => synthesisErrorsOf(words.test, sounds));
  const result = { kind: 'parametric', trained, copies: { vocoder, griffinLim } } as const;
  if (!outcome) return { ...result, errors: null, sounds: [], parameters: [] };
  const said = await parametersOfWords(await context.engine(), outcome.model, words, wordsToSay(words));
  const { test } = outcome;
  return {
    ...result,
    errors: {
      distortion: test[MEASURES.distortion],
      pitch: test[MEASURES.pitch],
      voicing: test[MEASURES.voicing],
    },
    sounds: said.map((frames, i) => codesAsText(muLawEncode(synthesised(frames, i + 1)))),
    parameters: said.map(framesAsText),
  };
}

type Copied = readonly [vocoder: readonly Float32Array[], griffinLim: readonly Float32Array[]];

/** What the vocoder, and Griffin-Lim, make of every recording of the test; once for all cells of a process. */
function copiesOf(words: SpokenWords): Copied {
  const found: Copied = COPIES.get(words) ?? [
    words.test.map(({ parameters }, i) => synthesised(parameters, i + 1)),
    words.test.map(({ samples }, i) => copySynthesis(samples, i + 1)),
  ];
  COPIES.set(words, found);
  return found;
}

const COPIES = new WeakMap<SpokenWords, Copied>();

async function samples(settings: Of<'samples'>, context: Context): Promise<ResultOfStudy> {
  const { training, features } = settings;
  const { trained, outcome } = await trainModel(training, context);
  const result = { kind: 'samples', trained } as const;
  if (!(outcome?.model instanceof SoundModel)) return { ...result, sounds: [] };
  const { model } = outcome;
  const words = await spokenWords(context);
  const engine = await context.engine();
  const onProgress = (done: number, all: number) => context.progress(1, `speaks: ${done} of ${all} samples`);
  const say = async (said: readonly Word[], told?: Saying['told']) => {
    const codes = await sampledWords(engine, model, { words, said, told, seed: training.seed, onProgress });
    return codes.map(codesAsText);
  };
  if (features === undefined) return { ...result, sounds: await say(wordsToSay(words)) };
  const other = context.results.get(features) as Extract<ResultOfStudy, { kind: 'parametric' }>;
  const told = other.parameters.map((text) => framesIn(text, PARAMETERS));
  const firsts = firstRecordings(words);
  return {
    ...result,
    sounds: told.length ? await say(wordsToSay(words), told) : [],
    copies: await say(
      firsts,
      firsts.map(({ parameters }) => parameters),
    ),
  };
}

/** The first recording of the test of every word. */
const firstRecordings = (words: SpokenWords): Spoken[] =>
  wordsToSay(words).map(({ digit, speaker }) =>
    words.test.find((one) => one.digit === digit && one.speaker === speaker)!,
  );

async function judge({ training, listens }: Of<'judge'>, context: Context): Promise<ResultOfStudy> {
  const { trained, outcome } = await trainModel(training, context);
  const { normalisation } = heardOf(await context.task(training));
  const model = outcome?.model;
  if (!(model instanceof SequenceModel)) return { kind: 'judge', trained, understood: {} };
  const words = await spokenWords(context);
  const engine = await context.engine();
  const share = async (said: readonly Word[], sounds: readonly ArrayLike<number>[]): Promise<Shares> => {
    const found = await understand(engine, model, normalisation, sounds);
    const part = (right: (i: number) => boolean) => found.filter((_, i) => right(i)).length / found.length;
    const isDigit = (i: number) => found[i].digit === said[i].digit;
    const isSpeaker = (i: number) => found[i].speaker === said[i].speaker;
    return { digits: part(isDigit), speakers: part(isSpeaker), words: found.length };
  };
  const [vocoder, griffinLim] = copiesOf(words);
  const understood: Record<string, Shares> = {
    recordings: await share(
      words.test,
      words.test.map((one) => one.samples),
    ),
    vocoder: await share(words.test, vocoder),
    griffinLim: await share(words.test, griffinLim),
  };
  for (const [name, texts] of soundsOf(listens, context)) {
    if (texts.length) understood[name] = await share(wordsToSay(words), texts.map(decoded));
  }
  return { kind: 'judge', trained, understood };
}

const decoded = (text: string): Float32Array => muLawDecode(codesIn(text));

/** The sounds of other cells, by who made them. */
function soundsOf(listens: readonly string[], { results }: Context): [string, readonly string[]][] {
  return listens.flatMap((id): [string, readonly string[]][] => {
    const result = results.get(id) as Exclude<ResultOfStudy, { kind: 'judge' }>;
    const copies = result.kind === 'samples' ? result.copies : undefined;
    return [
      [id, result.sounds],
      ...(copies ? [[`${id}, of recordings`, copies] as [string, readonly string[]]] : []),
    ];
  });
}

/** The study of speech that is understood. */
export const speech: Study<SettingsOfStudy, ResultOfStudy> = {
  name: 'speech',
  title: 'Speech that is understood',
  claim: 'a WaveNet that is told what to say speaks better than an LSTM that speaks by parameters',
  source:
    'van den Oord et al., "WaveNet: A Generative Model for Raw Audio" (arXiv 1609.03499); Zen & Sak, "Unidirectional ' +
    'LSTM-RNN with recurrent output layer for low-latency speech synthesis" (ICASSP 2015)',
  tasks: () => ['speech', 'digits', 'recognition'],
  cells,
  run,
  words: (result) =>
    result.kind === 'judge'
      ? Object.entries(result.understood)
          .map(([name, { digits }]) => `${name} ${Math.round(100 * digits)} %`)
          .join(', ')
      : `${result.trained.test?.toPrecision(4) ?? 'diverged'} ${result.trained.metric}`,
  findings: (setup, results) => findings(setup, cells(setup), results),
};
