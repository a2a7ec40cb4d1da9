// recompute(body, x): the same numbers, less memory.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  array,
  recompute,
  crossEntropy,
  Generator,
  gradient,
  mean,
  mul,
  nn,
  optim,
  square,
  State,
  tanh,
  type HostArray,
  type Tensor,
} from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

type Wrap = (body: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const stored: Wrap = (body, x) => body(x);

function deepModel() {
  nn.seed(3);
  const generator = new Generator(5);
  const blocks = Array.from({ length: 16 }, () => {
    const linear = new nn.Linear(24, 24);
    const dropout = new nn.Dropout(0.3, { generator });
    return { linear, forward: (x: Tensor) => tanh(dropout.forward(tanh(linear.forward(tanh(x))))) };
  });
  const parameters = blocks.flatMap(({ linear }) => linear.parameters());
  const loss = (wrap: Wrap) => (x: Tensor) => {
    const last = blocks.reduce((value, { forward }) => wrap(forward, value), x);
    const total = mean(square(last));
    return [total, ...gradient(total, [x, ...parameters])];
  };
  return { loss };
}

test('the loss and every gradient are those without it, dropout included', async () => {
  const x = array([7, 24], uniform(1, 7 * 24));
  const read = async (wrap: Wrap) => {
    const readings = engine.train(deepModel().loss(wrap))(x);
    return Promise.all(readings.map((reading) => reading.read()));
  };
  const [wanted, found] = [await read(stored), await read(recompute)];
  expect(wanted).toHaveLength(34);
  found.forEach((values, i) => expect(values).toEqual(wanted[i]));
  expect(Math.max(...wanted[1].map(Math.abs))).toBeGreaterThan(1e-6);
});

test('memory is that of one block, not of all', () => {
  const x = array([512, 24], uniform(1, 512 * 24));
  const peak = (wrap: Wrap) =>
    engine
      .record((...args) => deepModel().loss(wrap)(args[0])[0])
      .plan(x)
      .memory.slots.reduce((all, size) => all + size, 0);
  const training = (wrap: Wrap) => {
    const plan = engine.train(deepModel().loss(wrap)).plan(x);
    return plan.memory.slots.reduce((all, size) => all + size, 0);
  };
  expect(peak(recompute)).toBe(peak(stored));
  expect(training(recompute)).toBeLessThan(0.6 * training(stored));
});

test('a recurrent layer in segments of time, its targets inside', async () => {
  nn.seed(4);
  const [lstm, head] = [new nn.LSTM(3, 20), new nn.Linear(20, 5)];
  const parameters = [...lstm.parameters(), ...head.parameters()];
  const targets = array(
    [2, 6],
    Uint32Array.from({ length: 12 }, (_, i) => i % 5),
  );
  const read = async (wrap: (body: (...t: Tensor[]) => Tensor, ...t: Tensor[]) => Tensor) => {
    const step = engine.train((x, wanted) => {
      const loss = wrap((input, ids) => crossEntropy(head.forward(lstm.forward(input)), ids), x, wanted);
      return [loss, ...gradient(loss, parameters)];
    });
    const readings = step(array([2, 6, 3], uniform(2, 36)), targets);
    return Promise.all(readings.map((reading) => reading.read()));
  };
  const wanted = await read((body, ...t) => body(...t));
  (await read(recompute)).forEach((values, i) => expect(values).toEqual(wanted[i]));
});

test('a function of nothing is refused', () => {
  const step = engine.train((x) => recompute(() => tanh(x)));
  expect(() => step(array([2], [1, 2]))).toThrow(/does not depend on the inputs.*recompute.test.ts/s);
});

test('asks for no gradient that cannot flow, and for none that nobody needs', async () => {
  const step = engine.train((x: Tensor, w: Tensor, unused: Tensor) => {
    const body = (wrap: typeof recompute) => {
      // The projection has no gradient: w is not differentiated, so none is asked for.
      const y = wrap((a, b) => mul(a, optim.clipSpectrum(b, 0.5)), x, w);
      const z = wrap((a) => tanh(a), y, unused);
      return add(mean(square(z)), mean(square(unused)));
    };
    const plainly = body((f, ...inputs) => f(...inputs));
    return [body(recompute), plainly].map((loss) => gradient(loss, [x, unused])).flat();
  });
  const args = [1, 2, 3].map((seed) => array([4, 4], uniform(seed, 16))) as [HostArray, HostArray, HostArray];
  const [dx, du, dx2, du2] = await Promise.all(step(...args).map((reading) => reading.read()));
  expect([...dx]).toEqual([...dx2]);
  expect([...du]).toEqual([...du2]);
  expect(dx.some((value) => value !== 0)).toBe(true);
});

test('says what is missing where a gradient is needed that an op does not have', () => {
  const w = new State([4, 4], 'zeros', 'w');
  const step = engine.train((x: Tensor) => {
    const loss = mean(recompute((a) => mul(a, optim.clipSpectrum(w, 0.5)), x));
    return gradient(loss, [w]);
  });
  expect(() => step(array([4, 4], uniform(1, 16)))).toThrow(/gradient of .* is needed|does not depend on w/);
});
