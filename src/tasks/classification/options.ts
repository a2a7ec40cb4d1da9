// How sequences of a user's own are read, and what a model is given of them.

import { UNITS } from '../../data/own/tokeniser';
import type { Options } from '../../spec/option';
import { CSV, ofUnits } from '../options';

/** The options of the task. */
export const CLASSIFICATION = {
  classColumn: {
    kind: 'text',
    help: 'the column of classes, by name or place; otherwise that called class, label, category or target',
  },
  textColumn: {
    kind: 'text',
    help: 'the column of texts, where a row is a text; otherwise the only one that is no numbers',
    misfit: ({ sequenceColumn }) =>
      sequenceColumn === undefined
        ? undefined
        : { with: '--sequence-column', fix: 'leave one of the two out.' },
  },
  sequenceColumn: {
    kind: 'text',
    help: 'what rows of one sequence have in common, where a row is a step; otherwise a row is a sequence',
  },
  columns: { kind: 'texts', help: 'the columns of numbers, by name or place; otherwise all' },
  ...CSV,
  rate: { kind: 'count', help: 'samples per second that files are converted to; otherwise 8000' },
  unit: {
    kind: UNITS,
    help: 'what a token is: a character, a word, or a learned subword',
    absent: 'word',
  },
  merges: {
    kind: 'count',
    help: 'of bpe: the most merges; otherwise 4000',
    misfit: ofUnits(['bpe'], 'word'),
  },
  vocabulary: {
    kind: 'count',
    help: 'the most words; otherwise 30000',
    misfit: ofUnits(['word'], 'word'),
  },
  atLeast: {
    kind: 'count',
    help: 'words that occur less often in training are <unk>; otherwise 2',
    misfit: ofUnits(['word'], 'word'),
  },
  embedding: { kind: 'count', help: 'numbers that a token is embedded in; otherwise 32' },
  longest: { kind: 'count', help: 'steps of a sequence; of longer ones the first are kept; otherwise 1024' },
  validPart: { kind: 'rate', help: 'part of every class that validates; otherwise 0.1' },
  testPart: { kind: 'rate', help: 'the same that tests; otherwise 0.1' },
  splitSeed: { kind: 'seed', help: 'of the split, whatever the seed of the run', absent: '1' },
} as const satisfies Options;
