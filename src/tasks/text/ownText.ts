// A text of one's own as a task of the table: characters, words or learned subwords of any files.

import { sourcesName } from '../../data/byteSource';
import { ENCODINGS } from '../../data/own/codePoints';
import { readOwnText } from '../../data/own/text';
import type { TextData } from '../../data/text';
import { UNITS } from '../../data/own/tokeniser';
import { keepText, keptText, ownTextData, tokeniserOf } from '../../data/own/writing';
import type { Options } from '../../spec/option';
import { TEXT, ofUnits } from '../options';
import { LEAST_STEPS } from '../preset';
import { defineTask } from '../taskSpec';
import { CORPUS_FACTS, CORPUS_TASK } from './corpusTask';

const OWN_TEXT = {
  ...TEXT,
  unit: {
    kind: UNITS,
    help: 'what a token is: a character, a word, or a learned subword',
    absent: 'character',
  },
  vocabulary: {
    kind: 'count',
    help: 'the most tokens; otherwise 10000 words or 1024 of bpe, 256 of which are bytes',
    misfit: ofUnits(['word', 'bpe'], 'character'),
  },
  atLeast: {
    kind: 'count',
    help: 'words that occur less often in training are <unk>; otherwise 2',
    misfit: ofUnits(['word'], 'character'),
  },
  encoding: { kind: ENCODINGS, help: 'of the files; otherwise by their byte order mark, or utf-8' },
  newlines: { kind: ['lf', 'keep'], help: 'CR LF becomes LF, or is kept', absent: 'lf' },
  validPart: { kind: 'rate', help: 'part of the text that validates; otherwise 0.05' },
  testPart: { kind: 'rate', help: 'part at its end that tests; 0: what validates does; otherwise 0.05' },
} as const satisfies Options;

/** A text of a user's own files, by characters, words or learned subwords. */
export const ownText = defineTask<'text', typeof OWN_TEXT, TextData, { readonly tokens: number }>({
  ...CORPUS_TASK,
  name: 'text',
  title: 'A text of your own',
  about: 'the next character, word or subword of your own files: --from FILE or --from FOLDER',
  options: OWN_TEXT,
  start: {
    batch: 16,
    bptt: 64,
    epochs: 1,
    ...LEAST_STEPS,
    embedding: 32,
    optimizer: 'adam',
    learningRate: 5e-3,
    schedule: 'linear',
    clipNorm: 1,
  },
  presets: {},
  data: {
    ...CORPUS_FACTS,
    from: { what: 'text files' },
    read: (files, settings, _parts, kept) =>
      ownTextData(
        sourcesName(files),
        readOwnText(files, { ...settings, tokeniser: tokeniserOf(kept) }),
        kept,
      ),
    keep: keepText,
    kept: keptText,
  },
});
