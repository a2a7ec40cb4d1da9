// Layers without biases are those of PyTorch with bias=False: they have no such parameter, and compute what the same
// layer computes whose biases are zero.

import { afterAll, expect, test } from 'vitest';
import { array, gradient, mean, nn, optim, square, stable, type Tensor } from '../../../src/index';
import { AUTHOR_CODE } from '../../../src/optim/lstmBounds';
import { advance, distance, hostStack, inputAt, zeroState } from '../../harness/cells';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const [B, T, I, H] = [2, 5, 3, 4];
const KINDS = { RNN: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM };
const names = (model: nn.Module) => [...model.namedParameters().keys()];

test.each(['RNN', 'GRU', 'LSTM'] as const)('%s', async (kind) => {
  nn.seed(2);
  const model = new KINDS[kind](I, H, { layers: 2, bias: false });
  expect(names(model)).toEqual(['weight_ih_l0', 'weight_hh_l0', 'weight_ih_l1', 'weight_hh_l1']);
  const x = uniform(1, B * T * I);
  const y = await engine
    .record((all: Tensor) => model.forward(all))(array([B, T, I], x))
    .read();
  const stack = await hostStack(engine, model);
  const wanted: number[] = [];
  for (let b = 0; b < B; b++) {
    let states = zeroState(stack);
    for (let t = 0; t < T; t++) {
      states = advance(stack, inputAt(x, T, I, b, t), states);
      wanted.push(...states.at(-1)!.h);
    }
  }
  expect(distance(y, wanted)).toBeLessThan(1e-5);
});

test.each(['RNN', 'GRU', 'LSTM'] as const)(
  '%s: gradients are those of a layer whose biases are zero',
  async (kind) => {
    const slopes = async (bias: boolean) => {
      nn.seed(3);
      const model = new KINDS[kind](I, H, { bias });
      const weights = [...model.namedParameters()].filter(([name]) => name.startsWith('weight'));
      for (const [name, parameter] of model.namedParameters())
        if (name.startsWith('bias')) engine.write(parameter, new Float32Array(parameter.size));
      weights.forEach(([, w], i) => engine.write(w, uniform(7 + i, w.size)));
      const step = engine.record((x: Tensor) =>
        gradient(
          mean(square(model.forward(x))),
          weights.map(([, w]) => w),
        ),
      );
      const found = step(array([B, T, I], uniform(5, B * T * I)));
      return Promise.all(found.map((one) => one.read()));
    };
    const [without, zero] = [await slopes(false), await slopes(true)];
    without.forEach((values, i) => expect(distance(values, zero[i])).toBeLessThan(1e-6));
  },
);

test('Linear, LayerNorm, CausalConv, Upsample', async () => {
  nn.seed(4);
  const layers = {
    linear: [new nn.Linear(I, H, { bias: false }), new nn.Linear(I, H)],
    norm: [new nn.LayerNorm(I, { bias: false }), new nn.LayerNorm(I)],
    conv: [
      new nn.CausalConv(I, H, { kernelSize: 2, bias: false }),
      new nn.CausalConv(I, H, { kernelSize: 2 }),
    ],
    upsample: [new nn.Upsample(I, H, 2, { bias: false }), new nn.Upsample(I, H, 2)],
  };
  for (const [name, [without, zero]] of Object.entries(layers)) {
    expect(names(without), name).toEqual(['weight']);
    expect(names(zero), name).toEqual(['weight', 'bias']);
    const [weight, bias] = zero.parameters();
    engine.write(bias, new Float32Array(bias.size));
    engine.write(weight, await engine.read(without.parameters()[0]));
    const both = engine.record((x: Tensor) => [without.forward(x), zero.forward(x)]);
    const [a, b] = await Promise.all(both(array([B, T, I], uniform(6, B * T * I))).map((one) => one.read()));
    expect(distance(a, b), name).toBeLessThan(1e-6);
  }
});

test('a stable LSTM without biases', async () => {
  nn.seed(5);
  const model = new nn.LSTM(I, H, { bias: false });
  const constraints = stable(model, { bounds: AUTHOR_CODE });
  const sgd = new optim.SGD(model.parameters(), { learningRate: 0.1, constraints });
  const step = engine.train((x: Tensor) => sgd.minimize(mean(square(model.forward(x)))));
  expect(await step(array([B, T, I], uniform(8, B * T * I))).item()).toBeGreaterThan(0);
});
