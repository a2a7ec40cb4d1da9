// How pairs of sentences are read and batched.

import { ENCODINGS } from '../../data/own/codePoints';
import { UNITS } from '../../data/own/tokeniser';
import type { Options } from '../../spec/option';
import { ofUnits } from '../options';

/** What training spreads over all symbols, on every task of pairs. */
export const SMOOTHING = {
  smoothing: {
    kind: 'rate',
    help: 'part of every target that is spread over all words, in training',
  },
} as const satisfies Options;

/** The options of any corpus of pairs. */
export const PAIRS = {
  ...SMOOTHING,
  unit: {
    kind: UNITS,
    required: true,
    help: 'what a token is: a character, a word, or a learned subword',
  },
  merges: {
    kind: 'count',
    help: 'of bpe: the most merges, learned on both languages; otherwise 4000',
    misfit: ofUnits(['bpe']),
  },
  vocabulary: {
    kind: 'count',
    help: 'the most tokens; otherwise 10000 words or 1024 of bpe, 256 of which are bytes; to translate 30000 words',
    misfit: ofUnits(['word']),
  },
  atLeast: {
    kind: 'count',
    help: 'words that occur less often in training are <unk>; otherwise 2',
    misfit: ofUnits(['word']),
  },
  longest: {
    kind: 'count',
    help: 'words (or characters, where these are tokens) of a side; longer pairs are left out; otherwise 50',
  },
  batchTokens: {
    kind: 'budget',
    help: 'tokens of source and target per step, in place of --batch: short pairs are more to a step; 0: see --batch',
  },
  validPart: { kind: 'rate', help: 'part of the source sentences that validates; otherwise 0.02' },
  testPart: { kind: 'rate', help: 'part of the source sentences that tests; otherwise 0.02' },
  splitSeed: { kind: 'seed', help: 'of the split, whatever the seed of the run', absent: '1' },
} as const satisfies Options;

/** Those of a user's own files. */
export const OWN_PAIRS = {
  ...PAIRS,
  reversed: {
    kind: 'boolean',
    help: 'of a file with tabs: whether the second column is translated into the first',
    absent: 'false',
  },
  encoding: { kind: ENCODINGS, help: 'of the files; otherwise by their byte order mark, or utf-8' },
} as const satisfies Options;
