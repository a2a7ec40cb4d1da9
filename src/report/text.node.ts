// Numbers, times and tables as people read them.

import Table from 'cli-table3';

/** Four figures: 0.1733, 8.178, 1.90e-5; or fewer. */
export function significant(value: number | undefined, digits = 4): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e9) return value.toExponential(digits - 2);
  return size >= 10 ** digits ? count(value) : value.toPrecision(digits);
}

/** Whole numbers whole, others by four figures. */
export const plain = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e9 ? count(value) : significant(value);

/** 269,938. */
export const count = (value: number): string => Math.round(value).toLocaleString('en');

const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;

const SHARES = ['accuracy', 'balanced accuracy', 'error', 'exact match'];

/** A measure as its name asks for it, also of something: `accuracy, last class`. */
export const measure = (name: string, value: number | undefined): string =>
  SHARES.includes(name.split(',')[0]) ? percent(value) : significant(value);

/** 0.4 s, 42 s, 3:07 min, 1:02 h. */
export function duration(seconds: number): string {
  if (seconds >= 0.05 && seconds < 0.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [large, small, unit] = whole < 3600 ? [60, 1, 'min'] : [3600, 60, 'h'];
  const rest = Math.floor((whole % (large as number)) / (small as number));
  return `${Math.floor(whole / (large as number))}:${String(rest).padStart(2, '0')} ${unit}`;
}

/** A table in light lines; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const numeric = numericColumns(head, rows);
  const grid = new Table({
    head: [...head],
    colAligns: numeric.map((right) => (right ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  grid.push(...rows.map((row) => [...row]));
  return grid.toString();
}

/** A number, with what it is off by, in percent. */
const NUMBER = /^(≤ )?[\d.,e+−–-]*( ± [\d.,e-]+)?( %)?$/;

/** Which columns hold numbers only; not those that hold nothing. */
export function numericColumns(head: readonly string[], rows: readonly (readonly string[])[]): boolean[] {
  const isNumber = (cell = '') => NUMBER.test(cell);
  const isEmpty = (cell = '') => cell === '' || cell === '–';
  return head.map(
    (_, column) => rows.every((row) => isNumber(row[column])) && !rows.every((row) => isEmpty(row[column])),
  );
}
