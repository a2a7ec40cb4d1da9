// Study `tcn` as far as it needs no GPU: every task against three recurrent models of equal size, and what it says.

import { describe, expect, test } from 'vitest';
import { only } from '../../src/graph/options';
import { TASKS } from '../../src/tasks/index';
import { SEQUENCE_RULES, SequenceModel } from '../../src/nn/sequenceModel';
import { RESULTS, TCN_SETTINGS } from '../../src/tasks/bai2018';
import { makeLanguageModel } from '../../src/tasks/text/languageModels';
import type { Recipe } from '../../src/tasks/recipe';
import { BUDGETS } from '../../src/runs/study';
import { tcn } from '../../src/studies/tcn/tcn';
import { trainingCells, type TcnResult } from '../../src/studies/tcn/tcnCells';
import { SYSTEMS, TASKS_OF_STUDY, TEXTS } from '../../src/studies/tcn/tcnSystems';
import type { Trained } from '../../src/runs/training';

describe('cells', () => {
  test.each(BUDGETS)('%s: every task, with models of equal size, but for the published LSTMs', (budget) => {
    const cells = trainingCells({ budget, seed: 1 });
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
      trainingCells({ budget, seed: 1 }).map(({ settings }) => settings),
    );
    for (const task of TASKS_OF_STUDY) {
      const found = full.find((one) => one.task === task && one.model === 'tcn');
      expect(found).toMatchObject(TCN_SETTINGS[task][0]);
      expect(medium.some((one) => one.task === task)).toBe(true);
      expect(TASKS.map(({ name }) => name)).toContain(task);
    }
    expect(full.find((one) => one.task === 'mnist-permuted' && one.model === 'lstm')).toMatchObject({
      ...{ hidden: 130, forgetBias: 10, optimizer: 'rmsprop', learningRate: 1e-3 },
    });
    expect(full.every(({ model, forgetBias }) => model === 'lstm' || forgetBias === undefined)).toBe(true);
  });
});

describe('findings', () => {
  const setup = { budget: 'small', seed: 1 } as const;
  const cells = trainingCells(setup);
  const made = (test: (id: string) => number | null, points = 2) =>
    new Map(
      cells.map(({ id }, i): [string, Trained] => [
        id,
        {
          ...{ metric: 'loss', valid: test(id), test: test(id), parameters: 1000 + i, step: 9 },
          curve: test(id) === null ? [] : [5, 9].slice(-points).map((step) => ({ step, value: test(id)! })),
        },
      ]),
    );

  /** Counting predicts as much as this on music and text. */
  const COUNTED: Record<string, number> = { jsb: 10.5, wikitext2: 500, 'wikitext2-chars': 3 };
  const counted = ['jsb', 'wikitext2', 'wikitext2-chars'].map((task): [string, TcnResult] => [
    `${task}/baselines`,
    { baselines: [{ name: 'bigram', test: COUNTED[task] }] },
  ]);

  test('models are compared where one of them has learned, whoever wins; the others run only', () => {
    const values: Record<string, number> = { tcn: 0.18, lstm: 0.5, gru: 0.4, rnn: 0.6 };
    const results = new Map<string, TcnResult>([
      ...made((id) => {
        const [task, model] = id.split('/');
        if (task === 'jsb') return model === 'gru' ? 8 : 9;
        return task === 'wikitext2' ? 400 : values[model];
      }),
      ...counted,
    ]);
    const { rows, remark, against, figures, notes } = tcn.findings(setup, results);
    const trained = rows.filter(({ published }) => published !== null);
    expect(trained.length).toBe(cells.length);
    for (const { task, model, published, ours, elsewhere, n } of trained) {
      expect(published).toBe(RESULTS[task as keyof typeof RESULTS][model.toLowerCase() as 'tcn']);
      expect(ours).toBeGreaterThan(0);
      // Nothing here is of the published setting.
      expect(elsewhere).toBeTruthy();
      expect(n).toBe(1);
    }
    // Guessing 0 at T = 30 leaves 0.416.
    expect(remark).toContain('Copy memory: the TCN (0.18) beats the GRU (0.4)');
    expect(remark).toContain('JSB Chorales: the TCN (9) does not beat the GRU (8)');
    expect(remark).toMatch(/Runs only, too short a training to compare: .*Words of WikiText-2/);
    expect(against).toContain('JSB Chorales: the TCN (9) does not beat the GRU (8).');
    expect(against!.join(' ')).not.toContain('Copy memory');
    expect(rows.find(({ task, model }) => task === 'jsb' && model === 'bigram')).toMatchObject({
      ours: 10.5,
    });
    expect(figures.map(({ title }) => title)).toContain('Copy memory, T = 30');
    expect(notes.at(-1)).toBe('Without nottingham, which take longer than this budget.');
  });

  test('a curve of one point is no picture', () => {
    const results = new Map<string, TcnResult>([...made(() => 0.1, 1), ...counted]);
    expect(tcn.findings(setup, results).figures).toEqual([]);
  });

  test('trainings that diverged', () => {
    const { rows, remark } = tcn.findings(
      setup,
      new Map<string, TcnResult>([...made((id) => (id.endsWith('/lstm') ? 0.1 : null)), ...counted]),
    );
    expect(remark).toContain('Copy memory: the TCN (diverged) does not beat the LSTM (0.1)');
    expect(rows.filter(({ ours }) => ours === null).length).toBe((3 * cells.length) / 4);
  });
});
