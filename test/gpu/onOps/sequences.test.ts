// Two bidirectional layers of RNN, GRU and LSTM over sequences of different lengths against PyTorch's packed sequences:
// outputs, states and all gradients (test/golden/makeSequences.py made the numbers); and what padding must not do.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  array,
  concat,
  gradient,
  gru,
  lstm,
  mul,
  nn,
  reshape,
  rnn,
  sequences,
  square,
  sum,
  SeqgpuError,
  type Engine,
  type Tensor,
} from '../../../src/index';
import { sizeOf } from '../../../src/graph/shape';
import { toTorch } from '../../../src/nn/layout';
import golden from '../../golden/sequences.json';
import { openTestEngine, uniform } from '../../harness/engine';
import { loadGolden, near, type Stored } from '../../harness/golden';

const engine = await openTestEngine({ family: 'direct', poison: true });
const other = await openTestEngine({ family: 'workgroup', poison: true });
afterAll(() => [engine, other].forEach((one) => one.destroy()));

const KINDS = { rnn: nn.RNN, gru: nn.GRU, lstm: nn.LSTM };
const hostOf = ({ shape, data }: Stored) => array(shape, Float32Array.from(data));
const lengths = array([golden.lengths.length], Uint32Array.from(golden.lengths));

/** The states of all layers, one behind the other, as PyTorch has them. */
const stacked = (states: readonly Tensor[]): Tensor =>
  concat(
    states.map((state) => reshape(state, [1, ...state.shape])),
    0,
  );

for (const name of ['rnn', 'gru', 'lstm'] as const) {
  test(`${name}, bidirectional, is PyTorch's over packed sequences`, async () => {
    const wanted = golden[name];
    const model = new nn.Bidirectional(KINDS[name], 4, 3, { layers: 2 });
    loadGolden(engine, wanted, model);
    const parameters = [...model.namedParameters()];
    expect(parameters.map(([key]) => key).sort()).toEqual(Object.keys(wanted.parameters).sort());
    const step = engine.record((x, weights, until) => {
      const { y, states } = model.unroll(x, model.zeroState(3), { lengths: until });
      const all = [states.map(({ h }) => h), ...(name === 'lstm' ? [states.map(({ c }) => c!)] : [])];
      const stacks = all.map(stacked);
      const loss = stacks.reduce((total, one) => add(total, sum(one)), sum(mul(y, weights)));
      return [y, ...stacks, ...gradient(loss, [x, ...parameters.map(([, parameter]) => parameter)])];
    });
    const results = step(hostOf(wanted.inputs), hostOf(wanted.weights), lengths);
    const found = (await Promise.all(results.map((one) => one.read()))) as Float32Array[];
    near(found.shift()!, wanted.outputs, 1e-5, 'outputs');
    wanted.states.forEach((state, i) => near(found.shift()!, state, 1e-5, `state ${i}`));
    near(found.shift()!, wanted.inputGradient, 1e-4, 'gradient of the input');
    for (const [key, parameter] of parameters) {
      const gradients: Readonly<Record<string, Stored>> = wanted.gradients;
      near(toTorch(parameter, found.shift()!), gradients[key], 1e-4, key);
    }
  });
}

test('lengths that do not fit are refused at the caller’s line', async () => {
  const model = new nn.Bidirectional(nn.GRU, 4, 3);
  const step = engine.record((x, until) => model.forward(x, { lengths: until }));
  const x = array([2, 3, 4], new Float32Array(24));
  const refused = (until: ReturnType<typeof array>, text: RegExp) => {
    expect(() => step(x, until)).toThrow(SeqgpuError);
    expect(() => step(x, until)).toThrow(text);
  };
  refused(array([3], new Uint32Array(3)), /3 lengths for 2 sequences/);
  refused(array([2], new Float32Array(2)), /lengths are f32/);
});

/** What a layer of H units needs besides x, of numbers about 0.5. */
function layerOf(kind: keyof typeof KINDS, B: number, I: number, H: number) {
  const G = { rnn: 1, gru: 3, lstm: 4 }[kind] * H;
  const shapes = [[I, G], [H, G], [G], [G], [B, H], ...(kind === 'lstm' ? [[B, H]] : [])];
  return shapes.map((shape, i) => array(shape, uniform(i + 1, sizeOf(shape))));
}

