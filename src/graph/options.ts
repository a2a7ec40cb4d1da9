// Options: every object of them passes here, so that no name and no value of one is ever ignored.

import { check, shown } from './check';
import { isNumbers } from './numbers';
import { Tensor } from './tensor';

/** Whether a value is right; or, in words, what would be. */
export type Rule = (value: unknown) => boolean | string;

/** A rule for every option that there is. */
export type Rules<T> = { readonly [K in keyof T]-?: Rule };

/** The options as they were given: each is known and right, and those of `needed` are there. */
export function checked<T extends object>(
  subject: string,
  given: T,
  rules: Rules<T>,
  ...needed: readonly (string & keyof T)[]
): T {
  const names = Object.keys(rules);
  const isObject =
    typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof Tensor);
  const fix = `the options of ${subject} are ${names.join(', ')}`;
  check(isObject, `${subject}: ${shown(given)} is given where options belong`, fix);
  const values = given as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(given), ...needed])) {
    const value = values[name];
    const rule = Object.hasOwn(rules, name) && (rules as Readonly<Record<string, Rule>>)[name];
    if (value === undefined && !needed.includes(name as never)) continue;
    if (!rule) {
      const near = nearest(name, names);
      check(
        false,
        `${subject}: there is no option ${name}`,
        near ? `did you mean ${near}? Otherwise, ${fix}` : fix,
      );
    }
    const right = (rule as Rule)(value);
    check(right === true, `${subject}: ${name} is ${shown(value)}`, `give ${right || 'another value'}`);
  }
  return given;
}

/** Those of many settings that there is a rule for. */
export function only<T>(rules: Rules<T>, settings: T): T {
  const known = Object.entries(settings as object).filter(([name]) => Object.hasOwn(rules, name));
  return Object.fromEntries(known) as T;
}

/** Sizes by name: whole numbers of at least 1. */
export function checkSizes(subject: string, sizes: Readonly<Record<string, unknown>>): void {
  for (const name in sizes)
    check(count(sizes[name]) === true, `${subject}: ${name} is ${shown(sizes[name])}`, `give ${count(0)}`);
}

/* @__NO_SIDE_EFFECTS__ */
const number =
  (wanted: string, fits: (value: number) => boolean): Rule =>
  (value) =>
    (typeof value === 'number' && fits(value)) || wanted;

/** A whole number of at least 1. */
export const count = number(
  'a whole number of at least 1',
  (value) => Number.isSafeInteger(value) && value > 0,
);
/** A whole number, 0 or more. */
export const whole = number(
  'a whole number, 0 or more',
  (value) => Number.isSafeInteger(value) && value >= 0,
);
/** A whole number, of either sign. */
export const integer = number('a whole number', Number.isSafeInteger);
/** A number from 0 up to, but not, 1. */
export const part = number('a number from 0 up to, but not, 1', (value) => value >= 0 && value < 1);
/** A finite number. */
export const finite = number('a finite number', Number.isFinite);
/** A finite number above 0. */
export const positive = number('a number above 0', (value) => value > 0 && value < Infinity);
/** A finite number, 0 or more. */
export const notNegative = number('a number, 0 or more', (value) => value >= 0 && value < Infinity);
/** true or false. */
export const flag: Rule = (value) => typeof value === 'boolean' || 'true or false';
/** A tensor. */
export const tensor: Rule = (value) => value instanceof Tensor || 'a tensor';
/** Numbers in a list or a typed array. */
export const numbers: Rule = (value) => isNumbers(value) || 'numbers in a list or a typed array';
/** Whatever it is: somebody else checks it. */
export const anything: Rule = () => true;
/** A text. */
export const text: Rule = (value) => typeof value === 'string' || 'a text';
/** A function. */
export const callable: Rule = (value) => typeof value === 'function' || 'a function';
/** An object. */
export const object: Rule = (value) => (typeof value === 'object' && value !== null) || 'an object';
/** Where a value starts: see Initial. */
export const initial: Rule = (value) =>
  value === 'zeros' || typeof value === 'function' || "'zeros' or a function of the size";
/** One of the names in these lists. */
/* @__NO_SIDE_EFFECTS__ */
export const oneOf =
  (...lists: readonly (readonly string[])[]): Rule =>
  (value) =>
    lists.flat().includes(value as string) || `one of ${lists.flat().join(', ')}`;
/** A list of what one rule lets pass. */
/* @__NO_SIDE_EFFECTS__ */
export const listOf =
  (rule: Rule): Rule =>
  (value) =>
    (Array.isArray(value) && value.every((one) => rule(one) === true)) ||
    `a list, each ${String(rule(undefined))}`;

/** The name that is most like another: ignore_index is meant to be ignoreIndex, lr learningRate. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const likeness = (other: string) =>
    common(name.toLowerCase(), other.toLowerCase()) / Math.min(name.length, other.length);
  const [best] = [...names].sort((a, b) => likeness(b) - likeness(a));
  return name.length > 1 && likeness(best) > 0.75 ? best : undefined;
}

/** How many letters two words have in common, in any order. */
function common(a: string, b: string): number {
  let left = b;
  for (const letter of a) left = left.replace(letter, '');
  return b.length - left.length;
}
