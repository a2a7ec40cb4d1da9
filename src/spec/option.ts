// An option: what a task, a model, training or a command may be told. Its kind of value, its range and its line of help
// are declared once; flags, settings in a file, searches, help and checks are all derived from that.

import { TEMPERATURES } from '../ops/random/sample';

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

/** The kinds of values, but for a choice of words. */
interface Kinds extends Record<keyof typeof RANGES, number> {
  /** True or not there: a flag without a value. */
  readonly switch: boolean;
  readonly boolean: boolean;
  readonly text: string;
  readonly texts: readonly string[];
  /** Given once each: a comma is a part of a path. */
  readonly paths: readonly string[];
  /** Two of them. */
  readonly rates: readonly [number, number];
  /** Whole numbers. */
  readonly numbers: readonly number[];
}

/** The kind of an option's value: one of the named ones, or a choice of words. */
export type Kind = keyof Kinds | readonly string[];

/** What an option is searched over: factors multiply the value that the search begins with. */
export type Range =
  | { readonly kind: 'log factor'; readonly from: number; readonly to: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'choice'; readonly of: readonly (number | string)[] };

/** Why an option that is in force has no meaning beside the other settings, and what to do. */
export interface Misfit {
  /** What it does not go with, e.g. `--schedule linear`. */
  readonly with: string;
  readonly fix: string;
}

/** Settings by name in camelCase, whoever declares them. */
export type Values = Readonly<Record<string, Value | undefined>>;

/** What an option declares of itself. */
export interface Option {
  readonly kind: Kind;
  /** A line of help, without its default. */
  readonly help: string;
  /** Every run has it: settings without it are none. */
  readonly required?: true;
  /** Its meaning where it is not there, where that is neither 0 nor nothing: said in help and in a command line. */
  readonly absent?: string;
  /** Where a search draws it from. */
  readonly search?: Range;
  /** Comes with a preset and is no flag. */
  readonly preset?: true;
  /** Whether it goes with the settings that are in force beside it; undefined where it does. */
  misfit?(settings: Values): Misfit | undefined;
}

/** By their names in camelCase; flags have the same names in kebab-case. */
export type Options = Readonly<Record<string, Option>>;

/** What every kind of value can be. */
export type Value = string | number | boolean | readonly number[] | readonly string[];

type ValueOf<K extends Kind> = K extends keyof Kinds ? Kinds[K] : K extends readonly (infer W)[] ? W : never;

/** The values that options take, as a type: those that are `required` are there, the others may be. */
export type OptionsOf<O extends Options> = {
  readonly [N in keyof O as O[N] extends { required: true } ? N : never]: ValueOf<O[N]['kind']>;
} & {
  readonly [N in keyof O as O[N] extends { required: true } ? never : N]?: ValueOf<O[N]['kind']>;
};

/** Why a value does not suit its option, in words of what would, or null when it does. */
export function wrongValue({ kind }: Pick<Option, 'kind'>, value: unknown): string | null {
  if (kind === 'switch' || kind === 'boolean') return typeof value === 'boolean' ? null : 'true or false';
  if (kind === 'text') return typeof value === 'string' && value ? null : 'a text that is not empty';
  if (kind === 'texts' || kind === 'paths') {
    const all = Array.isArray(value) && value.length > 0 && value.every((text) => text);
    const between = kind === 'texts' ? ', with commas between them' : '';
    return all ? null : `texts that are not empty${between}`;
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

/** The name as a key: `kernel-size` is `kernelSize`. */
export const camelCase = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
/** The name as a flag: `kernelSize` is `kernel-size`. */
export const kebabCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
