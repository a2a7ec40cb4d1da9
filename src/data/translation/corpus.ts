// Pairs of sentences as a corpus: three splits, a vocabulary that was learned on the training pairs, and what was left
// out, in words.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import type { Encoding } from '../own/codePoints';
import { splitItems } from '../own/splitItems';
import { Pairs } from './batches';
import { learnCoder, type CoderOptions, type SentenceCoder } from './coder';
import { wordsIn } from './lines';
import { filePairs, tabPairs, type ReadPairs, type SentencePair } from './pairs';
import { SentenceWriter } from './sentences';
import { shapesFor, shapesWith, type PairShape } from './shapes';

/** Where pairs are: in one file with tabs, or in two. */
export type PairFiles =
  | { readonly tabs: ByteSource }
  | { readonly source: ByteSource; readonly target: ByteSource };

/** The files of a corpus. What has no files of its own is drawn from the training pairs. */
export interface CorpusFiles {
  readonly train: PairFiles;
  readonly valid?: PairFiles;
  readonly test?: PairFiles;
}

/** How a corpus is read. */
export interface CorpusOptions extends CoderOptions {
  /** Whether the second column is the source, of files with tabs; default: the first. */
  readonly reversed?: boolean;
  readonly encoding?: Encoding;
  /** The most words (of the unit character: characters) of a side; longer pairs are left out. Default: 50. */
  readonly longest?: number;
  /** The part of the source sentences that validates, where there are no files; default: 0.02. */
  readonly validPart?: number;
  /** The part that tests, likewise; default: 0.02. */
  readonly testPart?: number;
  /** What draws the split; default: 1. */
  readonly splitSeed?: number;
  /** Whether all pairs are all splits, for what only measures; default: false. */
  readonly whole?: boolean;
  /** Another corpus in whose vocabulary this one is read; pairs longer than all of that one are left out. */
  readonly known?: PairCorpus;
}

/** Pairs as symbols, with what they say. */
export interface CorpusSplit {
  readonly pairs: Pairs;
  readonly texts: readonly SentencePair[];
}

/** A corpus; of one that a run has kept the splits are empty. */
export interface PairCorpus {
  readonly name: string;
  readonly coder: SentenceCoder;
  readonly train: CorpusSplit;
  readonly valid: CorpusSplit;
  readonly test: CorpusSplit;
  /** The shapes of all batches; the last holds every pair. */
  readonly shapes: readonly PairShape[];
  /** How it was split and what was left out. */
  readonly notes: readonly string[];
}

type Split = 'train' | 'valid' | 'test';

/** The default of `longest`: as Bahdanau et al. (2015) trained. */
const LONGEST = 50;
/** The most symbols of a side: a line that is no sentence would be the length of every longest batch. */
const LONGEST_SHAPE: PairShape = { source: 1000, target: 1000 };
const PART = 0.02;

/** Reads a corpus. Fails where nothing is left to train, validate or test on. */
export function readCorpus(name: string, files: CorpusFiles, options: CorpusOptions): PairCorpus {
  const notes: string[] = [];
  const read = (split: Split, own: PairFiles): SentencePair[] => {
    const { pairs, empty } = pairsIn(own, options);
    if (empty.length) notes.push(`${counted(empty)} of ${nameOf(own)} ${WITHOUT_A_SIDE}`);
    return split === 'train' ? shortEnough(pairs, options, notes) : pairs;
  };
  const texts = splitOf(
    read('train', files.train),
    files.valid && read('valid', files.valid),
    files.test && read('test', files.test),
    options,
    notes,
  );
  const { known } = options;
  const coder = known?.coder ?? learnCoder(bothSides(texts.train), options);
  const longest = known?.shapes.at(-1) ?? LONGEST_SHAPE;
  const of = (split: Split) => coded(coder, texts[split], { split, longest, notes });
  const parts = { train: of('train'), valid: of('valid'), test: of('test') };
  const shapes = shapesWith(shapesFor(parts.train.pairs), parts.valid.pairs, parts.test.pairs);
  const own = shapes.at(-1)!;
  const ends = known && (own.source < longest.source || own.target < longest.target);
  return { name, coder, ...parts, shapes: ends ? [...shapes, longest] : shapes, notes };
}

const WITHOUT_A_SIDE = 'have an empty side and are left out';

const nameOf = (files: PairFiles): string =>
  'tabs' in files ? files.tabs.name : `${files.source.name} and ${files.target.name}`;

