// Options that several tasks have.

import { ENCODINGS } from '../data/own/codePoints';
import type { DELIMITERS } from '../data/own/csv';
import { DECIMALS } from '../data/own/numbers';
import type { Misfit, Options, Values } from '../spec/option';

/** The length of drawn sequences, or of pieces of sound. */
export const LENGTH = {
  length: { kind: 'count', required: true, help: 'T: how far back the answer lies' },
} as const satisfies Options;

/** How a text is read. */
export const TEXT = {
  bptt: { kind: 'count', required: true, help: 'steps per segment; gradients go back no further' },
  sampling: {
    kind: ['stream', 'random'],
    help: 'stream: segments one behind the other, so that a state goes on; random: each begins anywhere',
    absent: 'stream',
    misfit: ({ sampling, lead }) =>
      sampling === 'random' && Number(lead ?? 0) > 0
        ? { with: '--lead', fix: 'leave one of the two out.' }
        : undefined,
  },
  trainTokens: { kind: 'budget', help: 'train on the first so many tokens only; 0: on all' },
  evaluationTokens: { kind: 'budget', help: 'the same in validation and test' },
} as const satisfies Options;

/** What delimiters are called. */
export const DELIMITER_NAMES = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  bar: '|',
  blanks: ' ',
} as const satisfies Record<string, (typeof DELIMITERS)[number]>;

/** How a CSV file of a user's own is written. */
export const CSV = {
  delimiter: {
    kind: Object.keys(DELIMITER_NAMES) as (keyof typeof DELIMITER_NAMES)[],
    help: 'between fields; otherwise guessed',
  },
  decimal: { kind: DECIMALS, help: 'what decimals are written with', absent: 'point' },
  header: {
    kind: 'boolean',
    help: 'whether the first row names the columns; otherwise whether it has words where the next has none',
  },
  encoding: { kind: ENCODINGS, help: 'of the file; otherwise by its byte order mark, or utf-8' },
} as const satisfies Options;

/** What an option says that goes with some units of text only; `absent`: the unit where none is given. */
export const ofUnits =
  (units: readonly string[], absent?: string) =>
  ({ unit = absent }: Values): Misfit | undefined =>
    units.includes(String(unit))
      ? undefined
      : { with: `--unit ${String(unit)}`, fix: `add --unit ${units.join(' or ')}.` };
