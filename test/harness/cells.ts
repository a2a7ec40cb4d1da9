// Recurrent cells as plain loops in doubles, from a model's parameters in PyTorch's order.

import type { Engine, nn } from '../../src/index';
import { toTorch } from '../../src/nn/layout';

export type Stack = nn.RNN | nn.LSTM | nn.GRU;

/** One layer's weight_ih, weight_hh, bias_ih, bias_hh. */
type Layer = readonly [wx: Float64Array, wh: Float64Array, bx: Float64Array, bh: Float64Array];

export interface HostStack {
  readonly kind: 'rnn' | 'gru' | 'lstm';
  readonly hidden: number;
  readonly layers: readonly Layer[];
}

export interface HostState {
  readonly h: number[];
  readonly c: number[];
}

const KINDS = ['', 'rnn', '', 'gru', 'lstm'] as const;

/** Its parameters in doubles; biases that it has not are zero. */
export async function hostStack(engine: Engine, model: Stack): Promise<HostStack> {
  const values = await Promise.all(
    model
      .parameters()
      .map(async (one) => Float64Array.from(toTorch(one, (await engine.read(one)) as Float32Array))),
  );
  const gates = values[1].length / model.hidden ** 2;
  const each = values.length / model.layers;
  const none = new Float64Array(gates * model.hidden);
  const layers = Array.from({ length: model.layers }, (_, l) =>
    [...values.slice(each * l, each * (l + 1)), none, none].slice(0, 4),
  );
  const kind = KINDS[gates] as HostStack['kind'];
  return { kind, hidden: model.hidden, layers: layers as unknown as Layer[] };
}

export const zeroState = ({ layers, hidden }: HostStack): HostState[] =>
  layers.map(() => ({ h: Array<number>(hidden).fill(0), c: Array<number>(hidden).fill(0) }));

/** The states after one input; the top layer's h is the output. */
export function advance({ kind, hidden: H, layers }: HostStack, x: readonly number[], states: HostState[]) {
  let value = x;
  return layers.map((layer, l): HostState => {
    const state = cell(kind, layer, H, value, states[l]);
    value = state.h;
    return state;
  });
}

function cell(
  kind: HostStack['kind'],
  [wx, wh, bx, bh]: Layer,
  H: number,
  x: readonly number[],
  s: HostState,
) {
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const rows = (w: Float64Array, v: readonly number[], b: Float64Array) =>
    Array.from(b, (start, r) => v.reduce((sum, one, i) => sum + w[r * v.length + i] * one, start));
  const [a, d] = [rows(wx, x, bx), rows(wh, s.h, bh)];
  const sum = (gate: number, j: number) => a[gate * H + j] + d[gate * H + j];
  const units = [...s.h.keys()];
  if (kind === 'rnn') return { h: units.map((j) => Math.tanh(sum(0, j))), c: s.c };
  if (kind === 'gru') {
    const h = units.map((j) => {
      const n = Math.tanh(a[2 * H + j] + sigmoid(sum(0, j)) * d[2 * H + j]);
      const z = sigmoid(sum(1, j));
      return (1 - z) * n + z * s.h[j];
    });
    return { h, c: s.c };
  }
  const c = units.map((j) => sigmoid(sum(1, j)) * s.c[j] + sigmoid(sum(0, j)) * Math.tanh(sum(2, j)));
  return { h: units.map((j) => sigmoid(sum(3, j)) * Math.tanh(c[j])), c };
}

/** Row t of sequence b of x [B, T, I]. */
export const inputAt = (x: ArrayLike<number>, T: number, I: number, b: number, t: number): number[] =>
  Array.from({ length: I }, (_, i) => x[(b * T + t) * I + i]);

/** The outputs [B, T, H] of the stack run over the last k inputs of every position, from zeros. */
export function windowed(
  stack: HostStack,
  x: ArrayLike<number>,
  [B, T, I]: readonly number[],
  k: number,
): number[] {
  const y: number[] = [];
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      let states = zeroState(stack);
      for (let s = Math.max(0, t - k + 1); s <= t; s++)
        states = advance(stack, inputAt(x, T, I, b, s), states);
      y.push(...states.at(-1)!.h);
    }
  }
  return y;
}

/** The largest difference, relative to the largest value wanted. */
export function distance(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Infinity;
  let [most, top] = [0, 1e-30];
  for (let i = 0; i < wanted.length; i++) {
    // NaN counts as infinitely far.
    const apart = Math.abs(found[i] - wanted[i]);
    most = Math.max(most, Number.isNaN(apart) ? Infinity : apart);
    top = Math.max(top, Math.abs(wanted[i]));
  }
  return most / top;
}
