// Lines above a table that begin with #, as programs write them that save arrays and measurements: words about the
// table, and often the names of its columns. A table may as well have fields that begin so.

import { isNumber, type Decimal } from './numbers';

/** A record, and the line on which it begins. */
export interface RecordAt {
  readonly fields: readonly string[];
  readonly line: number;
}

/** Whether a record may be such a line. */
export const isMarked = (fields: readonly string[]): boolean => fields[0].trimStart().startsWith('#');

/** What the lines above a table are. */
export interface Above {
  /** What names its columns; the last, where several could. */
  readonly names: RecordAt | undefined;
  /** Records as all others. */
  readonly records: readonly RecordAt[];
}

/**
 * Sorts lines with # above a table by a `row` of it: one with as many fields names the columns, if it has a word where
 * the row has a number, and otherwise is a record; every other is a remark.
 */
export function sortMarked(marked: readonly RecordAt[], row: readonly string[], decimal: Decimal): Above {
  const has = (field: string) => isNumber(field, decimal);
  const naming = marked.flatMap((one) => {
    const fields = unmarked(one.fields, row.length);
    const names = fields.length === row.length && row.some((field, i) => has(field) && !has(fields[i]));
    return names ? [{ one, named: { ...one, fields } }] : [];
  });
  const taken = new Set(naming.map(({ one }) => one));
  return {
    names: naming.at(-1)?.named,
    records: marked.filter((one) => one.fields.length === row.length && !taken.has(one)),
  };
}

/** The fields without the mark, which may be a field of its own, and may be the name of a column. */
function unmarked([first, ...others]: readonly string[], count: number): readonly string[] {
  const name = first.replace(/^\s*#+\s*/, '');
  if (name) return [name, ...others];
  return others.length === count ? others : [first, ...others];
}