/** `3 lines (4, 9, 12)`, of many the first. */
function counted(lines: readonly number[]): string {
  const shown = lines.slice(0, 5).join(', ');
  return `${lines.length} lines (${shown}${lines.length > 5 ? ' …' : ''})`;
}

function pairsIn(files: PairFiles, { encoding, reversed }: CorpusOptions): ReadPairs {
  if ('tabs' in files) return tabPairs(files.tabs, { encoding, reversed });
  return filePairs(files.source, files.target, encoding);
}

function shortEnough(pairs: SentencePair[], options: CorpusOptions, notes: string[]): SentencePair[] {
  const { longest = LONGEST, unit } = options;
  const length = unit === 'character' ? (text: string) => Array.from(text).length : wordsIn;
  const kept = pairs.filter(({ source, target }) => length(source) <= longest && length(target) <= longest);
  const what = unit === 'character' ? 'characters' : 'words';
  const [all, long] = [pairs.length, pairs.length - kept.length];
  if (long)
    notes.push(`${long} of ${all} pairs have a side of more than ${longest} ${what} and are left out`);
  if (kept.length) return kept;
  return fail('translation: no pairs are left to train on.', {
    given: [`${all} were read`, ...notes].join('; '),
    fix: all ? `give --longest of more than ${longest}.` : 'give files with sentences in them.',
  });
}

/** Pairs by split. Where there are no files for one, no source sentence is in two. */
function splitOf(
  train: readonly SentencePair[],
  valid: readonly SentencePair[] | undefined,
  test: readonly SentencePair[] | undefined,
  options: CorpusOptions,
  notes: string[],
): Record<Split, readonly SentencePair[]> {
  if (options.whole) return withoutGaps({ train, valid: train, test: train });
  if (valid && test) return withoutGaps({ train, valid, test });
  const { validPart = PART, testPart = PART, splitSeed = 1 } = options;
  const numbers = new Map<string, number>();
  for (const { source } of train) if (!numbers.has(source)) numbers.set(source, numbers.size);
  const what = 'different source sentences';
  const items = splitItems(numbers.size, { validPart, testPart, splitSeed, what });
  const parts = new Uint8Array(numbers.size);
  if (!valid) for (const i of items.valid) parts[i] = 1;
  if (!test) for (const i of items.test) parts[i] = 2;
  const of = (part: number) => train.filter(({ source }) => parts[numbers.get(source)!] === part);
  const splits = { train: of(0), valid: valid ?? of(1), test: test ?? of(2) };
  const drawn = [valid ? [] : ['validation'], test ? [] : ['test']].flat().join(' and ');
  const sizes = `${splits.train.length}, ${splits.valid.length} and ${splits.test.length} pairs`;
  notes.push(
    `${drawn} drawn by source sentence with --split-seed ${splitSeed}: ${sizes} train, validate and test`,
  );
  return withoutGaps(splits);
}

function withoutGaps(splits: Record<Split, readonly SentencePair[]>): Record<Split, readonly SentencePair[]> {
  const empty = (['valid', 'test'] as const).find((split) => !splits[split].length);
  if (!empty) return splits;
  return fail(`translation: no pairs are there ${empty === 'valid' ? 'to validate' : 'to test'} on.`, {
    fix: 'give files with sentences in them.',
  });
}

function* bothSides(pairs: readonly SentencePair[]): Generator<string> {
  for (const { source, target } of pairs) {
    yield source;
    yield target;
  }
}

/** The pairs of a split as symbols. Training pairs, and those that were drawn from them, have a length already. */
function coded(
  coder: SentenceCoder,
  texts: readonly SentencePair[],
  { split, longest, notes }: { readonly split: Split; readonly longest: PairShape; readonly notes: string[] },
): CorpusSplit {
  const [sources, targets] = [new SentenceWriter(coder.size), new SentenceWriter(coder.size)];
  const kept = texts.filter(({ source, target }) => {
    const [from, to] = [coder.encode(source), coder.encode(target)];
    if (from.length >= longest.source || to.length >= longest.target) return false;
    sources.put(from);
    targets.put(to);
    return true;
  });
  const long = texts.length - kept.length;
  if (long) {
    const most = `${longest.source - 1} and ${longest.target - 1} symbols`;
    notes.push(`${long} ${split} pairs are longer than ${most} and are left out`);
  }
  if (!kept.length) fail(`translation: no ${split} pairs are left.`, { given: notes.join('; ') });
  return { pairs: new Pairs(sources.sentences(), targets.sentences()), texts: split === 'train' ? [] : kept };
}
