// Study `tcn` as far as it needs no GPU: every task against three recurrent models of equal size, and what it says.

import { describe, expect, test } from 'vitest';
import { only } from '../../src/graph/options';
import { TASKS, type TaskName } from '../../src/runs/recipes';
import { SEQUENCE_RULES, SequenceModel } from '../../src/nn/sequenceModel';
import { RESULTS, TCN_SETTINGS } from '../../src/tasks/bai2018';
import { makeLanguageModel } from '../../src/tasks/text/languageModels';
import type { Recipe } from '../../src/tasks/recipe';
import { BUDGETS } from '../../src/runs/study';
import { tcn } from '../../src/studies/tcn/tcn';
import { SYSTEMS, TASKS_OF_STUDY, TEXTS } from '../../src/studies/tcn/tcnSystems';
import type { Trained } from '../../src/runs/training';

const none = new Map<string, Trained>();

describe('cells', () => {
  test.each(BUDGETS)('%s: every task, with models of equal size, but for the published LSTMs', (budget) => {
    const cells = tcn.cells({ budget, seed: 1 }, none);
    const tasks = TASKS_OF_STUDY.filter((task) => SYSTEMS[task].budgets[budget]);
    expect(cells.length).toBe(4 * tasks.length);
    for (const task of tasks) {
      const { inputs, outputs } = SYSTEMS[task];
      const own = cells.filter(({ settings }) => settings.task === task);
      expect(own.map(({ settings }) => settings.model)).toEqual(['tcn', 'lstm', 'gru', 'rnn']);
      const sizes = own.map(({ settings }) => {
        const recipe = { ...settings, steps: 1, evaluateEvery: 1 } as Recipe;
        if (TEXTS.includes(task)) return makeLanguageModel(inputs, recipe, settings.bptt!).size;
        return new SequenceModel(inputs, outputs, only(SEQUENCE_RULES, recipe)).size;
      });
      const equal = budget === 'full' ? sizes.filter((_, i) => i !== 1) : sizes;
      expect(Math.max(...equal) / Math.min(...equal), task).toBeLessThan(1.04);
      // What is read, and for how long, is the same for all.
      const data = own.map(({ settings: { batch, length, bptt, trainTokens, trainImages, steps, epochs } }) =>
        JSON.stringify([batch, length, bptt, trainTokens, trainImages, steps, epochs]),
      );
      expect(new Set(data).size, task).toBe(1);
    }
  });

  test('full is as published, and medium has every task', () => {
    const [full, medium] = (['full', 'medium'] as const).map((budget) =>
      tcn.cells({ budget, seed: 1 }, none).map(({ settings }) => settings),
    );
    for (const task of TASKS_OF_STUDY) {
      const found = full.find((one) => one.task === task && one.model === 'tcn');
      expect(found).toMatchObject(TCN_SETTINGS[task][0]);
      expect(medium.some((one) => one.task === task)).toBe(true);
      expect(TASKS).toContain(task as TaskName);
    }
    expect(full.find((one) => one.task === 'mnist-permuted' && one.model === 'lstm')).toMatchObject({
      ...{ hidden: 130, forgetBias: 10, optimizer: 'rmsprop', learningRate: 1e-3 },
    });
    expect(full.every(({ model, forgetBias }) => model === 'lstm' || forgetBias === undefined)).toBe(true);
  });
});

describe('findings', () => {
  const plan = { budget: 'small', seed: 1 } as const;
  const cells = tcn.cells(plan, none);
  const made = (test: (id: string) => number | null) =>
    new Map(
      cells.map(({ id }, i): [string, Trained] => [
        id,
        {
          ...{ metric: 'loss', valid: test(id), test: test(id), parameters: 1000 + i, step: 9 },
          curve: test(id) === null ? [] : [{ step: 9, value: test(id)! }],
        },
      ]),
    );

  test('a row for each, beside table 1; the best recurrent model is the one to beat', () => {
    const values: Record<string, number> = { tcn: 0.2, lstm: 0.5, gru: 0.4, rnn: 0.6 };
    const results = made((id) => (id === 'jsb/gru' ? 0.1 : values[id.split('/')[1]]));
    const { rows, remark, figures, notes } = tcn.findings(plan, results);
    expect(rows.length).toBe(cells.length);
    for (const { task, model, published, ours } of rows) {
      expect(published).toBe(RESULTS[task as keyof typeof RESULTS][model.toLowerCase() as 'tcn']);
      expect(ours).toBeGreaterThan(0);
    }
    expect(remark).toContain('Copy memory: the TCN (0.2) beats the GRU (0.4)');
    expect(remark).toContain('JSB Chorales: the TCN (0.2) does not beat the GRU (0.1)');
    expect(figures.map(({ title }) => title)).toContain('Copy memory, T = 30');
    expect(notes.at(-1)).toBe('Without nottingham, which take longer than this budget.');
  });

  test('trainings that diverged', () => {
    const { rows, remark } = tcn.findings(
      plan,
      made((id) => (id.endsWith('/lstm') ? 1 : null)),
    );
    expect(remark).toContain('Copy memory: the TCN (diverged) does not beat the LSTM (1)');
    expect(rows.filter(({ ours }) => ours === null).length).toBe((3 * cells.length) / 4);
  });
});
