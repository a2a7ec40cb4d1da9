// Reads a command's words: node:util's parseArgs, with errors that name what is meant, and numbers with
// ranges. What this file and its callers throw while they read words ends the program with code 2.

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { fail } from '../../graph/check';
import { camelCase, wrongValue, type Option, type Value } from '../../spec/option';
import { nearestName, oneOf } from '../../spec/words';

/** A flag's kind of value, and the line that help shows for it. */
export type Flag = Pick<Option, 'kind' | 'help'>;

/** Flags by their names in kebab-case. */
export type Flags = Readonly<Record<string, Flag>>;

/** A command's words, read. */
export interface Words {
  readonly positionals: readonly string[];
  /** The flags that were given, under their names in camelCase. */
  readonly given: Readonly<Record<string, Value>>;
}

/** Hears what was typed before any value is read: whether flags, in camelCase, go with the rest can be said then. */
export type OnNames = (positionals: readonly string[], texts: Readonly<Record<string, unknown>>) => void;

/** Splits a command's words into flags and the rest, and checks every flag's value. */
export function readFlags(command: string, words: readonly string[], flags: Flags, onNames?: OnNames): Words {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { kind }]) => [
      name,
      {
        type: kind === 'switch' ? ('boolean' as const) : ('string' as const),
        multiple: kind === 'texts' || kind === 'paths',
      },
    ]),
  );
  const { values, positionals } = parseStrictly(command, withNegative(words, options), options, flags);
  onNames?.(
    positionals,
    Object.fromEntries(Object.entries(values).map(([name, text]) => [camelCase(name), text])),
  );
  const given: Record<string, Value> = {};
  for (const [name, value] of Object.entries(values)) {
    const { kind } = flags[name];
    const text = Array.isArray(value) && kind !== 'paths' ? value.join() : value!;
    given[camelCase(name)] = typeof text === 'string' ? readValue(name, flags[name], text) : text;
  }
  return { positionals, given };
}

/** `--steps -5` as `--steps=-5`, so that what is wrong with the number can be said: no option begins with a digit. */
function withNegative(words: readonly string[], options: Options): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    const takes = before?.startsWith('--') && options[before.slice(2)]?.type === 'string';
    if (takes && /^-[\d.]/.test(word)) joined.splice(-1, 1, `${before}=${word}`);
    else joined.push(word);
  }
  return joined;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed = { values: Record<string, string | string[] | boolean | undefined>; positionals: string[] };

function parseStrictly(command: string, words: readonly string[], options: Options, flags: Flags): Parsed {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: true }) as Parsed;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && /'(--?[^']+)'/.exec(message)?.[1];
    if (unknown) unknownFlag(command, unknown, Object.keys(flags));
    const [, name = '', wrong] =
      /'(--[^ ']+).*?' ?(argument missing|argument is ambiguous|does not take)?/.exec(message) ?? [];
    if (wrong?.startsWith('argument')) {
      // What follows may be the next option, or begin with a dash as few values do.
      fail(`${command}: ${name} needs a value: ${wrongValue(flags[name.slice(2)], undefined)}.`, {
        fix: `${name} VALUE; ${name}=VALUE, where it begins with a dash.`,
      });
    }
    if (wrong === 'does not take') fail(`${command}: ${name} takes no value.`, { fix: `${name} alone.` });
    fail(`${command}: ${message.split('\n')[0]}`, { fix: 'see `npx seqgpu help`.' });
  }
}

/** As many options as somebody reads through. */
const FEW = 20;

function unknownFlag(command: string, typed: string, names: readonly string[]): never {
  const near = nearestName(typed.replace(/^-+/, ''), names);
  const many = names.length > FEW;
  const [page] = command.split(' ');
  return fail(`${command}: there is no option ${typed}.`, {
    given: many ? undefined : `known: ${names.map((name) => `--${name}`).join(', ')}`,
    fix: near ? `did you mean --${near}?` : many ? `see \`npx seqgpu help ${page}\`.` : 'use one of these.',
  });
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

const PLACES: Readonly<Record<string, string>> = {
  switch: '',
  boolean: ' true|false',
  text: ' TEXT',
  texts: ' TEXT,…',
  paths: ' PATH',
  rates: ' N,N',
  numbers: ' N,…',
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
