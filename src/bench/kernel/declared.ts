// The constants that a WGSL text declares, `const` and `override` alike, and the text with other values for them.

import { fail, shown } from '../../graph/check';

/** A constant as its text declares it. */
export interface Declared {
  readonly name: string;
  /** What it is made of, as written; null for an override without a value. */
  readonly value: string | null;
  readonly override: boolean;
}

/** A comment, a brace, or the declaration of a constant, which is one of the program where no brace is open. */
const PIECE = new RegExp(
  [
    /\/\/.*|\/\*[^]*?\*\/|[{}]|/,
    /(?:@id\(\s*\d+\s*\)\s*)?\b(const|override)\s+(\w+)(\s*:[^=;]*?)?(?:(\s*=\s*)([^;]+?))?\s*;/,
  ]
    .map(({ source }) => source)
    .join(''),
  'g',
);

/** A declaration in pieces: the type with its colon, the sign with its spaces, and the value as written. */
interface Written {
  readonly isOverride: boolean;
  readonly name: string;
  readonly type: string;
  readonly sign: string;
  readonly value: string | null;
}

/** The text with other declarations of its constants; null leaves one as it is. */
function rewritten(wgsl: string, change: (found: Written) => string | null): string {
  let depth = 0;
  return wgsl.replace(PIECE, (whole, kind?: string, name = '', type = '', sign = ' = ', value?: string) => {
    if (whole === '{') depth++;
    else if (whole === '}') depth--;
    else if (kind && !depth)
      return change({ isOverride: kind === 'override', name, type, sign, value: value ?? null }) ?? whole;
    return whole;
  });
}

/** All constants of a text, in its order; those of its functions are none. */
export function declaredIn(wgsl: string): Declared[] {
  const all: Declared[] = [];
  rewritten(wgsl, ({ name, value, isOverride }) => {
    all.push({ name, value, override: isOverride });
    return null;
  });
  return all;
}

/**
 * The text with these values, line for line. Overrides become constants, as they are for the compiler of a pipeline;
 * one that has no value there needs one here.
 */
export function withConstants(
  name: string,
  wgsl: string,
  values: Readonly<Record<string, number | boolean>>,
): string {
  const declared = declaredIn(wgsl);
  const unknown = Object.keys(values).find((given) => !declared.some((one) => one.name === given));
  if (unknown !== undefined) {
    const known = declared.map((one) => one.name).join(', ') || 'none';
    fail(`bench: ${name}.wgsl has no constant ${unknown}.`, { fix: `it has ${known}.` });
  }
  const odd = Object.entries(values).find(
    ([, value]) => typeof value !== 'boolean' && !Number.isFinite(value),
  );
  if (odd) {
    const fix = 'give a number, true or false.';
    fail(`bench: the constant ${odd[0]} of ${name}.wgsl is ${shown(odd[1])}.`, { fix });
  }
  const open = declared.find((one) => one.value === null && values[one.name] === undefined);
  if (open) {
    const fix = `give it one among the constants: { ${open.name}: … }.`;
    fail(`bench: ${name}.wgsl has an override ${open.name} without a value.`, { fix });
  }
  return rewritten(wgsl, ({ isOverride, name: label, type, sign, value: before }) => {
    const value = values[label];
    if (value !== undefined)
      return `const ${label}${type}${sign}${written(value, type ? '' : (before ?? ''))};`;
    return isOverride ? `const ${label}${type}${sign}${before};` : null;
  });
}

/** A value in the type of the one that it takes the place of. */
function written(value: number | boolean, before: string): string {
  if (typeof value === 'boolean') return String(value);
  const [suffix = ''] = /[uif]$/.exec(before) ?? [];
  const decimal = /^-?[\d.]+$/.test(before) && before.includes('.');
  return (decimal && Number.isInteger(value) ? value.toFixed(1) : String(value)) + suffix;
}
