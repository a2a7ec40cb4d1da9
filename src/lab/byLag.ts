// How far back a model's loss and its outputs reach: norms of gradients by lag.
//
//   gradient        ‖∂loss[t] / ∂s[t−i]‖₂     s: the state after input t − i
//   sensitivity     ‖∂y[t] / ∂x[t−j]‖_F
//
// Bengio et al. 1994, Pascanu et al. 2013; in these plots Miller & Hardt 2019 show that trained models are stable
// where their weights do not promise it. Every position t is a row of a batch of windows that begin at states the model
// was in, so one backward pass gives the lags of all positions.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { gradient } from '../graph/gradient';
import type { HostArray } from '../graph/host';
import { callable, checked, count, integer, oneOf, type Rules } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import { add, mul } from '../ops/elementwise/binary';
import { concat } from '../ops/layout/concat';
import { constant } from '../ops/elementwise/constant';
import { mean, sum } from '../ops/reduce/reduce';
import { rowNorm } from '../ops/norm/rowNorm';
import { square } from '../ops/elementwise/unary';
import { reshape, slice } from '../ops/layout/view';
import { Random } from '../random';
import { flat, positions, sizesOf, statesBefore, type RecurrentModel, type Run } from './recurrence';

/** Mean over positions of y [B, T, ...] and targets [B, T, ...], each counting the same. */
export type Loss = (y: Tensor, targets: Tensor) => Tensor;

/** What `gradientByLag` measures. */
export interface GradientByLagOptions {
  readonly loss: Loss;
  /** The largest lag. */
  readonly lags: number;
  /** All layers' h and c, or h alone; default: all. */
  readonly of?: 'state' | 'h';
}

/**
 * A measurement on x [B, T, ...] and targets [B, T, ...]: element i is the norm of the gradient of the loss at t with
 * respect to the state at t − 1 − i, the mean over the batch and all t ≥ lags. It may be repeated while the model is
 * trained. Dropout does not act.
 */
export function gradientByLag(engine: Engine, model: RecurrentModel, options: GradientByLagOptions) {
  const { loss, lags, of = 'state' } = checked('gradientByLag', options, GRADIENT, 'loss', 'lags');
  const step = engine.record((x: Tensor, targets: Tensor) => {
    const { N, runs } = windows(model, x, lags, 'gradientByLag');
    const last = loss(runs.at(-1)!.y, positions(targets, lags, x.shape[1]));
    const tensorsOf = ({ states }: Run) => (of === 'h' ? states.map(({ h }) => h) : flat(states));
    const wanted = runs.slice(0, -1).map(tensorsOf);
    // A loss is a mean over N positions; each position's own gradient is N times as large.
    const all = gradient(last, wanted.flat(), constant(last.shape, N));
    const each = wanted[0].length;
    const norms = wanted.map((_, m) => meanNorm(all.slice(m * each, (m + 1) * each), N));
    return concat(norms.reverse(), 0);
  });
  return async (x: HostArray, targets: HostArray): Promise<number[]> => [...(await step(x, targets).read())];
}

const GRADIENT: Rules<GradientByLagOptions> = {
  loss: callable,
  lags: count,
  of: oneOf(['state', 'h']),
};

/** What `sensitivityByLag` measures. */
export interface SensitivityOptions {
  /** The largest lag. */
  readonly lags: number;
  /** Random directions of y that are tried at every position; default: 1. */
  readonly probes?: number;
  readonly seed?: number;
}

/**
 * A measurement on x [B, T, ...], of floats: element j is ‖∂y[t]/∂x[t−j]‖_F, the root mean square over the batch and
 * all t ≥ lags. Estimated without bias (its square) by E‖vᵀJ‖² = ‖J‖_F² for random signs v (Hutchinson 1990).
 */
export function sensitivityByLag(engine: Engine, model: RecurrentModel, options: SensitivityOptions) {
  const { lags, probes = 1, seed = 0 } = checked('sensitivityByLag', options, SENSITIVITY, 'lags');
  const step = engine.record((x: Tensor) => {
    if (x.dtype === 'u32') {
      fail('sensitivityByLag: x holds ids, and they have no gradient.', {
        at: callerLine(hereStack()),
        fix: 'measure the part of the model behind the embedding, on embedded ids.',
      });
    }
    const { N, runs, inputs } = windows(model, x, lags, 'sensitivityByLag');
    const { y } = runs.at(-1)!;
    const random = new Random(seed);
    const squares = Array.from({ length: probes }, () => {
      const signs = Float32Array.from({ length: y.size }, () => (random.integer(2) ? 1 : -1));
      const found = gradient(sum(mul(y, constant(y.shape, signs))), inputs);
      const norms = found.map((g) => reshape(mean(square(rowNorm(reshape(g, [N, -1])))), [1]));
      return concat(norms.reverse(), 0);
    });
    return squares.reduce(add);
  });
  return async (x: HostArray): Promise<number[]> =>
    [...(await step(x).read())].map((square) => Math.sqrt(square / probes));
}

/** Windows of `lags` + 1 inputs, one a position, N in all; the model run over them an input a call. */
function windows(model: RecurrentModel, x: Tensor, lags: number, what: string) {
  const { B, T } = sizesOf(x, what);
  const places = T - lags;
  if (!Number.isInteger(lags) || lags < 1 || places < 1) {
    fail(`${what}: lags is ${lags}, for ${T} inputs.`, {
      at: callerLine(hereStack()),
      fix: `give a whole number from 1 to ${T - 1}, or longer sequences.`,
    });
  }
  const N = B * places;
  const before = statesBefore(model, slice(x, 1, 0, places), what);
  const inputs = Array.from({ length: lags + 1 }, (_, m) => positions(x, m, m + places));
  const runs: Run[] = [];
  for (const input of inputs) runs.push(model.unroll(input, runs.at(-1)?.states ?? before));
  return { N, runs, inputs };
}

/** The mean length of rows that are in parts, each [N, ...]: [1]. */
const meanNorm = (parts: readonly Tensor[], N: number): Tensor => {
  const rows = concat(
    parts.map((g) => reshape(g, [N, -1])),
    1,
  );
  return reshape(mean(rowNorm(rows)), [1]);
};

const SENSITIVITY: Rules<SensitivityOptions> = { lags: count, probes: count, seed: integer };
