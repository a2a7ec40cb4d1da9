// Recurrent layers of more units than a workgroup has threads: on GPUs a launch for each step, whose way back reads the
// weights transposed.

import { afterAll, expect, test } from 'vitest';
import { array, gradient, gru, lstm, mean, rnn, square, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const direct = await openTestEngine({ family: 'direct' });
const workgroup = await openTestEngine({ family: 'workgroup' });
afterAll(() => [direct, workgroup].forEach((engine) => engine.destroy()));

const [B, T, I] = [3, 3, 4];
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

test.each([
  ['lstm', 260],
  ['gru', 260],
  ['rnn', 260],
] as const)('%s of %i units: the gradients of every step are those of the other family', async (name, H) => {
  const body = (x: Tensor, wx: Tensor, wh: Tensor, h0: Tensor) => {
    const given = { x, wx, wh, h0 };
    const { y } = name === 'lstm' ? lstm({ ...given, c0: h0 }) : name === 'gru' ? gru(given) : rnn(given);
    return gradient(mean(square(y)), [x])[0];
  };
  const gates = GATES[name];
  const args = [
    array([B, T, I], uniform(1, B * T * I)),
    array([I, gates * H], uniform(2, I * gates * H)),
    array(
      [H, gates * H],
      uniform(3, H * gates * H).map((value) => value / 8),
    ),
    array([B, H], uniform(4, B * H)),
  ] as const;
  const kernels = new Set<string>();
  const [ours, theirs] = await Promise.all(
    [workgroup, direct].map(async (engine) => {
      const step = engine.record(body);
      const found = step(...args).read();
      for (const { variant } of step.plan(...args).dispatches)
        if (engine === workgroup) kernels.add(variant.kernel.name);
      return found;
    }),
  );
  expect([...kernels]).toEqual(expect.arrayContaining([`${name}StepDx`, 'transpose']));
  const [largest, worst] = Array.from(ours).reduce(
    ([most, off], value, i) => [
      Math.max(most, Math.abs(theirs[i])),
      Math.max(off, Math.abs(value - theirs[i])),
    ],
    [0, 0],
  );
  expect(largest).toBeGreaterThan(0);
  expect(worst / largest).toBeLessThan(2e-5);
});
