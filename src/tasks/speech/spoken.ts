// Recordings as pairs of sequences: where in which word a frame stands, and how it sounds. Both are known before the
// first frame is made: a duration is the mean of its digit and speaker where none is given.

import { muLawDecode } from '../../data/muLaw';
import { normalisationOf, normalised, type Normalisation } from '../../data/speech/normalisation';
import { PARAMETERS, parametersOf } from '../../data/speech/parameters';
import { DIGITS, SPEAKERS, type Recording, type SpokenDigits } from '../../data/spokenDigits';
import type { HostArray } from '../../graph/host';
import type { Random } from '../../random';
import type { Split } from '../task';

/** A word to be spoken. */
export interface Word {
  readonly digit: number;
  /** Place in SPEAKERS. */
  readonly speaker: number;
  /** Frames. */
  readonly frames: number;
}

/** A word that was spoken. */
export interface Spoken extends Word {
  /** PARAMETERS numbers a frame. */
  readonly parameters: readonly Float64Array[];
  readonly samples: Float32Array;
}

/** All recordings, and what is known of those that are trained on. */
export interface SpokenWords extends Readonly<Record<Split | 'train', readonly Spoken[]>> {
  readonly normalisation: Normalisation;
  /** Mean frames by speaker and digit. */
  readonly durations: readonly (readonly number[])[];
  /** Frames of the longest row, where not all words are here: of a run that kept it. */
  readonly longest?: number;
}

/** Parameters of all recordings. */
export function spokenWords(digits: SpokenDigits): SpokenWords {
  const listen = (list: readonly Recording[]) =>
    list.map(({ codes, digit, speaker }): Spoken => {
      const samples = muLawDecode(codes);
      const parameters = parametersOf(samples);
      return { digit, speaker: SPEAKERS.indexOf(speaker), frames: parameters.length, parameters, samples };
    });
  const train = listen(digits.train);
  const durations = SPEAKERS.map((_, speaker) =>
    Array.from({ length: DIGITS }, (__, digit) => {
      const own = train.filter((one) => one.speaker === speaker && one.digit === digit);
      return Math.round(own.reduce((sum, { frames }) => sum + frames, 0) / own.length);
    }),
  );
  const normalisation = normalisationOf(train.flatMap(({ parameters }) => parameters));
  return { train, valid: listen(digits.valid), test: listen(digits.test), durations, normalisation };
}

/** Waves over a word, beside the straight lines. */
const WAVES = 4;
/** Numbers that a frame is described by: digit, speaker, four of its place, and the waves. */
export const INPUTS = DIGITS + SPEAKERS.length + 4 + WAVES;
/** Frames, and frames to the end, count in halves of a second. */
const LONG = 50;

/** What is known of a frame before it is made. */
function described({ digit, speaker, frames }: Word, f: number): number[] {
  const share = (f + 0.5) / frames;
  return [
    ...Array.from({ length: DIGITS }, (_, d) => Number(d === digit)),
    ...SPEAKERS.map((_, s) => Number(s === speaker)),
    share,
    f / LONG,
    (frames - f) / LONG,
    frames / LONG,
    ...Array.from({ length: WAVES }, (_, k) => Math.cos(Math.PI * (k + 1) * share)),
  ];
}

/** Frames of a row are so many or a multiple of them, so that few shapes are recorded. */
const BUCKET = 32;

/** Frames of the row that a word stands in. */
export const rowOf = ({ frames }: Word): number => Math.ceil(frames / BUCKET) * BUCKET;

/** Frames of the longest row. */
export const longestRow = ({ train, valid, test, longest = 0 }: SpokenWords): number =>
  [train, valid, test].flat().reduce((most, word) => Math.max(most, rowOf(word)), longest);

/** f32 [B, T, INPUTS] of words, behind their ends zeros. */
export function inputOf(words: readonly Word[]): HostArray {
  const T = Math.max(...words.map(rowOf));
  const data = new Float32Array(words.length * T * INPUTS);
  words.forEach((word, b) => {
    for (let f = 0; f < word.frames; f++) data.set(described(word, f), (b * T + f) * INPUTS);
  });
  return { shape: [words.length, T, INPUTS], data };
}

/** The input; f32 [B, T, PARAMETERS] of what was said, normalised; f32 [B, T, 1]: 1 in a frame, 0 behind the end. */
export function spokenBatch(list: readonly Spoken[], normalisation: Normalisation): readonly HostArray[] {
  const input = inputOf(list);
  const [B, T] = input.shape;
  const targets = new Float32Array(B * T * PARAMETERS);
  const counts = new Float32Array(B * T);
  list.forEach(({ parameters }, b) => {
    parameters.forEach((frame, f) => targets.set(normalised(frame, normalisation), (b * T + f) * PARAMETERS));
    counts.fill(1, b * T, b * T + parameters.length);
  });
  return [input, { shape: [B, T, PARAMETERS], data: targets }, { shape: [B, T, 1], data: counts }];
}

/** So many recordings at random, of about the same length. */
export function drawSpoken(
  { train, normalisation }: SpokenWords,
  { batch, random }: { readonly batch: number; readonly random: Random },
): readonly HostArray[] {
  const row = rowOf(train[random.integer(train.length)]);
  const equal = train.filter((one) => rowOf(one) === row);
  return spokenBatch(
    Array.from({ length: batch }, () => equal[random.integer(equal.length)]),
    normalisation,
  );
}
