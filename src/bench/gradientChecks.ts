// Gradients of ops as checks of an adapter: each is compared with differences of what the same kernels compute, so that
// a wrong backward pass is found by its op's name, without a reference. Sizes are no multiples of a tile.

import { array } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import { additiveAttention } from '../ops/attention/additiveAttention';
import { attention } from '../ops/attention/attention';
import { causalAttention } from '../ops/attention/causalAttention';
import { causalConv } from '../ops/conv/causalConv';
import { add, div, mul, sub } from '../ops/elementwise/binary';
import { gate } from '../ops/elementwise/gate';
import { exp, sigmoid, tanh } from '../ops/elementwise/unary';
import { embedding } from '../ops/embedding/embedding';
import { concat } from '../ops/layout/concat';
import { slice, transpose } from '../ops/layout/view';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { meanSquaredError } from '../ops/loss/meanSquaredError';
import { matmul } from '../ops/matmul/matmul';
import { layerNorm } from '../ops/norm/layerNorm';
import { softmax } from '../ops/norm/softmax';
import { weightNorm } from '../ops/norm/weightNorm';
import { gru } from '../ops/recurrent/gru';
import { linearScan } from '../ops/recurrent/linearScan';
import { lstm } from '../ops/recurrent/lstm';
import { rnn } from '../ops/recurrent/rnn';
import { mean, sum } from '../ops/reduce/reduce';
import { checkGradient, type GradientInput } from '../testing/checkGradient';
import { symbols } from './case';
import type { Check } from './checks';

/** Right gradients are off by 1e-3 or much less, those with a mistake hardly by less than this. */
const ALLOWED = 1e-2;
/** Elements of an input that are checked one by one; a step along all of them finds a wrong one among the others. */
const ELEMENTS = 3;

/** An op, or a few that are used together, and the shapes of its inputs. */
interface Subject {
  readonly name: string;
  readonly body: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly inputs: readonly GradientInput[];
}

/** Rows, steps and units of the recurrent ops; their inputs are x, wx, wh, h0 and what is left. */
const [B, T, I, H] = [3, 5, 6, 7];
const recurrent = (gates: number): GradientInput[] => [
  [B, T, I],
  [I, gates * H],
  [H, gates * H],
  [B, H],
];

const PRODUCTS: readonly Subject[] = [
  {
    name: 'matmul',
    body: (a, b, bias) => matmul(a, b, { bias, activation: 'tanh' }),
    inputs: [[37, 21], [21, 35], [35]],
  },
  {
    name: 'matmul, transposed and batched',
    body: (a, b) => matmul(a, b, { transposeA: true, transposeB: true }),
    inputs: [
      [2, 20, 12],
      [2, 36, 20],
    ],
  },
  {
    name: 'causalConv',
    body: (x, w, bias) => causalConv(x, w, { dilation: 2, bias, activation: 'sigmoid' }),
    inputs: [[2, 19, 9], [3, 9, 11], [11]],
  },
];

const SEQUENCES: readonly Subject[] = [
  {
    name: 'lstm',
    body(x, wx, wh, h0, c0) {
      const { y, hN, cN } = lstm({ x, wx, wh, h0, c0 });
      return [y, hN, cN];
    },
    inputs: [...recurrent(4), [B, H]],
  },
  {
    name: 'gru',
    body: (x, wx, wh, h0) => Object.values(gru({ x, wx, wh, h0 })),
    inputs: recurrent(3),
  },
  {
    name: 'rnn',
    body: (x, wx, wh, h0) => Object.values(rnn({ x, wx, wh, h0 })),
    inputs: recurrent(1),
  },
  {
    name: 'linearScan',
    body: (a, v, h0) => linearScan({ a: sigmoid(a), v, h0 }),
    inputs: [
      [2, 70, 5],
      [2, 70, 5],
      [2, 5],
    ],
  },
];

const ATTENTIONS: readonly Subject[] = [
  {
    name: 'attention',
    body: (q, k, v, lengths) => attention(q, k, v, { heads: 2, lengths }),
    inputs: [[2, 7, 16], [2, 10, 16], [2, 10, 16], array([2], Uint32Array.of(10, 6))],
  },
  { name: 'causalAttention', body: (qkv) => causalAttention(qkv, { heads: 2 }), inputs: [[2, 11, 48]] },
  {
    name: 'additiveAttention',
    body: (q, k, v, u) => additiveAttention(q, k, v, u),
    inputs: [[2, 5, 12], [2, 7, 12], [2, 7, 8], [12]],
  },
];

const OTHERS: readonly Subject[] = [
  {
    name: 'layerNorm',
    body: (x, scale, shift) => layerNorm(x, { scale, shift }),
    inputs: [[5, 70], [70], [70]],
  },
  { name: 'softmax', body: (x) => softmax(x), inputs: [[5, 70]] },
  { name: 'weightNorm', body: (v, g) => weightNorm(v, g), inputs: [[3, 6, 10], [10]] },
  {
    name: 'crossEntropy',
    body: (logits, targets) => crossEntropy(logits, targets, { smoothing: 0.1 }),
    inputs: [[9, 70], symbols([9], 1, 70)],
  },
  { name: 'meanSquaredError', body: (x, y) => meanSquaredError(x, y), inputs: [[130], [130]] },
  {
    name: 'embedding',
    body: (ids, table) => embedding(ids, table),
    inputs: [symbols([3, 40], 1, 9), [9, 6]],
  },
  { name: 'gate', body: (x) => gate(x, 'gtu'), inputs: [[7, 20]] },
  {
    name: 'elementwise chain',
    body: (x, y, bias) => tanh(div(add(mul(x, y), bias), exp(sub(y, x)))),
    inputs: [[6, 20], [6, 20], [20]],
  },
  {
    name: 'sum, mean and views',
    body: (x, y) => [sum(concat([x, transpose(y)], 1), 0), mean(slice(x, 1, 2, 9))],
    inputs: [
      [8, 12],
      [5, 8],
    ],
  },
];

/** Checks, one for every op that has kernels of its own on the way back. */
export const GRADIENT_CHECKS: readonly Check[] = [...PRODUCTS, ...SEQUENCES, ...ATTENTIONS, ...OTHERS].map(
  ({ name, body, inputs }) => ({
    name: `gradient of ${name}`,
    allowed: ALLOWED,
    run: async (engine) => (await checkGradient(engine, body, inputs, { elements: ELEMENTS })).worst,
  }),
);
