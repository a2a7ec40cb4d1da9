// Axes in letters: 'B T C' matches [8, 256, 64] and binds B, T and C; '... C' matches any leading axes (their
// product is N); '*' matches anything and binds nothing; '4H' is four times H; a number stands for itself.
// A letter has one size in all inputs.

import { check, fail, shapeText } from './check';
import { sizeOf, type Shape } from './shape';

/** Sizes by letter; N is the product of the axes behind '...'. */
export type Dims = Readonly<Record<string, number>>;

/** What shapes say about the letters of their axes. */
export interface Matched {
  readonly dims: Dims;
  /** The axes behind '...'. */
  readonly lead: Shape;
}

interface Axis {
  readonly times: number;
  readonly letter: string;
}

/** The axes of a tensor in letters, parsed. */
export interface Axes {
  readonly text: string;
  readonly open: boolean;
  readonly axes: readonly Axis[];
}

/** Parses axes as they are written: 'B T C', '... C', '*'. Refuses what is no axis. */
export function parseAxes(text: string): Axes {
  if (text === '*') return { text, open: true, axes: [] };
  const words = text.split(' ').filter(Boolean);
  const open = words[0] === '...';
  const axes = (open ? words.slice(1) : words).map((word) => {
    const found = /^(\d*)([A-Za-z]?\w*)$/.exec(word);
    if (!found) {
      fail(`Axes are '${text}', but ${word} is no axis.`, {
        fix: "write letters, 4H, or numbers; '...' comes first, '*' alone.",
      });
    }
    const [, digits, letter] = found;
    return { times: digits ? Number(digits) : 1, letter };
  });
  return { text, open, axes };
}

/** Binds every letter, or says which two disagree. */
export function matchAxes(
  rules: Readonly<Record<string, Axes>>,
  shapes: Readonly<Record<string, Shape>>,
): Matched {
  const dims: Record<string, number> = {};
  const owner: Record<string, string> = {};
  let lead: { shape: Shape; name: string } | undefined;
  for (const [name, shape] of Object.entries(shapes)) {
    const { open, axes, text } = rules[name];
    if (text === '*') continue;
    const ranked = open ? shape.length >= axes.length : shape.length === axes.length;
    const wanted = `${open ? 'at least ' : ''}${axes.length}`;
    check(
      ranked,
      `${name} has ${shape.length} axes but ${wanted} are needed`,
      `${name} must be [${text.replaceAll(' ', ', ')}]`,
    );
    const own = shape.slice(0, shape.length - axes.length);
    if (open) {
      const same = !lead || shapeText(lead.shape) === shapeText(own);
      const other = `${shapeText(lead?.shape ?? [])} in ${lead?.name}`;
      check(same, `the leading axes are ${shapeText(own)} in ${name} but ${other}`);
      lead ??= { shape: own, name };
    }
    axes.forEach(({ times, letter }, i) => bind(dims, owner, name, times, letter, shape[own.length + i]));
  }
  if (lead) dims.N ??= sizeOf(lead.shape);
  return { dims, lead: lead?.shape ?? [] };
}

function bind(
  dims: Record<string, number>,
  owner: Record<string, string>,
  name: string,
  times: number,
  letter: string,
  size: number,
): void {
  if (!letter) {
    check(size === times, `an axis of ${name} is ${size} but must be ${times}`);
    return;
  }
  const value = size / times;
  check(Number.isInteger(value), `an axis of ${name} is ${size}, not a multiple of ${times}`);
  const text = `${letter} is ${value} in ${name} but ${dims[letter]} in ${owner[letter]}`;
  check(dims[letter] === undefined || dims[letter] === value, text, `make ${letter} equal in both`);
  dims[letter] = value;
  owner[letter] ??= name;
}

/** The shape of the result `name`, whose axes are `text`. */
export function resultShape(text: string, { dims, lead }: Matched, name = 'the result'): Shape {
  const rule = `${name} is [${text.replaceAll(' ', ', ')}]`;
  check(text !== '*', `${rule}, and nothing says which shape that is`, 'give the op a shape()');
  const { open, axes } = parseAxes(text);
  check(!open || dims.N !== undefined, `${rule}, but no input that was given has leading axes`);
  const own = axes.map(({ times, letter }) => {
    const known = !letter || dims[letter] !== undefined;
    check(known, `${rule}, but no input that was given has an axis ${letter}`, 'give the op a shape()');
    return letter ? times * dims[letter] : times;
  });
  return open ? [...lead, ...own] : own;
}
