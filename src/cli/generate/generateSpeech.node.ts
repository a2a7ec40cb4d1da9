// Words from a model of speech parameters: a WAV file for each, and its spectrogram beside those of a recording and of
// what the vocoder makes of the parameters of that recording.

import { join } from 'node:path';
import { muLawEncode } from '../../data/muLaw';
import { synthesised } from '../../data/speech/parameters';
import { DIGITS, RATE, SPEAKERS } from '../../data/spokenDigits';
import { encodeWav } from '../../data/wav';
import { Outputs } from '../../files/outputs.node';
import { writeWhole } from '../../files/wholeFile.node';
import { fail } from '../../graph/check';
import { soundsSvg } from '../../report/sounds.node';
import type { SpokenWords, Word } from '../../tasks/speech/spoken';
import { speakWords } from '../../tasks/speech/synthesis';
import type { GenerateJob, Kind } from './generateKind';

/** Whole words. */
export const speech: Kind = {
  flags: ['digit', 'speaker'],
  prepare({ content, folder, given }: GenerateJob) {
    for (const name of ['length', 'temperature']) {
      if (given[name] === undefined) continue;
      fail(`generate: --${name} does not go with speech.`, {
        given: 'a word lasts as long as it does in the mean, and nothing of it is drawn',
        fix: 'leave it out.',
      });
    }
    const words = content as SpokenWords;
    const said = wordsOf(words, given);
    const out = String(given.out ?? join(folder, 'speech'));
    const names = said.map(nameOf);
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    outputs.folder(
      out,
      names.flatMap((name) => [`${name}.wav`, `${name}.svg`]),
      '--out',
    );
    return async (engine, model) => {
      const start = performance.now();
      const sounds = await speakWords(engine, model, words, said, Number(given.seed ?? 1));
      const seconds = (performance.now() - start) / 1000;
      sounds.forEach((sound, i) => {
        writeWhole(join(out, `${names[i]}.wav`), encodeWav({ rate: RATE, samples: sound }));
        writeWhole(join(out, `${names[i]}.svg`), pictureOf(words, said[i], sound));
        console.log(join(out, `${names[i]}.wav`));
      });
      const length = said.reduce((sum, { frames }) => sum + frames, 0);
      return { stepsPerSecond: length / seconds, seconds, length, json: { folder: out, words: names } };
    };
  },
};

const nameOf = ({ digit, speaker }: Word): string => `${digit}-${SPEAKERS[speaker]}`;

/** The word that is asked for, or all ten, in their mean durations. */
function wordsOf({ durations }: SpokenWords, given: GenerateJob['given']): Word[] {
  const speaker = given.speaker === undefined ? 0 : SPEAKERS.findIndex((name) => name === given.speaker);
  const digits = Array.from({ length: DIGITS }, (_, digit) => digit);
  return digits
    .filter((digit) => given.digit === undefined || digit === Number(given.digit))
    .map((digit) => ({ digit, speaker, frames: durations[speaker][digit] }));
}

/** What was made, beside the first recording of the test that says the same, and a copy of that by the vocoder. */
function pictureOf({ test }: SpokenWords, { digit, speaker }: Word, sound: Float32Array): string {
  const { samples, parameters } = test.find((one) => one.digit === digit && one.speaker === speaker)!;
  const codes = (values: ArrayLike<number>) => [...muLawEncode(Float32Array.from(values))];
  const sounds = [
    { name: `“${digit}” by ${SPEAKERS[speaker]}, made`, codes: codes(sound) },
    { name: 'a recording by way of the vocoder', codes: codes(synthesised(parameters)) },
    { name: 'the recording', codes: codes(samples) },
  ];
  return soundsSvg({ kind: 'sounds', title: '', rate: RATE, sounds });
}
