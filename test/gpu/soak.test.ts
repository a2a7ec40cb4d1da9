// What a long training leaves behind: nothing. Steps with evaluations and checkpoints, and more shapes than a step keeps
// recordings of; buffers, bytes and memory are flat. `npm run trust -- soak` does it for as long as a week's work.

import { expect, test } from 'vitest';
import { array, dropout, Generator, mean, nn, optim, square, sum, type Tensor } from '../../src/index';
import { fit, save } from '../../src/train/index';
import { openTestEngine, uniform } from '../harness/engine';

/** In the long run 100,000. */
const STEPS = Number(import.meta.env.VITE_SOAK ?? 400);
const SHAPES = STEPS < 1000 ? 150 : 1000;
const HOURS = 4 * 3600_000;

/** Bytes of this process, or of the page's objects; undefined where the platform does not say. */
function memory(): number | undefined {
  const { process, performance } = globalThis as {
    process?: { memoryUsage?(): { rss: number } };
    performance: { memory?: { usedJSHeapSize: number } };
  };
  return process?.memoryUsage?.().rss ?? performance.memory?.usedJSHeapSize;
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

test(`${STEPS} steps with evaluations and checkpoints`, { timeout: HOURS }, async () => {
  const engine = await openTestEngine();
  const layer = new nn.Linear(4, 2);
  const generator = new Generator(1);
  const adam = new optim.Adam(layer.parameters(), { learningRate: 1e-3, clipNorm: 1 });
  const forward = (x: Tensor) => mean(square(layer.forward(dropout(x, { rate: 0.1, generator }))));
  const step = engine.train((x: Tensor) => adam.minimize(forward(x)));
  const measure = engine.record(forward);
  const batch = (seed: number) => array([2, 4], uniform(seed, 8));
  const samples: { buffers: number; bytes: number; memory?: number }[] = [];
  let written = 0;
  const state = await fit({
    engine,
    optimizer: adam,
    step,
    source: (n) => [batch(n % 1000)],
    steps: STEPS,
    evaluateEvery: STEPS / 100,
    others: [generator],
    evaluate: async () => measure(batch(-1)).item(),
    onSave: async (progress) => {
      written += (await save(engine, { model: layer, optimizer: adam, progress })).length;
      const { buffers, bytes } = engine.stats;
      samples.push({ buffers, bytes, memory: memory() });
    },
  });
  expect(state.step).toBe(STEPS);
  expect(written / 100).toBeGreaterThan(1000);
  expect(samples.length).toBe(100);
  const [first, ...rest] = samples.slice(10);
  for (const { buffers, bytes } of rest)
    expect({ buffers, bytes }).toEqual({ buffers: first.buffers, bytes: first.bytes });
  const bytes = samples.map((sample) => sample.memory ?? 0);
  const [early, late] = [median(bytes.slice(10, 30)), median(bytes.slice(-20))];
  console.info(
    `${STEPS} steps: ${first.buffers} buffers, ${first.bytes} bytes; memory ${early} early, ${late} late`,
  );
  // What JavaScript has not collected yet is no leak: a leak of 100 bytes a step would be 8 MB.
  expect(late).toBeLessThan(early * 1.1 + 2 ** 24);
  engine.destroy();
});

test(`${SHAPES} shapes`, { timeout: HOURS }, async () => {
  const engine = await openTestEngine();
  const layer = new nn.Linear(3, 2);
  const step = engine.record((x: Tensor) => sum(layer.forward(x)));
  const seen: number[] = [];
  for (let i = 1; i <= SHAPES; i++) {
    // As lengths of a text come: short and long ones.
    const rows = 1 + ((i * 37) % SHAPES);
    await step(array([rows, 3], new Float32Array(3 * rows))).item();
    seen.push(engine.stats.buffers);
  }
  // A step keeps 128 recordings, whatever comes.
  expect(Math.max(...seen)).toBeLessThanOrEqual(seen[139]);
  expect(engine.stats.bytes).toBeLessThan(2 ** 23);
  engine.destroy();
});
