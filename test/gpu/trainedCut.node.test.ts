// Translators that are trained on the last k tokens of a target: from settings to a run, and what study `context` finds
// of them beside one that was trained on all and is cut at test.

import { afterAll, expect, test } from 'vitest';
import { measureTrained } from '../../src/runs/evaluation';
import { makeTask } from '../../src/runs/outcome';
import { run } from '../../src/runs/run';
import { makeSettings } from '../../src/runs/settings';
import type { Context } from '../../src/runs/study';
import { TABLES } from '../../src/runs/tables';
import { contextOfRun } from '../../src/studies/context/contextOfRun';
import type { SightResult, TrainedRun } from '../../src/studies/context/sightFindings';
import { loadCheckpoint } from '../../src/train/checkpoint';
import type { Stored } from '../../src/train/safetensors';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const SMALL = { hidden: 16, batch: 8, steps: 4, evaluateEvery: 4, warmup: 0, evaluationDates: 64, seed: 1 };

async function trained(given: { readonly truncate?: number; readonly learningRate?: number }) {
  const settings = makeSettings('dates', 'transformer', { ...SMALL, levels: 1, heads: 2, ...given });
  let best: Stored | undefined;
  const { valid, parameters } = await run({
    engine,
    task: makeTask(settings, undefined),
    recipe: settings,
    onSave: async (_last, found) => void (best = found ?? best),
  });
  const of: TrainedRun = { settings, stored: best!, where: 'a run', content: undefined, tables: TABLES };
  return { of, nats: valid['nats per character'], parameters };
}

test('both curves: cut at test, and trained on so many tokens', async () => {
  const [all, one, four] = [
    await trained({}),
    await trained({ truncate: 1, learningRate: 0.01 }),
    await trained({ truncate: 4 }),
  ];
  expect([one, four].map(({ parameters }) => parameters)).toEqual([all.parameters, all.parameters]);
  expect(new Set([all, one, four].map(({ nats }) => nats)).size).toBe(3);
  const study = contextOfRun(all.of, [four.of, one.of]);
  const setup = { budget: 'small', seed: 1 } as const;
  const host: Pick<Context, 'engine' | 'progress'> = { engine: async () => engine, progress() {} };
  const results = new Map<string, SightResult>();
  for (const cell of study.cells(setup, new Map())) {
    results.set(cell.id, await study.run(cell, host as Context));
  }
  const found = (id: string) => results.get(id)!;
  expect(found('run').sights).toEqual([1, 2, 4, 8, 11]);
  expect(found('trained/k-4').sights).toEqual([1, 2, 4]);
  expect(found('trained/k-1').sights).toEqual([1]);
  // All places of the validation data are asked, of windows that are cut out one by one; the runs were measured on
  // whole targets.
  expect(found('run').places).toBe(64 * 11);
  expect(found('run').losses.at(-1)).toBeCloseTo(all.nats, 4);
  expect(found('trained/k-4').losses.at(-1)).toBeCloseTo(four.nats, 4);
  expect(found('trained/k-1').losses.at(-1)).toBeCloseTo(one.nats, 4);

  const { rows, figures, remark, notes } = study.findings(setup, results);
  const of = (setting: string) => rows.find((row) => row.setting === setting)!.ours;
  expect(of('last 4')).toBe(found('run').losses[2]);
  expect(of('trained on the last 4')).toBe(found('trained/k-4').losses[2]);
  expect(of('trained on the last 1')).toBe(found('trained/k-1').losses[0]);
  const [{ series }] = figures as unknown[] as readonly {
    series: readonly { name: string; points: unknown }[];
  }[];
  expect(series.map(({ name }) => name)).toEqual([
    'TRANSFORMER, cut at test',
    'TRANSFORMER, trained on the last k',
  ]);
  expect(series[1].points).toEqual([
    [1, of('trained on the last 1')],
    [4, of('trained on the last 4')],
  ]);
  const cutAt = (i: number) => found('run').losses[i].toPrecision(4);
  expect(remark).toContain(
    `the last 4: ${of('trained on the last 4')!.toPrecision(4)} (cut at test ${cutAt(2)})`,
  );
  expect(notes.at(-1)).toBe('The model of the last 1 was trained with learningRate 0.01 in place of 0.003.');
});

test('what is written is greedy by the last tokens alone', async () => {
  const { of } = await trained({ truncate: 2 });
  const task = makeTask(of.settings, undefined);
  const { model } = task.program(of.settings);
  loadCheckpoint(engine, of.stored, of.where, { model });
  const [asked, exact] = await Promise.all([
    task.said!({ engine, model, split: 'valid' }, { beam: 1 }),
    task.whenTrained!({ engine, model, split: 'valid' }),
  ]);
  expect(asked.texts).toHaveLength(64);
  expect(asked.score()).toBe(exact['exact match']);
  const { settings: recipe, stored, where } = of;
  const { valid } = await measureTrained({ engine, task, recipe, stored, where }, ['valid'], 3);
  const three = await task.said!({ engine, model, split: 'valid' }, { beam: 3 });
  expect(valid).toMatchObject({
    'exact match': exact['exact match'],
    'exact match of 3 beams': three.score(),
  });
});