/** All results and gradients where x and the gradients that come in hold `padding` behind the ends. */
async function withPadding(engine: Engine, kind: keyof typeof KINDS, padding: number) {
  const [B, T, I, H] = [4, 5, 3, 6];
  const counts = [3, 0, 5, 1];
  const padded = (seed: number, width: number) => {
    const values = uniform(seed, B * T * width);
    const behind = (i: number) => Math.floor(i / width) % T >= counts[Math.floor(i / width / T)];
    return array(
      [B, T, width],
      values.map((value, i) => (behind(i) ? padding : value)),
    );
  };
  const step = engine.record((...[x, weights, until, ...given]: Tensor[]): Tensor[] => {
    const [wx, wh, bx, bh, h0, c0] = given;
    const inputs = { x, wx, wh, bx, bh, h0, sequences: sequences({ lengths: until, reverse: true }) };
    const results = kind === 'lstm' ? lstm({ ...inputs, c0 }) : { rnn, gru }[kind](inputs);
    const { y, ...states } = results;
    const loss = Object.values(states).reduce(
      (total: Tensor, state: Tensor) => add(total, sum(square(state))),
      sum(mul(y, weights)),
    );
    return [y, ...Object.values(states), ...gradient(loss, [x, ...given])];
  });
  const args = [padded(1, I), padded(2, H), array([B], Uint32Array.from(counts)), ...layerOf(kind, B, I, H)];
  const found = await Promise.all(step(...args).map((one) => one.read()));
  const dx = found[kind === 'lstm' ? 3 : 2];
  const inPadding = [...dx].filter((_, i) => Math.floor(i / I) % T >= counts[Math.floor(i / I / T)]);
  return { found: found.map((values) => [...values]), inPadding };
}

for (const kind of ['rnn', 'gru', 'lstm'] as const) {
  test.each([engine, other])(`${kind}: what lies in padding changes nothing (%#)`, async (own) => {
    const wanted = await withPadding(own, kind, 0);
    const { found, inPadding } = await withPadding(own, kind, NaN);
    expect(found).toEqual(wanted.found);
    expect(found.flat().every(Number.isFinite)).toBe(true);
    expect(inPadding.every((value) => value === 0)).toBe(true);
  });

  test(`${kind}: a NaN in one unit of the last step stays there`, async () => {
    const [B, T, I, H] = [2, 6, 3, 4];
    const step = engine.record((...[x, until, wx, wh, bx, bh, h0, c0]: Tensor[]): Tensor[] => {
      const inputs = { x, wx, wh, bx, bh, h0, sequences: sequences({ lengths: until }) };
      return Object.values(kind === 'lstm' ? lstm({ ...inputs, c0 }) : { rnn, gru }[kind](inputs));
    });
    const given = layerOf(kind, B, I, H);
    // A column of wx that is NaN makes one unit so; a sequence of one step has no step to pass it on.
    const columns = given[0].shape[1];
    const column = kind === 'lstm' ? 4 : kind === 'gru' ? H + 1 : 1;
    for (let i = 0; i < I; i++) given[0].data[i * columns + column] = NaN;
    const args = [array([B, T, I], uniform(9, B * T * I)), array([B], Uint32Array.of(1, 0)), ...given];
    const [, ...states] = await Promise.all(step(...args).map((one) => one.read()));
    for (const state of states)
      expect([...state].map(Number.isNaN), kind).toEqual([false, true, ...Array<boolean>(6).fill(false)]);
  });
}

test('numbers that are known beforehand are lengths, too, and are checked', async () => {
  const model = new nn.GRU(4, 3);
  const x = array([2, 3, 4], uniform(1, 24));
  const of = (until: readonly number[]) =>
    engine.record((given) => model.forward(given, sequences({ lengths: until })));
  const y = await of([1, 3])(x).read();
  expect([...y].map((value) => value === 0)).toEqual([...Array(18)].map((_, i) => i > 2 && i < 9));
  expect(() => of([1, 4])(x)).toThrow(/length 1 is 4 of 3 steps/);
  expect(() => of([1])(x)).toThrow(/1 lengths for 2 sequences/);
  expect(() => of([1, 0.5])(x)).toThrow(SeqgpuError);
});
