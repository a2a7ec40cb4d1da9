// Random search with successive halving, as pure functions; and the command that runs it.

import { describe, expect, test } from 'vitest';
import { tunedModels } from '../harness/tuned';
import { TABLES } from '../../src/runs/tables';
import { makeSearch } from '../../src/cli/search/search.node';
import { rungs } from '../../src/search/halving';
import { rank, trial, type Search } from '../../src/search/search';
import { searchCells, searchSize, winner } from '../../src/search/searchCells';
import { searchStudy } from '../../src/search/searchStudy';
import { recipeOf, type Trained } from '../../src/runs/training';
import type { Task } from '../../src/tasks/task';
import { complaint } from '../harness/complaint';

const SETUP = { budget: 'small', seed: 5 } as const;
const search: Search = makeSearch('copy', 'lstm', { trials: 9, steps: 90 }, SETUP);

const trained = (valid: number | null): Trained => ({
  ...{ metric: 'loss', valid, test: valid, parameters: 1, step: 1, curve: [] },
  ...(valid === null ? { diverged: 'the loss is NaN' } : {}),
});

test('rungs: a third goes on, for three times as long', () => {
  expect(rungs(1)).toEqual([{ trials: 1, share: 1 }]);
  expect(rungs(9).map(({ trials }) => trials)).toEqual([9, 3, 1]);
  expect(rungs(9).map(({ share }) => 9 * share)).toEqual([1, 3, 9].map((n) => expect.closeTo(n, 12)));
  expect(rungs(20).map(({ trials }) => trials)).toEqual([20, 6, 2, 1]);
  expect(searchSize(search)).toBe(13);
});

describe('trials', () => {
  test('the first is the preset, the others depend on seed and number only', () => {
    expect(trial(search, 0)).toEqual(search.base);
    expect(trial(search, 4)).toEqual(trial({ ...search, trials: 50 }, 4));
    expect(trial(search, 4)).not.toEqual(trial(search, 5));
    expect(trial(search, 4)).not.toEqual(trial({ ...search, seed: 6 }, 4));
  });

  test('lie in the space, and change nothing else', () => {
    const { base } = search;
    const rates: number[] = [];
    for (let number = 1; number < 200; number++) {
      const { learningRate, clipNorm, forgetBias, ...rest } = trial(search, number);
      rates.push(learningRate / base.learningRate);
      expect([0, 1, 2, 4]).toContain(forgetBias);
      expect(clipNorm! / base.clipNorm!).toBeGreaterThan(0.33);
      const { learningRate: _rate, clipNorm: _clip, forgetBias: _bias, ...others } = base;
      expect(rest).toEqual(others);
    }
    expect(Math.min(...rates)).toBeGreaterThan(0.249);
    expect(Math.max(...rates)).toBeLessThan(4.01);
    // Evenly on a logarithmic scale: as many below the preset as above.
    expect(Math.abs(rates.filter((rate) => rate < 1).length - 100)).toBeLessThan(25);
  });

  test('a setting that is taken out of the space changes no other', () => {
    const { dropout: _none, clipNorm: _clip, ...space } = search.space;
    expect(trial({ ...search, space }, 3).learningRate).toBe(trial(search, 3).learningRate);
  });

  test('what is given is not searched', () => {
    const fixed = makeSearch('jsb', 'tcn', { learningRate: 1e-3, epochs: 3 }, SETUP);
    expect(fixed.space).not.toHaveProperty('learningRate');
    expect(fixed.space).toHaveProperty('dropout');
    expect(trial(fixed, 2)).toMatchObject({ learningRate: 1e-3, epochs: 3 });
  });

  test("a trial on a user's own data is as long as one on little, if nobody says how long", () => {
    const { base } = makeSearch('translation', 'transformer', {}, SETUP);
    expect(base).toMatchObject({ steps: 500, evaluateEvery: 13, warmup: 50 });
    expect(base.epochs).toBeUndefined();
    expect(base).not.toHaveProperty('leastSteps');
    expect(makeSearch('series', 'gru', {}, { ...SETUP, budget: 'full' }).base).toMatchObject({ steps: 2000 });
    expect(makeSearch('series', 'gru', { epochs: 3 }, SETUP).base).toMatchObject({ epochs: 3 });
    expect(makeSearch('series', 'gru', { steps: 400 }, SETUP).base).toMatchObject({ evaluateEvery: 10 });
    const given = { steps: 60, warmup: 40 };
    expect(makeSearch('translation', 'transformer', given, SETUP).base).toMatchObject(given);
    expect(makeSearch('translation', 'transformer', { warmup: 400 }, SETUP).base).toMatchObject({
      warmup: 400,
    });
    expect(makeSearch('eng-fra', 'transformer', {}, SETUP).base).toMatchObject({ epochs: 3, warmup: 800 });
  });

  test('every task and model has a space', () => {
    for (const { name: task } of TABLES.tasks) {
      for (const model of tunedModels(task)) {
        const { space, base } = makeSearch(task, model, {}, SETUP);
        expect(Object.keys(space)).toEqual(expect.arrayContaining(['learningRate', 'clipNorm']));
        expect(base.epochs ?? base.steps).toBeGreaterThan(0);
      }
    }
  });
});

