// Recurrent layers over sequences of different lengths, or from their end: each sequence alone, without its padding

import { gru, lstm, rnn, sequences, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { reference as gruLoops } from './gru';
import { reference as lstmLoops } from './lstm';
import { reference as rnnLoops } from './rnn';

interface Options {
  readonly kind: 'rnn' | 'gru' | 'lstm';
  readonly reverse: boolean;
  /** Steps of every sequence; default: all. */
  readonly lengths?: readonly number[];
  /** Results to keep; default: all. */
  readonly only?: readonly number[];
}

const GATES = { rnn: 1, gru: 3, lstm: 4 };

const pick = <V>(all: readonly V[], { only }: Options): V[] =>
  all.filter((_, i) => !only || only.includes(i));

export function op([until, ...inputs]: readonly Tensor[], options: Options): Tensor[] {
  const { kind, reverse } = options;
  const [x, wx, wh, bx, bh, h0, c0] = inputs;
  const lengths = options.lengths && until;
  const given = { x, wx, wh, bx, bh, h0, sequences: sequences({ lengths, reverse }) };
  if (kind === 'lstm') {
    const { y, hN, cN } = lstm({ ...given, c0 });
    return pick([y, hN, cN], options);
  }
  const { y, hN } = kind === 'gru' ? gru(given) : rnn(given);
  return pick([y, hN], options);
}

export function reference([until, ...inputs]: readonly Doubles[], options: Options): Doubles[] {
  const [x, wx, wh, bx, bh, ...states] = inputs;
  const [B, T, I] = x.shape;
  const H = states[0].shape[1];
  const results = [zeros(B, T, H), ...states.map(() => zeros(B, H))];
  for (let b = 0; b < B; b++) {
    const length = Math.min(T, options.lengths ? until.data[b] : T);
    const from = (t: number) => (options.reverse ? length - 1 - t : t);
    const own = zeros(1, length, I);
    for (let t = 0; t < length; t++)
      own.data.set(x.data.subarray((b * T + from(t)) * I, (b * T + from(t) + 1) * I), t * I);
    const start = states.map(({ data }) => ({ shape: [1, H], data: data.slice(b * H, (b + 1) * H) }));
    const loops = { rnn: rnnLoops, gru: gruLoops, lstm: lstmLoops }[options.kind];
    const [y, ...after] = length ? loops([own, wx, wh, bx, bh, ...start], {}) : [zeros(1, 0, H), ...start];
    for (let t = 0; t < length; t++)
      results[0].data.set(y.data.subarray(t * H, (t + 1) * H), (b * T + from(t)) * H);
    after.forEach((state, i) => results[i + 1].data.set(state.data, b * H));
  }
  return pick(results, options);
}

/** The lengths come first, also where all steps count. */
export const integers = [0];

export const fill = (i: number, [B]: readonly number[], { options }: Case) =>
  i === 0 ? ((options as Options).lengths ?? Array<number>(B).fill(0)) : undefined;

const one = (
  kind: Options['kind'],
  [B, T, I, H]: number[],
  options: Omit<Options, 'kind' | 'reverse'> & { readonly reverse?: boolean },
): Case => ({
  name: `${kind} B${B} T${T} I${I} H${H} ${JSON.stringify(options)}`,
  shapes: [
    ...[[B], [B, T, I], [I, GATES[kind] * H], [H, GATES[kind] * H]],
    ...[[GATES[kind] * H], [GATES[kind] * H], [B, H]],
    ...(kind === 'lstm' ? [[B, H]] : []),
  ],
  options: { kind, reverse: false, ...options },
});

const many = Array.from({ length: 35 }, (_, b) => (b * 7) % 5);

export const cases: Case[] = (['rnn', 'gru', 'lstm'] as const).flatMap((kind) => [
  one(kind, [4, 5, 2, 3], { lengths: [5, 2, 1, 9] }),
  one(kind, [5, 6, 4, 5], { lengths: [0, 6, 2, 0, 4], reverse: true }),
  { ...one(kind, [35, 4, 1, 4], { lengths: many }), name: `${kind}, 35 of 0 to 4 steps` },
  one(kind, [3, 4, 2, 3], { lengths: [2, 4, 0], only: [kind === 'rnn' ? 0 : 1] }),
  ...(kind === 'lstm' ? [one(kind, [3, 4, 2, 4], { lengths: [2, 4, 0], only: [2] })] : []),
  ...(kind === 'rnn' ? [one(kind, [2, 3, 2, 5], { reverse: true })] : []),
]);
