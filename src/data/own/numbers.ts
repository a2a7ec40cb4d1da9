// Numbers as the fields of a table have them. "Infinity" and "0x10" are none here, and no form is guessed: 1,234 is one
// number where decimals have a comma, and another where thousands have one.

/** What stands before the decimals of a number. */
export const DECIMALS = ['point', 'comma'] as const;
/** What stands before the decimals. */
export type Decimal = (typeof DECIMALS)[number];

const FORMS: Readonly<Record<Decimal, RegExp>> = {
  point: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  comma: /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
};

/** A field as a number; NaN for everything else. The sign may be the minus of typography. */
export function numberOf(text: string, decimal: Decimal = 'point'): number {
  const trimmed = text.trim().replaceAll('\u2212', '-');
  return FORMS[decimal].test(trimmed) ? Number(trimmed.replace(',', '.')) : NaN;
}

/** Whether a field is a number. */
export const isNumber = (text: string, decimal: Decimal): boolean => !Number.isNaN(numberOf(text, decimal));

const MISSING = /^(|na|n\/a|nan|null|none|-|\?)$/i;

/** Whether a field says that there is no value. */
export const isMissing = (text: string): boolean => MISSING.test(text.trim());

/** Whether a field is a number or says that there is none: what a column of numbers has. */
export const isValue = (text: string, decimal: Decimal): boolean =>
  isMissing(text) || isNumber(text, decimal);

/**
 * Whether the first record of a table names its columns, beside the `next`: it has no number at all, or a word where
 * the next has a number, or a word without a digit where the next has a date or another one with digits.
 */
export function namesColumns(
  first: readonly string[],
  next: readonly string[] | undefined,
  decimal: Decimal,
): boolean {
  const has = (field: string) => isNumber(field, decimal);
  const words = first.map((field) => !isValue(field, decimal));
  if (!words.includes(true)) return false;
  if (!next || !first.some(has)) return true;
  return next.some((field, i) => words[i] && (has(field) || (/\d/.test(field) && !/\d/.test(first[i]))));
}

/** Whether a field is a number only if decimals have the other sign. */
export const isOtherwise = (text: string, decimal: Decimal): boolean =>
  !isNumber(text, decimal) && isNumber(text, otherThan(decimal));

/** The other sign. */
export const otherThan = (decimal: Decimal): Decimal => (decimal === 'point' ? 'comma' : 'point');
