// Reads a command's words: node:util's parseArgs, with errors that name what is meant, and numbers with
// ranges. What this file and its callers throw while they read words ends the program with code 2.

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { fail } from '../graph/check';
import { TEMPERATURES } from '../ops/random/sample';

/** A flag's kind of value, and the line that help shows for it. */
export interface Flag {
  readonly kind:
    'switch' | 'boolean' | 'text' | 'texts' | 'rates' | 'numbers' | keyof typeof RANGES | readonly string[];
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;
export type Value = string | number | boolean | readonly number[] | readonly string[];

export interface Words {
  readonly positionals: readonly string[];
  /** The flags that were given, under their names in camelCase. */
  readonly given: Readonly<Record<string, Value>>;
}

/** Splits a command's words into flags and the rest, and checks every flag's value. */
export function readFlags(command: string, words: readonly string[], flags: Flags): Words {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { kind }]) => [
      name,
      { type: kind === 'switch' ? ('boolean' as const) : ('string' as const), multiple: kind === 'texts' },
    ]),
  );
  const { values, positionals } = parseStrictly(command, words, options);
  const given: Record<string, Value> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = Array.isArray(value) ? value.join() : value!;
    given[camelCase(name)] = typeof text === 'string' ? readValue(name, flags[name], text) : text;
  }
  return { positionals, given };
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed = { values: Record<string, string | string[] | boolean | undefined>; positionals: string[] };

function parseStrictly(command: string, words: readonly string[], options: Options): Parsed {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: true }) as Parsed;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && /'(--?[^']+)'/.exec(message)?.[1];
    const names = Object.keys(options).map((name) => `--${name}`);
    if (unknown) unknownWord(`${command}: there is no option ${unknown}.`, unknown, names);
    const [, name, wrong] = /'(--[^ ']+).*?' ?(argument missing|does not take)?/.exec(message) ?? [];
    if (wrong === 'argument missing') fail(`${command}: ${name} needs a value.`, { fix: `${name} VALUE.` });
    if (wrong === 'does not take') fail(`${command}: ${name} takes no value.`, { fix: `${name} alone.` });
    fail(`${command}: ${message.split('\n')[0]}`, { fix: 'see `npx seqgpu help`.' });
  }
}

/** Fails with the known words, the nearest of them in front. */
export function unknownWord(message: string, word: string, known: readonly string[]): never {
  const near = nearest(word, known);
  fail(message, {
    given: `known: ${known.join(', ')}`,
    fix: near ? `did you mean ${near}?` : 'use one of these.',
  });
}

/** One of `known`, or an error that names the nearest of them. */
export function oneOf<T extends string>(what: string, word: string | undefined, known: readonly T[]): T {
  if (known.includes(word as T)) return word as T;
  if (word === undefined) fail(`${what} is missing.`, { fix: `give one of ${known.join(', ')}.` });
  return unknownWord(`${what} "${word}" is unknown.`, word, known);
}

/** What a number must be, in words, and whether it is. */
const RANGES = {
  budget: ['a whole number of at least 0', (n: number) => Number.isSafeInteger(n) && n >= 0],
  count: ['a whole number of at least 1', (n: number) => Number.isSafeInteger(n) && n >= 1],
  seed: ['a whole number from 0 to 4294967295', (n: number) => Number.isInteger(n) && n >= 0 && n < 2 ** 32],
  positive: ['a number above 0', (n: number) => Number.isFinite(n) && n > 0],
  weight: ['a number of at least 0', (n: number) => Number.isFinite(n) && n >= 0],
  rate: ['a number from 0 up to, but not, 1', (n: number) => n >= 0 && n < 1],
  temperature: [
    'a number from 0.001 to 1000, or 0',
    (n: number) => n === 0 || (n >= TEMPERATURES.least && n <= TEMPERATURES.most),
  ],
  lambda: ['a number above 0 and at most 1', (n: number) => n > 0 && n <= 1],
} as const;

/** Why a value does not suit its flag, or null when it does. Also for values that come from a file. */
export function wrongValue({ kind }: Flag, value: unknown): string | null {
  if (kind === 'switch' || kind === 'boolean') return typeof value === 'boolean' ? null : 'true or false';
  if (kind === 'text') return typeof value === 'string' && value ? null : 'a text that is not empty';
  if (kind === 'texts') {
    const all = Array.isArray(value) && value.length > 0 && value.every((text) => text);
    return all ? null : 'texts that are not empty, with commas between them';
  }
  if (kind === 'rates') {
    const pair = Array.isArray(value) && value.length === 2 && value.every((n) => n >= 0 && n < 1);
    return pair ? null : 'two numbers from 0 up to, but not, 1, with a comma between them';
  }
  if (kind === 'numbers') {
    const all =
      Array.isArray(value) && value.length > 0 && value.every((n) => Number.isSafeInteger(n) && n >= 0);
    return all ? null : 'whole numbers of at least 0, with commas between them';
  }
  if (typeof kind !== 'string') return kind.includes(value as string) ? null : `one of ${kind.join(', ')}`;
  const [words, holds] = RANGES[kind];
  return typeof value === 'number' && holds(value) ? null : words;
}

function readValue(name: string, flag: Flag, text: string): Value {
  const { kind } = flag;
  if (typeof kind !== 'string') return oneOf(`--${name}`, text, kind);
  const parts = text.split(',').map((part) => part.trim());
  const value = (READERS[kind] ?? (() => readNumber(text)))(text, parts);
  const wanted = wrongValue(flag, value);
  if (wanted) fail(`--${name}: "${text}" does not fit.`, { fix: `give ${wanted}.` });
  return value;
}

const READERS: Readonly<Record<string, (text: string, parts: string[]) => Value>> = {
  text: (text) => text,
  texts: (_text, parts) => parts,
  rates: (_text, parts) => parts.map(readNumber),
  numbers: (_text, parts) => parts.map(readNumber),
  boolean: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
};

/** Number('') is 0, and Number('0x10') is 16: neither is what anybody means. */
const readNumber = (text: string): number => (/^[-+.\deE]+$/.test(text) ? Number(text) : NaN);

/** The known word that takes the fewest changed letters, when these are few. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((other) => ({ other, away: distance(word.toLowerCase(), other) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(2, Math.floor(best.other.length / 3)) ? best.other : null;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

export const camelCase = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const PLACES: Readonly<Record<string, string>> = {
  ...{ switch: '', boolean: ' true|false', text: ' TEXT', texts: ' TEXT,…', rates: ' N,N', numbers: ' N,…' },
};

/** The flags, one a line, for help. */
export function flagsText(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { kind, help }]) => [
    `--${name}${typeof kind === 'string' ? (PLACES[kind] ?? ' N') : ' NAME'}`,
    help,
  ]);
  const width = Math.max(...rows.map(([head]) => head.length));
  return rows.map(([head, help]) => `  ${head.padEnd(width)}  ${help}`).join('\n');
}
