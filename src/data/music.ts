// Polyphonic music (JSB Chorales, Nottingham): a file of pieces, padded batches, the anchors of its measure.
// A piece is a list of steps; a step is the sorted list of pressed keys 0..87; an empty step is a rest.
// The task is next-step prediction, so a piece of n steps has n-1 predicted ones; the measure is the negative
// log-likelihood in nats, summed over the 88 keys and averaged over all predicted steps of all pieces.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Random } from '../random';

/** Keys of a piano: the channels of a step. */
export const KEYS = 88;
/** The MIDI note of key 0, the lowest of a piano. */
export const LOWEST_NOTE = 21;
const SPLITS = ['train', 'valid', 'test'] as const;

/** A piece: for each step the keys that sound, 0 … 87, sorted and distinct. */
export type Piece = readonly (readonly number[])[];

/** A data set of music in its splits. */
export interface Music {
  name: string;
  keys: number;
  train: readonly Piece[];
  valid: readonly Piece[];
  test: readonly Piece[];
  /** Steps of the longest piece, where not all pieces are here: of a run that has kept its music. */
  longest?: number;
}

/** Reads the JSON text of a music file and checks every key; `where` names the file in messages. */
export function parseMusic(text: string, where = 'the music file'): Music {
  let music: Music;
  try {
    music = JSON.parse(text);
  } catch (reason) {
    fail(`music: ${where} is not JSON: ${(reason as Error).message}.`, { fix: 'fetch the file again.' });
  }
  checkFile(where, typeof music?.name === 'string', 'has no name');
  checkFile(where, music.keys === KEYS, `says keys ${JSON.stringify(music.keys)} where ${KEYS} are expected`);
  for (const split of SPLITS) {
    const pieces = music[split];
    checkFile(where, Array.isArray(pieces) && pieces.length > 0, `has no pieces under "${split}"`);
    pieces.forEach((piece, index) => checkPiece(where, `${split} piece ${index}`, piece));
  }
  return music;
}

/** The JSON text of a music file, one piece a line: the format that `parseMusic` reads. */
export function musicText(music: Music): string {
  const splits = SPLITS.map(
    (split) => `"${split}":[\n${music[split].map((piece) => JSON.stringify(piece)).join(',\n')}\n]`,
  );
  return `{"name":${JSON.stringify(music.name)},"keys":${music.keys},\n${splits.join(',\n')}\n}\n`;
}

function checkFile(where: string, ok: boolean, problem: string): void {
  if (ok) return;
  const format = `{"name", "keys": ${KEYS}, "train", "valid", "test"}, each split a list of pieces`;
  fail(`music: ${where} ${problem}.`, { fix: `the format is ${format}.` });
}

function checkPiece(where: string, piece: string, steps: unknown): void {
  checkFile(where, Array.isArray(steps), `has ${piece} that is not a list of steps`);
  checkFile(where, (steps as unknown[]).length > 0, `has ${piece} without a step`);
  for (const [t, step] of (steps as unknown[]).entries()) {
    checkFile(where, Array.isArray(step), `has ${piece} whose step ${t} is not a list of keys`);
    let before = -1;
    for (const key of step as number[]) {
      const ok = Number.isInteger(key) && key > before && key < KEYS;
      if (!ok)
        checkFile(where, false, `has ${piece} with step ${t} = ${JSON.stringify(step)}: ${keyProblem(key)}`);
      before = key;
    }
  }
}

function keyProblem(key: unknown): string {
  const inRange = Number.isInteger(key) && (key as number) >= 0 && (key as number) < KEYS;
  if (inRange) return 'keys are sorted and distinct';
  return `key ${JSON.stringify(key)} is not in 0..${KEYS - 1} (MIDI notes less 21)`;
}

/** How many steps the measure counts: all but the first of every piece. */
export function predictedSteps(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + Math.max(0, piece.length - 1), 0);
}

/** A batch of pieces, padded to the length T of the longest. */
export interface MusicBatch {
  /** Steps 0 … n-2 as zeros and ones, [B, T, 88]. */
  x: HostArray;
  /** Steps 1 … n-1, [B, T, 88]. */
  targets: HostArray;
  /** 1 where a step is predicted, 0 in the padding, [B, T]. */
  weights: HostArray;
  /** How many weights are 1. */
  predicted: number;
  /** The index in `pieces` of every row that holds one; rows after them are empty. */
  rows: readonly number[];
}

/** Where an epoch stands, for `resume`; it survives JSON. */
export interface MusicPosition {
  random: readonly number[] | null;
  taken: number;
}

/** What an epoch is made of. */
export interface BatchOptions {
  pieces: readonly Piece[];
  batch: number;
  /** Orders the epoch; without it the order is the same every time (longest first). */
  random?: Random;
  /** T is rounded up to a multiple of this, so that few shapes occur. */
  bucket?: number;
  /** Continues an epoch that `save` described; `random` is set back to where that epoch began. */
  resume?: MusicPosition;
}

/** One epoch of padded batches: every piece once, pieces of similar length together, in random order. */
export function batches(options: BatchOptions): MusicBatches {
  return new MusicBatches(options);
}

