// Columns of a table as the steps of a sequence.

import type { Steps } from './sequence';

/** The steps of these rows, all columns beside each other; without rows: of all. */
export function stepsOf(
  columns: readonly Float64Array[],
  rows: ArrayLike<number> = columns[0].map((_, t) => t),
): Steps {
  const width = columns.length;
  const values = new Float64Array(rows.length * width);
  for (let t = 0; t < rows.length; t++) {
    columns.forEach((column, c) => (values[t * width + c] = column[rows[t]]));
  }
  return { width, values };
}
