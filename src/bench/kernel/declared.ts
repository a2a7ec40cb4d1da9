// The constants that a WGSL text declares, `const` and `override` alike, and the text with other values for them.

import { fail } from '../../graph/check';

/** A constant as its text declares it. */
export interface Declared {
  readonly name: string;
  /** What it is made of, as written; null for an override without a value. */
  readonly value: string | null;
  readonly override: boolean;
}

/** At the beginning of a line, where constants of a program stand. */
const DECLARATION =
  /^(?:@id\(\s*\d+\s*\)\s*)?(const|override)\s+(\w+)(\s*:\s*\w+)?(?:(\s*=\s*)([^;]+?))?\s*;/gm;

/** All constants of a text, in its order. */
export const declaredIn = (wgsl: string): Declared[] =>
  [...wgsl.matchAll(DECLARATION)].map(([, kind, name, , , value]) => ({
    name,
    value: value ?? null,
    override: kind === 'override',
  }));

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
  const open = declared.find((one) => one.value === null && values[one.name] === undefined);
  if (open) {
    const fix = `give it one among the constants: { ${open.name}: … }.`;
    fail(`bench: ${name}.wgsl has an override ${open.name} without a value.`, { fix });
  }
  return wgsl.replace(DECLARATION, (whole, kind, label, type = '', sign = ' = ', before = '') => {
    const value = values[label];
    if (value === undefined) return kind === 'const' ? whole : `const ${label}${type}${sign}${before};`;
    return `const ${label}${type}${sign}${written(value, type ? '' : before)};`;
  });
}

/** A value in the type of the one that it takes the place of. */
function written(value: number | boolean, before: string): string {
  if (typeof value === 'boolean') return String(value);
  const [suffix = ''] = /[uif]$/.exec(before) ?? [];
  const decimal = /^-?[\d.]+$/.test(before) && before.includes('.');
  return (decimal && Number.isInteger(value) ? value.toFixed(1) : String(value)) + suffix;
}