/** The batches of one epoch, one after the other; `save` gives the place in it. */
export class MusicBatches implements IterableIterator<MusicBatch> {
  /** How many batches the epoch has. */
  readonly count: number;
  private readonly start: readonly number[] | null;
  private readonly groups: number[][];
  private taken: number;

  constructor(private readonly options: BatchOptions) {
    const { pieces, batch, random, bucket = 16, resume } = options;
    if (![batch, bucket].every((count) => Number.isInteger(count) && count >= 1)) {
      fail(`music: batch ${batch}, bucket ${bucket}.`, { fix: 'give integers of at least 1.' });
    }
    if (resume?.random && random) random.restore(resume.random);
    this.start = random ? random.save() : null;
    this.groups = groupPieces(pieces, batch, bucket, random);
    this.count = this.groups.length;
    this.taken = resume?.taken ?? 0;
    const inEpoch = Number.isInteger(this.taken) && this.taken >= 0 && this.taken <= this.count;
    const sameOrder = !resume || Boolean(resume.random) === Boolean(random);
    if (!inEpoch || !sameOrder) {
      fail(`music: ${JSON.stringify(resume)} is no position in these ${this.count} batches.`, {
        fix: 'resume with the same pieces, batch and bucket, and with `random` if there was one before.',
      });
    }
  }

  next(): IteratorResult<MusicBatch, undefined> {
    if (this.taken === this.count) return { done: true, value: undefined };
    const { pieces, batch, bucket = 16 } = this.options;
    return { done: false, value: padBatch(pieces, this.groups[this.taken++], batch, bucket) };
  }

  [Symbol.iterator](): this {
    return this;
  }

  save(): MusicPosition {
    return { random: this.start, taken: this.taken };
  }
}

/** Steps of a piece in a batch: those to be predicted, rounded up to a multiple of `bucket`. */
export function paddedLength(piece: Piece, bucket: number): number {
  return Math.max(1, Math.ceil((piece.length - 1) / bucket)) * bucket;
}

function groupPieces(pieces: readonly Piece[], batch: number, bucket: number, random?: Random): number[][] {
  const order = pieces.map((_, index) => index);
  random?.shuffle(order);
  // The sort is stable: pieces of one padded length keep their random order. The group that may be short has
  // the shortest pieces, where empty rows cost least.
  order.sort((i, j) => paddedLength(pieces[j], bucket) - paddedLength(pieces[i], bucket));
  const groups: number[][] = [];
  for (let i = 0; i < order.length; i += batch) groups.push(order.slice(i, i + batch));
  random?.shuffle(groups);
  return groups;
}

function padBatch(pieces: readonly Piece[], rows: readonly number[], B: number, bucket: number): MusicBatch {
  const T = Math.max(...rows.map((index) => paddedLength(pieces[index], bucket)));
  const x = new Float32Array(B * T * KEYS); // [B, T, 88]
  const targets = new Float32Array(B * T * KEYS); // [B, T, 88]
  const weights = new Float32Array(B * T); // [B, T]
  rows.forEach((index, row) => {
    const steps = pieces[index].length - 1;
    weights.fill(1, row * T, row * T + steps);
    for (let t = 0; t < steps; t++) {
      const at = (row * T + t) * KEYS;
      for (const key of pieces[index][t]) x[at + key] = 1;
      for (const key of pieces[index][t + 1]) targets[at + key] = 1;
    }
  });
  return {
    x: { shape: [B, T, KEYS], data: x },
    targets: { shape: [B, T, KEYS], data: targets },
    weights: { shape: [B, T], data: weights },
    predicted: predictedSteps(rows.map((index) => pieces[index])),
    rows,
  };
}

/** The measure of a model that knows only how often each key is pressed. */
export function marginalNll(train: readonly Piece[], test: readonly Piece[]): number {
  return keyNll(train, test, false);
}

/** The measure of a model that knows, for each key alone, whether it was pressed one step before. */
export function markovNll(train: readonly Piece[], test: readonly Piece[]): number {
  return keyNll(train, test, true);
}

/** Counts on `train` with one half added to each outcome (Jeffreys' prior); scores `test`. */
function keyNll(train: readonly Piece[], test: readonly Piece[], seesBefore: boolean): number {
  const seen = new Float64Array(4 * KEYS).fill(0.5); // [before, now, key]
  eachKey(train, seesBefore, (outcome) => seen[outcome]++);
  const nats = seen.map((count, outcome) => {
    const other = seen[outcome + (Math.floor(outcome / KEYS) % 2 === 0 ? KEYS : -KEYS)];
    return -Math.log(count / (count + other));
  });
  let sum = 0;
  eachKey(test, seesBefore, (outcome) => (sum += nats[outcome]));
  return sum / predictedSteps(test);
}

function eachKey(pieces: readonly Piece[], seesBefore: boolean, visit: (outcome: number) => void): void {
  for (const piece of pieces) {
    for (let t = 1; t < piece.length; t++) {
      const before = new Set(seesBefore ? piece[t - 1] : []);
      const now = new Set(piece[t]);
      for (let key = 0; key < KEYS; key++) {
        visit((before.has(key) ? 2 * KEYS : 0) + (now.has(key) ? KEYS : 0) + key);
      }
    }
  }
}
