// JSON with the numbers that it cannot hold: NaN, Infinity, −Infinity and −0 are written as {"$number": "NaN"} and so
// on; a key of that name in the value is written with one more $, so that whatever was given comes back.

import { fail, shown } from '../graph/check';

const KEY = '$number';
const TAKEN = /^\$+number$/;

const textOf = (number: number): string => (Object.is(number, -0) ? '-0' : String(number));

const NUMBERS = new Map([NaN, Infinity, -Infinity, -0].map((number) => [textOf(number), number]));

/**
 * JSON of a value, in which NaN, ±Infinity and −0 survive: for `readJson`. What would come back as something else is
 * refused; `what` names the value then.
 */
export const writeJson = (value: unknown, what = 'JSON'): string =>
  JSON.stringify(value, (key, part: unknown) => {
    if (isLost(part)) {
      fail(`${what}: ${key || 'it'} is ${shown(part)}, which JSON cannot hold.`, {
        fix: 'give numbers, texts, lists and plain objects, such as Array.from(…) and Object.fromEntries(…).',
      });
    }
    if (typeof part === 'number') return NUMBERS.has(textOf(part)) ? { [KEY]: textOf(part) } : part;
    return renamed(part, (key) => `$${key}`);
  });

/** Whether JSON would have nothing of it, or keys in place of its values. */
const isLost = (part: unknown): boolean =>
  ['function', 'symbol', 'bigint'].includes(typeof part) ||
  ArrayBuffer.isView(part) ||
  part instanceof ArrayBuffer ||
  part instanceof Map ||
  part instanceof Set;

/** What `writeJson` was given; throws a SyntaxError at what is not JSON. */
export const readJson = (text: string): unknown =>
  JSON.parse(text, (_, part: unknown) => {
    if (typeof part === 'object' && part !== null && KEY in part) return NUMBERS.get(String(part[KEY]));
    return renamed(part, (key) => key.slice(1));
  });

/** An object's keys that look like ours, under other names. */
function renamed(part: unknown, rename: (key: string) => string): unknown {
  if (typeof part !== 'object' || part === null || !Object.keys(part).some((key) => TAKEN.test(key)))
    return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [TAKEN.test(key) ? rename(key) : key, value]),
  );
}

/** A key that an object of this JSON has twice: JSON.parse would take the last and say nothing. */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '{') open.push(new Set());
    else if (json[at] === '}') open.pop();
    else if (json[at] === '"') {
      const from = at;
      // Not by a regular expression: those of the platforms give up within a text of a few million characters.
      for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
      COLON.lastIndex = at + 1;
      if (!COLON.test(json)) continue;
      const key = JSON.parse(json.slice(from, at + 1)) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}

const COLON = /\s*:/y;
