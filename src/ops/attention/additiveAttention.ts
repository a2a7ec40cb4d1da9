// Attention whose scores a small network gives, of queries and keys that have been projected to one width. No tensor of
// queries × keys × columns is stored, forward or backward; the weights are.
//
//   y[b,t] = Σ_j softmax_j(Σ_a u[a] · tanh(q[b,t,a] + k[b,j,a] + bias[a])) · v[b,j]
//
// Bahdanau, Cho & Bengio 2015 (arXiv 1409.0473), section A.1.2. With `gain`, u = gain · vector / ‖vector‖: the form of
// NVIDIA's GNMT (gnmt_v2, "normalized Bahdanau attention"), after Salimans & Kingma 2016.

import additiveAttentionKernel from '../../../shaders/attention/additiveAttention.wgsl';
import additiveAttentionDvKernel from '../../../shaders/attention/additiveAttentionDv.wgsl';
import additiveAttentionDxKernel from '../../../shaders/attention/additiveAttentionDx.wgsl';
import additiveAttentionDxTiledKernel from '../../../shaders/attention/additiveAttentionDxTiled.wgsl';
import additiveAttentionRowsKernel from '../../../shaders/attention/additiveAttentionRows.wgsl';
import additiveAttentionSlopesKernel from '../../../shaders/attention/additiveAttentionSlopes.wgsl';
import { checkShapes } from '../../graph/checkShapes';
import { defineOp } from '../../graph/op';
import { checked, tensor, type Rules } from '../../graph/options';
import type { Dims } from '../../graph/axes';
import type { Dispatch, Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';
import { add } from '../elementwise/binary';
import { pad, reshape, slice } from '../layout/view';
import { weightNorm } from '../norm/weightNorm';
import { sumMiddle } from '../reduce/sumMiddle';

/** The options of additive attention. */
export interface AdditiveAttentionOptions {
  /** What is added to every sum of a query and a key, [A]; default: nothing. */
  readonly bias?: Tensor;
  /** Length of the vector, [1]: gain · vector / ‖vector‖ is used. Default: the vector as it is. */
  readonly gain?: Tensor;
  /** How many keys, from the first on, a row of the batch has, u32 [B]: others are padding. Default: all S. */
  readonly lengths?: Tensor;
}

/**
 * Additive attention of `queries` [B, T, A] to `keys` [B, S, A], both projected already, and to `values` [B, S, C];
 * `vector` [A] makes a score of tanh(query + key). Gives [B, T, C]; a row without a key gives 0, and no gradient.
 */
export function additiveAttention(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  vector: Tensor,
  options: AdditiveAttentionOptions = {},
): Tensor {
  const { y } = attended('additiveAttention', { queries, keys, values, vector }, options);
  const C = values.shape[2];
  return y.shape[2] === C ? y : slice(y, 2, 0, C);
}

/**
 * The weights with which `additiveAttention` of the same arguments takes the mean of the values, for pictures:
 * [B, T, S], 0 where a key is not seen. Beside it they cost nothing. They have no gradient.
 */
export function additiveAttentionWeights(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  vector: Tensor,
  options: AdditiveAttentionOptions = {},
): Tensor {
  const { weights } = attended('additiveAttentionWeights', { queries, keys, values, vector }, options);
  return shownOp({ weights }, {}).y;
}

const OPTIONS: Rules<AdditiveAttentionOptions> = { bias: tensor, gain: tensor, lengths: tensor };
const AXES = {
  queries: 'B T A',
  keys: 'B S A',
  values: 'B S C',
  vector: 'A',
  bias: 'A',
  gain: '1',
  lengths: 'B',
};

function attended(
  name: string,
  given: Readonly<Record<'queries' | 'keys' | 'values' | 'vector', Tensor>>,
  options: AdditiveAttentionOptions,
): { readonly y: Tensor; readonly weights: Tensor } {
  const { bias, gain, lengths } = checked(name, options, OPTIONS);
  const there = Object.entries({ ...given, bias, gain, lengths }).filter(([, x]) => x);
  checkShapes(name, AXES, Object.fromEntries(there) as Record<string, Tensor>);
  const { queries, keys, values, vector } = given;
  const u = gain ? reshape(weightNorm(reshape(vector, [-1, 1]), gain), vector.shape) : vector;
  return additiveOp(
    {
      q: widened(bias ? add(queries, bias) : queries),
      k: widened(keys),
      v: widened(values),
      u: widened(u),
      lengths,
    },
    {},
  );
}

/** The last axis a multiple of 4 long: columns of zeros add nothing to a score. */
function widened(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const columns = x.shape[last];
  return columns % 4 ? pad(x, last, columns + 4 - (columns % 4)) : x;
}

/** Queries that a thread of the direct family scores together: they share what it loads. */
const ROWS = 2;

const sizesOf = ({ B, T, S, A, C }: Dims) => ({ B, T, S, A4: A / 4, C4: C / 4 });

const additiveOp = defineOp<'q' | 'k' | 'v' | 'u' | 'lengths', 'y' | 'weights'>({
  name: 'additiveAttention',
  inputs: { q: 'B T A', k: 'B S A', v: 'B S C', u: 'A', lengths: 'B' },
  outputs: { y: 'B T C', weights: 'B T S' },
  // They are scores first: e to the difference of two large ones that were rounded is another number.
  exact: ['weights'],
  optional: ['lengths'],
  integers: ['lengths'],
  dispatch({ u, lengths }, dims, _a, traits): Dispatch {
    const { B, T } = dims;
    const LENGTHS = lengths !== undefined;
    const launch = { bind: { lengths: lengths ?? u }, params: sizesOf(dims) };
    if (traits.family === 'workgroup') {
      return { ...launch, kernel: additiveAttentionRowsKernel.with({ LENGTHS }), workgroups: [B * T] };
    }
    const rows = Math.min(ROWS, T);
    const kernel = additiveAttentionKernel.with({ LENGTHS, ROWS: rows });
    return { ...launch, kernel, threads: [B * Math.ceil(T / rows)] };
  },
  gradient({ q, k, v, u, lengths, y, weights, dy }) {
    const { dq, dk, dv, parts } = additiveDx({ q, k, v, u, lengths, y, weights, dy }, {});
    return { q: dq, k: dk, v: dv, u: reshape(sumMiddle(reshape(parts, [1, ...parts.shape])), u.shape) };
  },
  // A sum, 17 for the hyperbolic tangent, and two for every column of a pair.
  flops: (_t, { B, T, S, A, C }) => B * T * S * (20 * A + 2 * C),
});

type Known = 'q' | 'k' | 'v' | 'u' | 'lengths' | 'y' | 'weights' | 'dy';

const additiveDx = defineOp<Known, 'dq' | 'dk' | 'dv' | 'parts' | 'slopes'>({
  name: 'additiveAttentionDx',
  inputs: {
    q: 'B T A',
    k: 'B S A',
    v: 'B S C',
    u: 'A',
    lengths: 'B',
    y: 'B T C',
    weights: 'B T S',
    dy: 'B T C',
  },
  outputs: { dq: 'B T A', dk: 'B S A', dv: 'B S C', parts: 'B A', slopes: 'B T S' },
  optional: ['lengths'],
  integers: ['lengths'],
  dispatch({ u, lengths }, dims, _a, traits) {
    const { B, T, S } = dims;
    const { A4, C4 } = sizesOf(dims);
    const LENGTHS = lengths !== undefined;
    const bind = { lengths: lengths ?? u };
    const slopes = additiveAttentionSlopesKernel.with({ LENGTHS });
    const dv = additiveAttentionDvKernel.with({ LENGTHS });
    const ofValues = { bind, params: { B, T, S, C4 } };
    return [
      { ...ofValues, kernel: slopes, threads: [B * T * Math.ceil(S / slopes.constants.KEYS)] },
      { ...ofValues, kernel: dv, threads: [B * Math.ceil(S / dv.constants.KEYS) * C4] },
      { ...dxLaunch(B, A4, LENGTHS, traits), bind, params: { B, T, S, A4 } },
    ];
  },
  flops: (_t, { B, T, S, A, C }) => B * T * S * (25 * A + 5 * C),
});

function dxLaunch(B: number, A4: number, LENGTHS: boolean, { family }: Traits): Dispatch {
  if (family === 'direct') return { kernel: additiveAttentionDxKernel.with({ LENGTHS }), threads: [B * A4] };
  const kernel = additiveAttentionDxTiledKernel.with({ LENGTHS });
  return { kernel, workgroups: [B * Math.ceil(A4 / kernel.constants.ACROSS)] };
}

/** Weights that a gradient cannot go through: asking for one is refused. */
const shownOp = defineOp<'weights', 'y'>({
  name: 'additiveAttentionWeights',
  inputs: { weights: '*' },
  outputs: { y: '*' },
  view: true,
  shape: ({ weights }) => ({ y: weights }),
  dispatch: () => [],
});
