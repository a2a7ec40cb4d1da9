// Words from a model of speech parameters: a WAV file for each, and its spectrogram beside those of a recording and of
// what the vocoder makes of the parameters of that recording.

import { join } from 'node:path';
import { muLawDecode, muLawEncode } from '../../data/muLaw';
import { parametersOf, synthesised } from '../../data/speech/parameters';
import { DIGITS, RATE, SPEAKERS } from '../../data/spokenDigits';
import { encodeWav } from '../../data/wav';
import { Outputs } from '../../files/outputs.node';
import { writeWhole } from '../../files/wholeFile.node';
import { SeqgpuError, fail } from '../../graph/check';
import type { Engine } from '../../gpu/engine';
import { SoundModel } from '../../models/soundModel';
import type { Module } from '../../nn/module';
import { RunFolder } from '../../runs/runFolder.node';
import { soundsSvg } from '../../report/sounds.node';
import { sampledWords, type Saying } from '../../tasks/speech/sampledWords';
import type { SpokenWords, Word } from '../../tasks/speech/spoken';
import { parametersOfWords, speakWords } from '../../tasks/speech/synthesis';
import { dataOfRun } from '../../runs/readData.node';
import { makeTask } from '../../runs/outcome';
import { TABLES, taskCalled } from '../../runs/tables';
import { loadTrained } from '../engine/trained.node';
import type { GenerateJob, Kind } from './generateKind';
import { codesOfRecording } from './recording.node';

/** Whole words. */
export const speech: Kind = {
  flags: ['digit', 'speaker', 'vocoder'],
  prepare(job: GenerateJob) {
    const { content, folder, given } = job;
    refuseIdle(given);
    const words = content as SpokenWords;
    const said = wordsOf(words, given);
    const out = String(given.out ?? join(folder, 'speech'));
    const names = said.map(nameOf);
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const files = names.flatMap((name) => [`${name}.wav`, `${name}.svg`]);
    outputs.folder(out, files, '--out');
    const vocoder = given.vocoder === undefined ? undefined : vocoderIn(String(given.vocoder));
    const recordings = said.map((word) => recordingOf(word, given));
    return async (engine, model) => {
      const start = performance.now();
      const saying = { words, said, seed: Number(given.seed ?? 1) };
      const sounds = await (vocoder
        ? vocoder(engine, model, saying, given)
        : spokenBy(engine, model, saying));
      const seconds = (performance.now() - start) / 1000;
      sounds.forEach((sound, i) => {
        writeWhole(join(out, `${names[i]}.wav`), encodeWav({ rate: RATE, samples: sound }));
        writeWhole(join(out, `${names[i]}.svg`), pictureOf(said[i], sound, recordings[i]));
        console.log(join(out, `${names[i]}.wav`));
      });
      const length = said.reduce((sum, { frames }) => sum + frames, 0);
      return { stepsPerSecond: length / seconds, seconds, length, json: { folder: out, words: names } };
    };
  },
};

/** Refuses flags that have nothing to act on. */
function refuseIdle({ length, temperature, vocoder }: GenerateJob['given']): void {
  const idle =
    length !== undefined ? 'length' : vocoder === undefined && temperature !== undefined && 'temperature';
  if (!idle) return;
  fail(`generate: --${idle} does not go with speech.`, {
    given: 'a word lasts as long as it does in the mean, and nothing of it is drawn but by a --vocoder',
    fix: 'leave it out.',
  });
}

const spokenBy = (engine: Engine, model: Module, { words, said, seed }: Saying): Promise<Float32Array[]> =>
  speakWords(engine, model, words, said, seed);

/** The model of samples of a run that was told features, in place of the vocoder of signal processing. */
function vocoderIn(folder: string) {
  const run = new RunFolder(folder);
  const { settings, best } =
    run.best() ?? fail(`generate: there is no checkpoint in ${folder}.`, { fix: TRAIN });
  if (settings.task !== 'digits' || !settings.features) {
    fail(`generate: ${folder} holds no model of samples that is told features.`, { fix: TRAIN });
  }
  return async (engine: Engine, model: Module, saying: Saying, given: GenerateJob['given']) => {
    const { words, said } = saying;
    const told = await parametersOfWords(engine, model, words, said);
    const place = { data: given.data === undefined ? undefined : String(given.data) };
    const content = await dataOfRun(taskCalled(settings.task, TABLES), settings, run, place);
    const { model: net } = makeTask(settings, content).program(settings);
    if (!(net instanceof SoundModel))
      return fail(`generate: ${folder} holds no model of sound.`, { fix: TRAIN });
    loadTrained('generate', engine, best, net, { folder, settings });
    const temperature = given.temperature === undefined ? 1 : Number(given.temperature);
    const codes = await sampledWords(engine, net, { ...saying, told, temperature });
    return codes.map(muLawDecode);
  };
}

const TRAIN = 'train one by `npx seqgpu train digits --model wavenet --features`, or of another model.';

const nameOf = ({ digit, speaker }: Word): string => `${digit}-${SPEAKERS[speaker]}`;

/** The word that is asked for, or all ten, in their mean durations. */
function wordsOf({ durations }: SpokenWords, given: GenerateJob['given']): Word[] {
  const speaker = given.speaker === undefined ? 0 : SPEAKERS.findIndex((name) => name === given.speaker);
  const digits = Array.from({ length: DIGITS }, (_, digit) => digit);
  return digits
    .filter((digit) => given.digit === undefined || digit === Number(given.digit))
    .map((digit) => ({ digit, speaker, frames: durations[speaker][digit] }));
}

/** The codes of the first recording of the test that says the same; undefined where the data folder has none. */
function recordingOf({ digit, speaker }: Word, { data }: GenerateJob['given']): number[] | undefined {
  try {
    return codesOfRecording(digit, SPEAKERS[speaker], data);
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return undefined;
  }
}

/** What was made; and beside it a recording, and a copy of that by the vocoder. */
function pictureOf({ digit, speaker }: Word, sound: Float32Array, real: number[] | undefined): string {
  const codes = (values: ArrayLike<number>) => [...muLawEncode(Float32Array.from(values))];
  const made = { name: `“${digit}” by ${SPEAKERS[speaker]}, made`, codes: codes(sound) };
  const beside = real && [
    {
      name: 'a recording by way of the vocoder',
      codes: codes(synthesised(parametersOf(muLawDecode(Uint8Array.from(real))))),
    },
    { name: 'the recording', codes: real },
  ];
  return soundsSvg({ kind: 'sounds', title: '', rate: RATE, sounds: [made, ...(beside ?? [])] });
}
