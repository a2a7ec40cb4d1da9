// How much a step contracts on data: pairs of states at the same input, before and after.
//
//   ‖φ^r(s, x) − φ^r(s', x)‖ / ‖s − s'‖     s: a state visited on the data, with all layers' h and c
//
// A stable model keeps it below 1 for all states; a model may be stable on its data though no bound says so (Miller &
// Hardt 2019, section 5).

import type { Engine } from '../gpu/engine';
import { check } from '../graph/check';
import { array, type HostArray } from '../graph/host';
import { checked, count, integer, listOf, notNegative, oneOf, type Rules } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import type { LayerState } from '../nn/recurrent';
import { add, mul, sub } from '../ops/elementwise/binary';
import { concat } from '../ops/layout/concat';
import { rowNorm } from '../ops/norm/rowNorm';
import { reshape, slice } from '../ops/layout/view';
import { Random } from '../random';
import { flat, joined, mapStates, positions, sizesOf, statesBefore, zeroStates } from './recurrence';
import type { RecurrentModel } from './recurrence';
import { spread, type Spread } from './spread';

/** How `contractionOnData` measures. */
export interface ContractionOptions {
  /** r, the steps between before and after; default: 1. */
  readonly steps?: number;
  /** Euclidean, or the largest absolute value, in which a stable LSTM contracts at once. */
  readonly norm?: 'euclidean' | 'largest';
  /** Standard deviations of the random perturbations; default: 0.01 and 1. */
  readonly noise?: readonly number[];
  readonly seed?: number;
}

/** What some steps leave of a difference between two states. */
export interface Contraction {
  /** Against states of other sequences at the same time (of one sequence: at other times). */
  readonly visited: Spread;
  /** Against randomly perturbed states, for every standard deviation. */
  readonly perturbed: readonly (Spread & { readonly noise: number })[];
}

/** Pairs nearer than this say more about rounding. */
const NEAREST = 1e-5;

const RULES: Rules<ContractionOptions> = {
  steps: count,
  norm: oneOf(['euclidean', 'largest']),
  noise: listOf(notNegative),
  seed: integer,
};

/**
 * A measurement over all positions of x [B, T, ...]; it may be repeated while the model is trained. T must be above
 * `steps`.
 */
export function contractionOnData(engine: Engine, model: RecurrentModel, options: ContractionOptions = {}) {
  const {
    steps = 1,
    norm = 'euclidean',
    noise = [0.01, 1],
    seed = 0,
  } = checked('contractionOnData', options, RULES);
  const length = (states: readonly LayerState[], others: readonly LayerState[]) => {
    const difference = sub(joined(states), joined(others));
    return reshape(rowNorm(difference, { largest: norm === 'largest' }), [1, -1]);
  };
  const step = engine.record((x: Tensor, normal: Tensor) => {
    const { B, T } = sizesOf(x, 'contractionOnData');
    const places = T - steps;
    // From the state after one input on: before it all states are zero.
    const from = mapStates(statesBefore(model, x, 'contractionOnData'), (s) => later(s, B, T, places));
    const run = (start: readonly LayerState[]): readonly LayerState[] => {
      let states = start;
      for (let i = 1; i <= steps; i++) {
        ({ states } = model.unroll(positions(x, i, i + places), states));
      }
      return states;
    };
    const after = run(from);
    const other = mapStates(from, (s) => rolled(s, B > 1 ? places : Math.ceil(places / 2)));
    const pairs = [other, ...noise.map((deviation) => moved(from, normal, deviation))];
    return concat(
      pairs.flatMap((pair) => [length(from, pair), length(after, run(pair))]),
      0,
    );
  });
  return async (x: HostArray): Promise<Contraction> => {
    const [B, T] = x.shape;
    const width = flat(zeroStates(model, 1, 'contractionOnData')).reduce((sum, { size }) => sum + size, 0);
    const text = `contractionOnData: ${T} inputs are too few for ${steps} steps`;
    check(T > steps, text, `give sequences of at least ${steps + 1}`);
    const N = B * (T - steps);
    const random = new Random(seed);
    const normal = Float32Array.from({ length: N * width }, () => random.normal());
    const norms = await step(x, array([N, width], normal)).read();
    const row = (i: number) => norms.subarray(i * N, (i + 1) * N);
    const ratios = (pair: number): Spread => {
      const [before, after] = [row(2 * pair), row(2 * pair + 1)];
      return spread([...before.keys()].filter((n) => before[n] > NEAREST).map((n) => after[n] / before[n]));
    };
    return {
      visited: ratios(0),
      perturbed: noise.map((deviation, i) => ({ noise: deviation, ...ratios(i + 1) })),
    };
  };
}

/** The states from the second time on, [B · places, ...], of one state a position, [B · T, ...]. */
const later = (state: Tensor, B: number, T: number, places: number): Tensor =>
  reshape(slice(reshape(state, [B, T, -1]), 1, 1, 1 + places), [B * places, ...state.shape.slice(1)]);

/** The rows of x from `by` on, and then those before. */
const rolled = (x: Tensor, by: number): Tensor =>
  by < x.shape[0] ? concat([slice(x, 0, by), slice(x, 0, 0, by)], 0) : x;

/** The states plus their part of `normal` [N, S] times a deviation. */
function moved(states: readonly LayerState[], normal: Tensor, deviation: number): LayerState[] {
  let at = 0;
  const own = (s: Tensor): Tensor => {
    const width = s.size / s.shape[0];
    at += width;
    return reshape(slice(normal, 1, at - width, at), s.shape);
  };
  return mapStates(states, (s) => add(s, mul(own(s), deviation)));
}