describe('successive halving', () => {
  /** Runs a search whose trial n is worth values[n]; gives the cells in the order in which they ran. */
  function play(values: readonly (number | null)[]): { ran: string[]; results: Map<string, Trained> } {
    const results = new Map<string, Trained>();
    const ran: string[] = [];
    for (let next; (next = searchCells(search, results).find(({ id }) => !results.has(id)));) {
      ran.push(`${next.number}:${next.rung}`);
      results.set(next.id, trained(values[next.number]));
    }
    return { ran, results };
  }

  test('the best go on; a trial that diverged comes last', () => {
    const { ran, results } = play([5, 4, null, 3, 9, 2, 8, 7, 6]);
    expect(ran.slice(9)).toEqual(['5:1', '3:1', '1:1', '5:2']);
    expect(winner(search, results)).toMatchObject({ number: 5, settings: { steps: 90 } });
    expect(rank([0, 1, 2, 3], (n) => [1, null, 0, 1][n])).toEqual([2, 0, 3, 1]);
  });

  test('the lengths of the rungs', () => {
    const { results } = play([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const steps = searchCells(search, results).map(({ rung, settings }) => [rung, settings.steps]);
    expect(new Map(steps as [number, number][])).toEqual(
      new Map([
        [0, 10],
        [1, 30],
        [2, 90],
      ]),
    );
  });

  test('nothing wins when all diverge, and the findings say so', () => {
    const { results } = play(Array<null>(9).fill(null));
    expect(winner(search, results)).toBeNull();
    const { remark, figures } = searchStudy(search).findings(SETUP, results);
    expect(remark).toContain('Every trial diverged');
    expect(figures).toEqual([]);
  });

  test('the findings name the winner, and show each trial once', () => {
    const { results } = play([5, 4, null, 3, 9, 2, 8, 7, 6]);
    const { remark, rows, figures } = searchStudy(search).findings(SETUP, results);
    expect(remark).toContain('trial 5, with 2.000 loss');
    expect(rows.filter(({ metric }) => metric.endsWith('validation'))).toHaveLength(9);
    expect(rows.filter(({ metric }) => metric.endsWith('test'))).toHaveLength(1);
    const [parallel] = figures;
    expect(parallel).toMatchObject({ kind: 'parallel', lines: { length: 8 } });
  });

  test('the findings of very many trials have the best of them, and hold no curve', () => {
    const many = makeSearch('copy', 'lstm', { trials: 1500, steps: 90 }, SETUP);
    const results = new Map(
      searchCells(many, new Map()).map(({ id, number }) => [id, trained(number === 700 ? -1 : number)]),
    );
    const study = searchStudy(many);
    const { rows, figures, notes, importance } = study.findings(SETUP, results);
    expect(rows).toHaveLength(100);
    expect(rows[0].setting).toMatch(/^trial 700,/);
    expect(figures[0]).toMatchObject({ caption: expect.stringContaining('The best 1000 of 1500 are drawn') });
    expect(notes.at(-1)).toContain('the best 100 trials; results.jsonl has all 1500');
    expect(figures[1]).toMatchObject({ title: 'What the settings explain' });
    // The value is the number of the trial, of which no setting knows.
    expect(importance!.length).toBe(Object.keys(many.space).length);
    for (const { explained } of importance!) expect(explained).toBeLessThan(0.02);
    const curve = [{ step: 1, value: 2 }];
    expect(study.brief!({ ...trained(1), curve } as Trained)).toEqual(trained(1));
  });

  test('trials that failed count as the worst, and are named', () => {
    const { results } = play([5, 4, 6, 3, 9, 2, 8, 7, 1]);
    const study = searchStudy(search);
    results.set('copy-lstm/trial-4/rung-0', study.failed!('3 times, the last time on box:7: no such kernel'));
    const { remark, rows, best } = study.findings(SETUP, results);
    expect(best?.validMetric).toBe(1);
    expect(remark).toContain(
      '1 trial failed and counts as the worst: copy-lstm/trial-4/rung-0 (3 times, the last time on box:7: no such kernel)',
    );
    expect(rows.at(-1)).toMatchObject({ ours: null });
    expect(study.words!(study.failed!('twice'))).toBe('failed: twice');
  });
});

test('epochs are steps of the task; there may be fractions of them', () => {
  const { steps: _steps, ...base } = search.base;
  const recipe = recipeOf({ ...base, epochs: 2.67, evaluateEvery: undefined }, { stepsPerEpoch: 30 } as Task);
  expect(recipe).toMatchObject({ steps: 80, evaluateEvery: 30 });
  expect(recipe).not.toHaveProperty('epochs');
});

describe('words', () => {
  test('of study', () => {
    expect(complaint('study stabilty')).toMatch(/study "stabilty" is unknown[^]*did you mean stability\?/);
    expect(complaint('study unstable --budget smal')).toContain('did you mean small?');
    expect(complaint('study unstable stability')).toContain('one study at a time');
    expect(complaint('study')).toBe('no complaint');
  });

  test('of search', () => {
    expect(complaint('search jsb')).toContain('--model is missing');
    expect(complaint('search jbs --model lstm')).toContain('did you mean jsb?');
    expect(complaint('search jsb --model lstm --kernel-size 3')).toContain('does not go with --model lstm');
    expect(complaint('search jsb --model lstm --trials 0')).toContain('whole number of at least 1');
    expect(complaint('search jsb --model lstm --dropout 0.2')).toBe('no complaint');
  });
});
