// Recordings as a recogniser hears them: normalised log-mel spectra that end at the last step, or a little before it in
// training. What stands in front is what a convolution takes to stand there: zeros.

import { muLawDecode } from '../../data/muLaw';
import { normalisationOf, normalised, type Normalisation } from '../../data/speech/normalisation';
import { BANDS, MelSpectra, SILENT } from '../../data/speech/mel';
import { DIGITS, SPEAKERS, type Recording, type SpokenDigits } from '../../data/spokenDigits';
import type { HostArray } from '../../graph/host';
import type { Random } from '../../random';
import type { Split } from '../task';

/** A recording, and who says what in it. */
export interface Heard {
  readonly logMel: readonly Float64Array[];
  readonly digit: number;
  /** Place in SPEAKERS. */
  readonly speaker: number;
}

/** All recordings, and how their spectra are normalised: by those that are trained on. */
export interface HeardDigits extends Readonly<Record<Split | 'train', readonly Heard[]>> {
  readonly normalisation: Normalisation;
}

/** Frames that a recogniser is given: all of the longest recording, and some behind it. */
export const STEPS = 112;
/** Frames of silence that may stand behind a recording in training. */
const TAIL = 8;
/** The most that a recording is made louder or quieter in training: 6.5 dB, as a logarithm of power. */
const GAIN = 1.5;

/** The classes of an answer: digits, then speakers. */
export const CLASSES = DIGITS + SPEAKERS.length;

/** Spectra of all recordings. */
export function heardDigits(digits: SpokenDigits): HeardDigits {
  const mel = new MelSpectra();
  const hear = (list: readonly Recording[]) =>
    list.map(({ codes, digit, speaker }) => {
      return { digit, speaker: SPEAKERS.indexOf(speaker), logMel: mel.forward(muLawDecode(codes)) };
    });
  const train = hear(digits.train);
  const normalisation = normalisationOf(train.flatMap(({ logMel }) => logMel));
  return { train, valid: hear(digits.valid), test: hear(digits.test), normalisation };
}

/** How a recording is changed, so that a recogniser does not hold loudness or its last frame for what is said. */
interface Change {
  /** Added to its logarithms. */
  readonly gain: number;
  /** Frames of silence behind it. */
  readonly tail: number;
}

const SAME: Change = { gain: 0, tail: 0 };

/** f32 [B, T, BANDS] of spectra; of one that is longer than T the end. */
export function inputOf(
  spectra: readonly (readonly Float64Array[])[],
  normalisation: Normalisation,
  changes: readonly Change[] = [],
): HostArray {
  const x = new Float32Array(spectra.length * STEPS * BANDS);
  const silence = new Float64Array(BANDS).fill(SILENT);
  spectra.forEach((logMel, b) => {
    const { gain, tail } = changes[b] ?? SAME;
    const frames = [
      ...logMel.map((frame) => frame.map((value) => Math.max(SILENT, value + gain))),
      ...Array.from({ length: tail }, () => silence),
    ].slice(-STEPS);
    frames.forEach((frame, f) => {
      x.set(normalised(frame, normalisation), (b * STEPS + STEPS - frames.length + f) * BANDS);
    });
  });
  return { shape: [spectra.length, STEPS, BANDS], data: x };
}

/** The input, and u32 [B] of digits and of speakers. */
export function heardBatch(
  list: readonly Heard[],
  normalisation: Normalisation,
  changes: readonly Change[] = [],
): readonly HostArray[] {
  const labels = (label: (one: Heard) => number): HostArray => ({
    shape: [list.length],
    data: Uint32Array.from(list, label),
  });
  const input = inputOf(
    list.map(({ logMel }) => logMel),
    normalisation,
    changes,
  );
  return [input, labels(({ digit }) => digit), labels(({ speaker }) => speaker)];
}

/** So many recordings at random, louder or quieter, and with silence behind. */
export function drawHeard(
  { train, normalisation }: HeardDigits,
  { batch, random }: { readonly batch: number; readonly random: Random },
): readonly HostArray[] {
  const drawn = Array.from({ length: batch }, () => train[random.integer(train.length)]);
  const changes = drawn.map(() => ({
    gain: GAIN * (2 * random.uniform() - 1),
    tail: random.integer(TAIL + 1),
  }));
  return heardBatch(drawn, normalisation, changes);
}
