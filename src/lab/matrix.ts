// Small matrices on the host, in doubles: norms and singular values.

import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { fail } from '../graph/check';

/** A matrix on the host, in doubles. */
export interface HostMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly data: Float64Array;
}

/** A matrix of these values, row by row. Refuses what does not fill it. */
export function matrix(rows: number, columns: number, data: ArrayLike<number>): HostMatrix {
  if (data.length !== rows * columns || !data.length) {
    fail(`matrix: ${data.length} values do not fill ${rows} rows of ${columns}.`);
  }
  return { rows, columns, data: Float64Array.from(data) };
}

/** Rows `first` … `first + count − 1`. */
export const rowsOf = ({ columns, data }: HostMatrix, first: number, count: number): HostMatrix =>
  matrix(count, columns, data.subarray(first * columns, (first + count) * columns));

/** All singular values, the largest first. */
export function singularValues({ rows, columns, data }: HostMatrix): number[] {
  if (!data.every(Number.isFinite)) {
    fail('singularValues: the matrix holds values that are not finite.', {
      fix: 'look for a training that has diverged.',
    });
  }
  const options = {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  };
  return new SingularValueDecomposition(Matrix.from1DArray(rows, columns, data), options).diagonal;
}

/** ‖m‖₂: the most by which m stretches a vector. */
export const spectralNorm = (m: HostMatrix): number => singularValues(m)[0];

/** ‖m‖_∞: the largest sum of absolute values of a row. */
export function largestRowSum({ rows, columns, data }: HostMatrix): number {
  let most = 0;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += Math.abs(data[row * columns + column]);
    most = Math.max(most, sum);
  }
  return most;
}
