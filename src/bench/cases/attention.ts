// Attention of a batch of translations to their sources, padded: by products of queries and keys, and additive; the
// latter also by ops, which store a tensor of queries × keys × columns.

import { gradient } from '../../graph/gradient';
import { array } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import { additiveAttention } from '../../ops/attention/additiveAttention';
import { attention } from '../../ops/attention/attention';
import { add } from '../../ops/elementwise/binary';
import { tanh } from '../../ops/elementwise/unary';
import { reshape } from '../../ops/layout/view';
import { matmul } from '../../ops/matmul/matmul';
import { softmax } from '../../ops/norm/softmax';
import { noise, sampledError, type Case, type Inputs } from '../case';

const B = 64;
const T = 12;
const S = 12;
const C = 256;
const HEADS = 4;

const inputs = (): Inputs => ({
  q: noise([B, T, C], 1),
  k: noise([B, S, C], 2),
  v: noise([B, S, C], 3),
  u: noise([C], 4, 4 / Math.sqrt(C)),
  lengths: array(
    [B],
    Uint32Array.from({ length: B }, (_, b) => S - (b % 4)),
  ),
  dy: noise([B, T, C], 5),
});

/** A score of query n, of all in the batch, and key j of its row. */
type Score = (n: number, j: number, head: number) => number;

/** The mean of the values by the softmax of scores, in doubles. */
const meanAt =
  ({ v, lengths }: Inputs, score: Score, heads: number) =>
  (i: number): number => {
    const [n, c] = [Math.floor(i / C), i % C];
    const b = Math.floor(n / T);
    const seen = Array.from({ length: lengths.data[b] }, (_, j) => j);
    const weights = seen.map((j) => Math.exp(score(n, j, Math.floor((c * heads) / C))));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return seen.reduce((sum, j) => sum + (weights[j] / total) * v.data[(b * S + j) * C + c], 0);
  };

const byProducts =
  ({ q, k }: Inputs): Score =>
  (n, j, head) => {
    const d = C / HEADS;
    let sum = 0;
    for (let c = head * d; c < (head + 1) * d; c++)
      sum += q.data[n * C + c] * k.data[(Math.floor(n / T) * S + j) * C + c];
    return sum / Math.sqrt(d);
  };

const byNetwork =
  ({ q, k, u }: Inputs): Score =>
  (n, j) => {
    let sum = 0;
    for (let c = 0; c < C; c++)
      sum += u.data[c] * Math.tanh(q.data[n * C + c] + k.data[(Math.floor(n / T) * S + j) * C + c]);
    return sum;
  };

/** What is not seen is far below what is: a mask as ops have it. */
function maskOf({ lengths }: Inputs): Inputs[string] {
  const data = Float32Array.from({ length: B * S }, (_, i) =>
    i % S < lengths.data[Math.floor(i / S)] ? 0 : -1e9,
  );
  return array([B, 1, S], data);
}

function byOps([q, k, v, u, mask]: readonly Tensor[]): Tensor {
  const pairs = tanh(add(reshape(q, [B, T, 1, C]), reshape(k, [B, 1, S, C])));
  const scores = reshape(matmul(reshape(pairs, [B * T * S, C]), reshape(u, [C, 1])), [B, T, S]);
  return matmul(softmax(add(scores, mask)), v);
}

/** A way to attend: its name, its arguments, those of them that have a gradient, and what it computes. */
interface Way {
  readonly name: string;
  readonly args: (given: Inputs) => Inputs[string][];
  readonly slopes: number;
  readonly run: (args: readonly Tensor[]) => Tensor;
  readonly score: (given: Inputs) => Score;
  readonly heads: number;
}

const WAYS: readonly Way[] = [
  {
    name: 'cross attention',
    args: ({ q, k, v, lengths }) => [q, k, v, lengths],
    slopes: 3,
    run: ([q, k, v, lengths]) => attention(q, k, v, { heads: HEADS, lengths }),
    score: byProducts,
    heads: HEADS,
  },
  {
    name: 'additive attention',
    args: ({ q, k, v, u, lengths }) => [q, k, v, u, lengths],
    slopes: 4,
    run: ([q, k, v, u, lengths]) => additiveAttention(q, k, v, u, { lengths }),
    score: byNetwork,
    heads: 1,
  },
  {
    name: 'additive attention by ops',
    args: (given) => [given.q, given.k, given.v, given.u, maskOf(given)],
    slopes: 4,
    run: byOps,
    score: byNetwork,
    heads: 1,
  },
];

function casesOf({ name, args, slopes, run, score, heads }: Way): Case[] {
  const about = `${B} × ${T} queries, ${S} keys, ${C} columns${heads > 1 ? `, ${heads} heads` : ''}`;
  const error = (given: Inputs) => {
    const wanted = meanAt(given, score(given), heads);
    return ([y]: readonly Inputs[string]['data'][]) => sampledError(y, wanted);
  };
  const forward: Case = {
    name,
    about,
    limit: 'fma',
    inputs,
    build: (engine, given) => ({
      step: engine.record((...all: Tensor[]) => run(all)),
      args: args(given),
      error: error(given),
    }),
  };
  const training: Case = {
    ...forward,
    name: `${name} training`,
    build: (engine, given) => ({
      step: engine.record((dy: Tensor, ...all: Tensor[]) => {
        const y = run(all);
        return [y, ...gradient(y, all.slice(0, slopes), dy)];
      }),
      args: [given.dy, ...args(given)],
      error: error(given),
    }),
  };
  return [forward, training];
}

const headWidth = C / HEADS;

/** The two products of a cross attention alone, of as many operations: what it may be measured by. */
const products: Case = {
  name: 'two products as in cross attention',
  about: `${B * HEADS} of ${T} × ${headWidth} with ${headWidth} × ${S}, and of ${T} × ${S} with ${S} × ${headWidth}`,
  limit: 'fma',
  inputs: () => ({
    q: noise([B * HEADS, T, headWidth], 1),
    k: noise([B * HEADS, headWidth, S], 2),
    v: noise([B * HEADS, S, headWidth], 3),
  }),
  build: (engine, { q, k, v }) => ({
    step: engine.record((a: Tensor, b: Tensor, c: Tensor) => matmul(matmul(a, b), c)),
    args: [q, k, v],
    error: ([y]) =>
      sampledError(y, (i) => {
        const [n, c] = [Math.floor(i / headWidth), i % headWidth];
        const layer = Math.floor(n / T);
        let sum = 0;
        for (let j = 0; j < S; j++) {
          let score = 0;
          for (let d = 0; d < headWidth; d++)
            score += q.data[n * headWidth + d] * k.data[(layer * headWidth + d) * S + j];
          sum += score * v.data[(layer * S + j) * headWidth + c];
        }
        return sum;
      }),
  }),
};

/** Attention, forward and with the way back. */
export const ATTENTIONS: readonly Case[] = [...WAYS.flatMap(casesOf), products];
