// Which columns of a CSV file hold what, and which of them the classes.

import { fail } from '../../graph/check';
import type { Columns, RowsOptions } from '../own/rows';

/** Which columns of a CSV file are what, by name or, counted from 1, by place. */
export interface ColumnOptions extends Omit<RowsOptions, 'known'> {
  /** The class; default: the column called class, label, category or target. */
  readonly classColumn?: string;
  /** The text, where rows are texts; default: the only column that is no numbers, if there are no two of numbers. */
  readonly textColumn?: string;
  /** The columns of numbers; default: all. */
  readonly columns?: readonly string[];
  /** The columns that a trained model knows: of numbers where a row is a step, or of texts. */
  readonly known?: readonly string[];
  /** Whether it may lack the class, and what it has is not looked at: for what is to be classified. Default: no. */
  readonly unlabelled?: boolean;
}

const CALLED = /^(class|label|category|target)$/i;

/** The place of the class among columns, from 0; −1 where it is not there and need not be. */
export function classPlaceIn(
  columns: Columns,
  where: string,
  { classColumn, unlabelled }: ColumnOptions,
): number {
  const { names } = columns;
  if (classColumn !== undefined) {
    return unlabelled && !names.includes(classColumn) && !/^\d+$/.test(classColumn)
      ? -1
      : columns.placeOf(classColumn);
  }
  const called = names.filter((name) => CALLED.test(name));
  if (called.length === 1) return names.indexOf(called[0]);
  if (unlabelled && !called.length) return -1;
  return fail(`classification: which column of ${where} holds the classes is not clear.`, {
    given: `its columns are ${columns.listed}`,
    fix: 'give --class-column NAME, or its place, counted from 1.',
  });
}
