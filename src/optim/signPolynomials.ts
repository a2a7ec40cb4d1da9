// Odd polynomials of degree five whose composition takes every x in [lowest, 1] to 1, and so every x in [-1, -lowest]
// to -1: the sign of a matrix by products alone (Newton–Schulz), with the best polynomial for each step (Amsel,
// Persson, Musco, Gower 2025, "The Polar Express"). A step is the minimax polynomial on the interval that the steps
// before it left, found by Remez exchange.

import { fail } from '../graph/check';

/** α·x + β·x³ + γ·x⁵. */
export interface Quintic {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Quintics that, one after the other, take every number from `lowest` to 1 to within `tolerance` of 1. */
export function signPolynomials(lowest: number, tolerance: number): Quintic[] {
  const steps: Quintic[] = [];
  for (let low = lowest; ;) {
    const { alpha, beta, gamma, error } = minimax(low);
    if (error < tolerance) return [...steps, { alpha, beta, gamma }];
    // Values end between 1 - error and 1 + error; the upper end becomes 1.
    const top = 1 + error;
    steps.push({ alpha: alpha / top, beta: beta / top, gamma: gamma / top });
    low = (1 - error) / top;
  }
}

/** Above this the minimax polynomial is that of Newton and Schulz, to double precision. */
const ONE = 0.999;

/** The odd quintic that is nearest to 1 on [low, 1]: it misses by ±error at four points, in turn. */
function minimax(low: number): Quintic & { error: number } {
  if (low > ONE) return { alpha: 1.875, beta: -1.25, gamma: 0.375, error: (1 - low) ** 3 };
  let [q, r] = [(3 * low + 1) / 4, (low + 3) / 4];
  for (let exchange = 0; exchange < 100; exchange++) {
    const [alpha, beta, gamma, error] = solve(
      [low, q, r, 1].map((x, i) => [x, x ** 3, x ** 5, i % 2 ? -1 : 1, 1]),
    );
    // Where the derivative α + 3βx² + 5γx⁴ is zero.
    const root = Math.sqrt(9 * beta ** 2 - 20 * alpha * gamma);
    const [q2, r2] = [-root, root].map((sign) => Math.sqrt((-3 * beta + sign) / (10 * gamma)));
    if (Math.abs(q2 - q) + Math.abs(r2 - r) < 1e-13) return { alpha, beta, gamma, error: Math.abs(error) };
    [q, r] = [q2, r2];
  }
  return fail(`signPolynomials: no minimax polynomial on [${low}, 1] was found.`, {
    fix: 'give a larger lowest value.',
  });
}

/** Gauss–Jordan with pivoting, on rows of a square matrix with the right-hand side last. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let i = column; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[best][column])) best = i;
    [rows[column], rows[best]] = [rows[best], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      rows[i] = rows[i].map((value, j) => value - factor * rows[column][j]);
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
