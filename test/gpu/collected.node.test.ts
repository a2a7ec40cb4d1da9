// What is dropped without being destroyed is freed when JavaScript collects it.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { array, mean, nn, optim, square, tanh, type Engine, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects until a count stays the same; callbacks of what was collected run between two tasks. */
async function settled(engine: Engine): Promise<number> {
  for (let before = -1; before !== engine.stats.buffers;) {
    before = engine.stats.buffers;
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return engine.stats.buffers;
}

async function train(engine: Engine): Promise<number> {
  const model = new nn.Linear(16, 3);
  const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2 });
  const step = engine.train((x: Tensor) => adam.minimize(mean(square(tanh(model.forward(x))))));
  return step(array([8, 16], uniform(1, 128))).item();
}

test('models, optimizers and steps that were dropped', async () => {
  const engine = await openTestEngine();
  const losses = [await train(engine)];
  const alive = await settled(engine);
  for (let i = 0; i < 30; i++) losses.push(await train(engine));
  expect(await settled(engine)).toBeLessThanOrEqual(alive + 2);
  expect(losses.every((loss) => loss > 0)).toBe(true);
  // Staging for the next reading is all that stays.
  expect(engine.stats.bytes).toBeLessThan(4096);
  engine.destroy();
});

test('what is still held is kept', async () => {
  const engine = await openTestEngine();
  const model = new nn.Linear(16, 3);
  const step = engine.record((x: Tensor) => tanh(model.forward(x)));
  const x = array([2, 16], uniform(1, 32));
  const wanted = await step(x).read();
  const pending = step(x);
  await settled(engine);
  expect(await pending.read()).toEqual(wanted);
  expect(await step(x).read()).toEqual(wanted);
  engine.destroy();
});
