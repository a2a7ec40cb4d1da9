// Lines above a table that begin with #, as programs write them that save arrays and measurements: words about the
// table, and often the names of its columns. A table may as well have fields that begin so.

import { numberOf, type Decimal } from './numbers';

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
 * Sorts lines with # above a table by a `row` of it: with as many fields one names the columns, if it has none of the
 * row's numbers, and otherwise is a record; every other is a remark.
 */
export function sortMarked(marked: readonly RecordAt[], row: readonly string[], decimal: Decimal): Above {
  const isNumber = (field: string) => !Number.isNaN(numberOf(field, decimal));
  const naming = marked.flatMap((one) => {
    const fields = unmarked(one.fields, row.length);
    const names =
      fields.length === row.length && row.some((field, i) => isNumber(field) && !isNumber(fields[i]));
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
