// A cell of study `translation`, at a fraction of its smallest size.

import { afterAll, expect, test } from 'vitest';
import type { Context } from '../../src/runs/study';
import { translation } from '../../src/studies/translation/translation';
import { datesTask } from '../../src/tasks/dates/datesTask';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const context: Context = {
  engine: async () => engine,
  task: async ({ batch }) => datesTask({ batch, evaluated: 1 }),
  results: new Map(),
  progress() {},
  stoppable: (work) => work(new AbortController().signal),
  checkpoint: { load: () => undefined, save() {} },
};

test('a Transformer trains, is measured, and shows what it looks at', async () => {
  const cells = translation.cells({ budget: 'small', seed: 1 }, new Map());
  const { settings } = cells.find(({ id }) => id === 'transformer')!;
  const small = { hidden: 16, heads: 2, feedForward: 16, levels: 1, batch: 4, steps: 2, evaluateEvery: 2 };
  const cell = { id: 'transformer', settings: { ...settings, ...small, searched: 3 } };
  const result = await translation.run(cell, context);
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  expect(Object.keys(result.measures)).toEqual(['nats per character']);
  expect(result.byLength).toHaveLength(8);
  expect(result.byLength.reduce((sum, [, count]) => sum + count, 0)).toBe(64);
  expect(result.diagonal).toBeGreaterThan(0);
  expect(result.diagonal).toBeLessThan(1);
  expect(result.sentencesPerSecond).toBeGreaterThan(0);
  expect(result.beamSentencesPerSecond).toBeGreaterThan(0);
  expect([result.score, result.greedy, result.beam, result.validation]).toEqual(['exact match', 0, 0, 0]);
  const { source, target, weights } = result.picture!;
  expect(target).toHaveLength(11);
  expect(weights).toHaveLength(11 * source.length);
  const first = weights.slice(0, source.length).reduce((sum, weight) => sum + weight, 0);
  expect(first).toBeCloseTo(1, 1);
});
