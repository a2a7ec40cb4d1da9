// The Free Spoken Digit Dataset: recordings of "zero" to "nine", 8,000 samples per second, as 8-bit μ-law codes; pieces
// of them to train on, batches of whole ones, and the anchors of the measure, nats per sample.
//
//   splits   recordings 0 to 4 of every digit and speaker are the test, as is customary; of the 5 to 49 for
//            training, 5 and 6 are for validation here

import { NONE } from '../graph/none';
import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Random } from '../random';
import { CODES, SILENCE, muLawEncode } from './muLaw';
import { decodeWav } from './wav';

/** The two speakers of the data set that are used; a model is told their places here. */
export const SPEAKERS = ['jackson', 'george'] as const;
/** The name of a speaker. */
export type Speaker = (typeof SPEAKERS)[number];
/** Digits that are spoken: "zero" to "nine". */
export const DIGITS = 10;
/** Samples per second of every recording. */
export const RATE = 8000;
/** Recordings of every digit by every speaker. */
export const TAKES = 50;

/** A recording as μ-law codes. */
interface Coded {
  readonly codes: Uint8Array;
}

/** A recording of a digit. */
export interface Recording extends Coded {
  readonly digit: number;
  readonly speaker: Speaker;
}

/** The recordings in their splits. */
export interface SpokenDigits {
  readonly train: readonly Recording[];
  readonly valid: readonly Recording[];
  readonly test: readonly Recording[];
  /** Samples of the longest recording that a speaker is measured on, where not all are here: of a run that kept it. */
  readonly longest?: Readonly<Record<Speaker, number>>;
}

/** The published name of a recording; `take`: its number among those of the digit by the speaker, 0 … 49. */
export const fileName = (digit: number, speaker: Speaker, take: number): string =>
  `${digit}_${speaker}_${take}.wav`;

/** Digit, speaker and number of every recording. */
export function* recordings(speakers: readonly Speaker[] = SPEAKERS): Generator<[number, Speaker, number]> {
  for (const speaker of speakers) {
    for (let digit = 0; digit < DIGITS; digit++) {
      for (let take = 0; take < TAKES; take++) yield [digit, speaker, take];
    }
  }
}

const TEST_TAKES = 5;
const VALID_TAKES = 7;

/** All recordings of these speakers, in splits; `read` gives a file by its name. */
export function readDigits(speakers: readonly Speaker[], read: (name: string) => Uint8Array): SpokenDigits {
  const splits = { train: [] as Recording[], valid: [] as Recording[], test: [] as Recording[] };
  for (const [digit, speaker, take] of recordings(speakers)) {
    const name = fileName(digit, speaker, take);
    const { rate, samples } = decodeWav(read(name), name);
    if (rate !== RATE) {
      fail(`digits: ${name} has ${rate} samples per second, and ${RATE} are needed.`, {
        fix: `convert it by \`ffmpeg -i in.wav -ac 1 -ar ${RATE} -c:a pcm_s16le ${name}\`.`,
      });
    }
    if (samples.length === 0) fail(`digits: ${name} is empty.`, { fix: 'fetch it again.' });
    const split = take < TEST_TAKES ? 'test' : take < VALID_TAKES ? 'valid' : 'train';
    splits[split].push({ digit, speaker, codes: muLawEncode(samples) });
  }
  return splits;
}

/** A batch of pieces of recordings, or of whole ones. */
export interface DigitBatch {
  /** u32 [B, T], the sample before each target; silence before the first of a recording. */
  readonly ids: HostArray;
  /** u32 [B, T]; 0xFFFFFFFF behind the end. */
  readonly targets: HostArray;
  /** u32 [B], places in SPEAKERS. */
  readonly speakers: HostArray;
  /** u32 [B] */
  readonly digits: HostArray;
  /** Where the rows are from; there are none of those that are empty. */
  readonly pieces: readonly Piece[];
}

/** Part of a recording: T samples to be predicted, from `start` on. */
export interface Piece {
  readonly recording: Recording;
  readonly start: number;
}

/** Rows without a piece are empty. */
function batchOf(pieces: readonly Piece[], rows: number, length: number): DigitBatch {
  const ids = new Uint32Array(rows * length).fill(SILENCE);
  const targets = new Uint32Array(rows * length).fill(NONE);
  const [speakers, digits] = [new Uint32Array(rows), new Uint32Array(rows)];
  pieces.forEach(({ recording: { codes, digit, speaker }, start }, b) => {
    const end = Math.min(codes.length, start + length);
    targets.set(codes.subarray(start, end), b * length);
    const before = Math.max(0, start - 1);
    ids.set(codes.subarray(before, end - 1), b * length + before - (start - 1));
    speakers[b] = SPEAKERS.indexOf(speaker);
    digits[b] = digit;
  });
  const shape = [rows, length];
  return {
    ids: { shape, data: ids },
    targets: { shape, data: targets },
    speakers: { shape: [rows], data: speakers },
    digits: { shape: [rows], data: digits },
    pieces,
  };
}

