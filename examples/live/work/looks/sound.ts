// A word that a model of sound says, sample by sample, beside a recording of it.

import { muLawDecode } from '../../../../src/data/muLaw';
import type { OwnSound } from '../../../../src/data/own/sound';
import { spectrogram } from '../../../../src/data/spectrogram';
import { DIGITS, RATE, SPEAKERS, type SpokenDigits } from '../../../../src/data/spokenDigits';
import { encodeWav } from '../../../../src/data/wav';
import type { SoundModel } from '../../../../src/models/soundModel';
import { drawSounds } from '../../../../src/tasks/digits/soundGeneration';
import type { Look, MakeLook } from './look';

/** Samples of a window of the spectrogram, 16 ms at 8,000 a second, and decibels below the loudest that are told apart. */
const [WINDOW, HOP, DECIBELS] = [128, 32, 70];
/** Seconds that are drawn where no other number is asked for. */
const SECONDS = 0.4;

/** A word that can be asked for: what the model is told, and a recording that it was not trained on. */
interface Spoken {
  readonly word: string;
  readonly told: readonly [who: number, what: number];
  readonly codes: Uint8Array;
}

const isOwn = (data: OwnSound | SpokenDigits): data is OwnSound => 'classes' in data;

/** The words of the data: classes of recordings of one's own, or digits of the first speaker. */
function wordsOf(data: OwnSound | SpokenDigits): { rate: number; words: Spoken[] } {
  if (isOwn(data)) {
    const words = data.classes.map((name, label): Spoken => {
      const { codes } = data.test.find((one) => one.label === label) ?? data.test[0];
      return { word: name || data.name, told: [label, 0], codes };
    });
    return { rate: data.rate, words };
  }
  const words = Array.from({ length: DIGITS }, (_, digit): Spoken => {
    const { codes, speaker } = data.test.find((one) => one.digit === digit)!;
    return { word: String(digit), told: [SPEAKERS.indexOf(speaker), digit], codes };
  });
  return { rate: RATE, words };
}

function shown(codes: Uint8Array) {
  const samples = muLawDecode(codes);
  const frames = spectrogram(samples, { window: WINDOW, hop: HOP }).map((frame) =>
    Float32Array.from(frame, (decibels) => Math.max(0, 1 + decibels / DECIBELS)),
  );
  return { samples, frames };
}

/** The word of that number, drawn anew. */
export const sound: MakeLook = ({ engine, program, data }): Look => {
  const model = program.model as SoundModel;
  const { rate, words } = wordsOf(data!.content as OwnSound | SpokenDigits);
  return async (step, { word = 0, temperature = 1, seconds = SECONDS, seed = 1 }) => {
    const { word: name, told, codes } = words[Number(word) % words.length];
    const [drawn] = await drawSounds(engine, model, {
      ...{
        told: [told],
        length: Math.round(Number(seconds) * rate),
        temperature: Number(temperature),
        seed: Number(seed),
      },
    });
    const said = shown(drawn);
    return {
      ...{ name: 'sound', step, rate, words: words.map((one) => one.word), word: name },
      ...{ said, recorded: shown(codes), wav: encodeWav({ rate, samples: said.samples }) },
    };
  };
};
