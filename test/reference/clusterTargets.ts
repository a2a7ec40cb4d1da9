// loss = mean of −log p(word), p = p(word in the head), or p(tail in the head) · p(word in its tail)

import { add, crossEntropy, div, mean, reshape, slice, type Tensor } from '../../src/index';
import { clusterTargets } from '../../src/ops/loss/clusterTargets';
import { zeros, type Case, type Doubles } from '../harness/reference';

const NONE = 0xffffffff;

interface Options {
  readonly ends: readonly number[];
  /** Every second target counts for nothing. */
  readonly gaps?: boolean;
}

/** Targets, logits of the head, logits of every tail. */
export function op([t, head, ...tails]: readonly Tensor[], { ends }: Options): Tensor {
  const found = clusterTargets(t, ends);
  const lossOf = (logits: Tensor, targets: Tensor) => crossEntropy(logits, targets, { overAll: true });
  const targetsOf = (i: number) => reshape(slice(found.tails, 0, i, i + 1), t.shape);
  const losses = tails.map((logits, i) => lossOf(logits, targetsOf(i)));
  const overAll = losses.reduce((sum, loss) => add(sum, loss), lossOf(head, found.head));
  return div(overAll, mean(found.counts));
}

export function reference([t, head, ...tails]: readonly Doubles[], { ends }: Options): Doubles {
  const loss = zeros();
  const nats = ({ shape, data }: Doubles, n: number, v: number) => {
    const row = data.subarray(n * shape[1], (n + 1) * shape[1]);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[v];
  };
  const counted = t.data.filter((word) => word !== NONE).length;
  t.data.forEach((word, n) => {
    if (word === NONE) return;
    const tail = ends.findIndex((end) => word < end) - 1;
    loss.data[0] += nats(head, n, tail < 0 ? word : ends[0] + tail) / counted;
    if (tail >= 0) loss.data[0] += nats(tails[tail], n, word - ends[tail]) / counted;
  });
  return loss;
}

export const integers = [0];

export function fill(i: number, [N]: readonly number[], { options }: Case) {
  const { ends, gaps } = options as Options;
  if (i > 0) return undefined;
  return Uint32Array.from({ length: N }, (_, n) => (gaps && n % 2 ? NONE : (n * 7 + 2) % ends.at(-1)!));
}

const one = (N: number, ends: readonly number[], gaps = false): Case => ({
  name: `${N} targets, ends ${ends.join()}${gaps ? ', gaps' : ''}`,
  shapes: [[N], [N, ends[0] + ends.length - 1], ...ends.slice(1).map((end, i) => [N, end - ends[i]])],
  options: { ends, gaps },
});

export const cases: Case[] = [
  one(1, [2, 5]),
  one(9, [3, 5]),
  one(70, [4, 10, 23]),
  one(33, [4, 6, 7, 15], true),
];