/** How many samples recordings have together. */
export const samplesIn = (list: readonly Coded[]): number =>
  list.reduce((sum, { codes }) => sum + codes.length, 0);

/**
 * Pieces of `length` samples around samples drawn at random, so that recordings count by their length; at the ends of
 * a recording the piece is moved into it, so that the first and the last piece are the likeliest.
 */
export function drawPieces(
  list: readonly Recording[],
  { batch, length, random }: { batch: number; length: number; random: Random },
): DigitBatch {
  const total = samplesIn(list);
  const pieces = Array.from({ length: batch }, (): Piece => {
    let at = random.integer(total);
    const recording = list.find(({ codes }) => {
      const found = at < codes.length;
      if (!found) at -= codes.length;
      return found;
    })!;
    const start = at - random.integer(length);
    return { recording, start: Math.max(0, Math.min(start, recording.codes.length - length)) };
  });
  return batchOf(pieces, batch, length);
}

/** Samples of the longest recording that is measured of each speaker. */
export const longestMeasured = ({ valid, test, longest }: SpokenDigits): Record<Speaker, number> => {
  const of = (speaker: Speaker) =>
    [...valid, ...test]
      .filter((one) => one.speaker === speaker)
      .reduce((most, { codes }) => Math.max(most, codes.length), longest?.[speaker] ?? 0);
  return { jackson: of('jackson'), george: of('george') };
};

/** Samples of a recording, rounded up to a multiple of `bucket`. */
export const paddedTo = (samples: number, bucket: number): number => Math.ceil(samples / bucket) * bucket;

/** Whole recordings, each once, those of one speaker and of similar length together, in rows of a few lengths. */
export function* wholeRecordings(
  list: readonly Recording[],
  { batch, bucket }: { batch: number; bucket: number },
): Generator<DigitBatch> {
  const lengthOf = ({ codes }: Recording) => paddedTo(codes.length, bucket);
  for (const speaker of SPEAKERS) {
    const own = list.filter((one) => one.speaker === speaker);
    for (const length of [...new Set(own.map(lengthOf))].sort((a, b) => b - a)) {
      const equal = own.filter((one) => lengthOf(one) === length);
      for (let i = 0; i < equal.length; i += batch) {
        const pieces = equal.slice(i, i + batch).map((recording) => ({ recording, start: 0 }));
        yield batchOf(pieces, batch, length);
      }
    }
  }
}

/** The logarithm of how often each code occurs; one that does not, as if once; of no recordings, zeros. */
export function logFrequencies(list: readonly Coded[]): number[] {
  const counts = new Float64Array(CODES);
  for (const { codes } of list) for (const code of codes) counts[code]++;
  const all = samplesIn(list);
  return Array.from(counts, (count) => (all ? Math.log(Math.max(count, 1) / all) : 0));
}

/** Nats per sample of `test` for a model that knows only how often each code occurs in `train`. */
export function unigramNats(train: readonly Coded[], test: readonly Coded[]): number {
  const counts = new Float64Array(CODES);
  for (const { codes } of train) for (const code of codes) counts[code]++;
  return meanNats(test, 0, (code) => (counts[code] + PRIOR) / (samplesIn(train) + PRIOR * CODES));
}

/** The same for one that knows which code follows which, of all samples but the first of a recording. */
export function markovNats(train: readonly Coded[], test: readonly Coded[]): number {
  const pairs = new Float64Array(CODES * CODES);
  const before = new Float64Array(CODES);
  for (const { codes } of train) {
    for (let t = 1; t < codes.length; t++) {
      pairs[codes[t - 1] * CODES + codes[t]]++;
      before[codes[t - 1]]++;
    }
  }
  return meanNats(test, 1, (code, last) => {
    return (pairs[last * CODES + code] + PRIOR) / (before[last] + PRIOR * CODES);
  });
}

/** Occurrences that every code, and every pair, is taken to have besides: nothing is impossible. */
const PRIOR = 0.01;

function meanNats(
  list: readonly Coded[],
  from: number,
  probability: (code: number, last: number) => number,
): number {
  let [nats, count] = [0, 0];
  for (const { codes } of list) {
    for (let t = from; t < codes.length; t++, count++) nats -= Math.log(probability(codes[t], codes[t - 1]));
  }
  return nats / count;
}
