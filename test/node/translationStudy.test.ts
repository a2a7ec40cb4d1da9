// Study `translation` without a GPU: systems of equal size, attention near the diagonal, and what is made of results.

import { describe, expect, test } from 'vitest';
import { modelOn } from '../../src/models/modelSpec';
import { MODELS } from '../../src/models/index';
import { draw } from '../../src/report/plot.node';
import { shareNearDiagonal } from '../../src/studies/translation/attentionFacts';
import { translation } from '../../src/studies/translation/translation';
import { SIZES, SYSTEMS } from '../../src/studies/translation/translationCells';
import type { TranslationResult } from '../../src/studies/translation/translationRun';

const setup = { budget: 'small', seed: 1 } as const;

test.each(['small', 'medium', 'full'] as const)(
  'at the budget %s all systems are about equally large',
  (budget) => {
    const { parameters, vocabulary, longest, seeds, task } = SIZES[budget];
    const cells = translation.cells({ budget, seed: 1 }, new Map());
    const there = SYSTEMS.filter(({ model }) => MODELS.some(({ name }) => name === model));
    expect(cells).toHaveLength(there.length * seeds);
    for (const { id, settings } of cells) {
      const { make } = modelOn(settings.model, 'pairs', MODELS);
      const recipe = { ...settings, steps: 1, evaluateEvery: 1 };
      const { size } = make({ source: vocabulary, target: vocabulary }, recipe, longest);
      expect(Math.abs(size / parameters - 1), `${id}: ${size}`).toBeLessThan(0.06);
      expect(settings.task).toBe(task);
    }
  },
);

describe('attention near the diagonal', () => {
  const of = (T: number, S: number, at: (t: number) => number) => {
    const weights = new Float32Array(T * S);
    for (let t = 0; t < T; t++) weights[t * S + at(t)] = 1;
    return { weights, T, S };
  };

  test('is all of the diagonal, from corner to corner, and little of its opposite', () => {
    expect(shareNearDiagonal([of(5, 9, (t) => 2 * t)], 0)).toBe(1);
    expect(shareNearDiagonal([of(9, 9, (t) => 8 - t)], 2)).toBeCloseTo(3 / 9, 12);
    expect(shareNearDiagonal([of(1, 9, () => 4), of(1, 9, () => 0)], 2)).toBeCloseTo(1 / 2, 12);
  });

  test('is counted by weight', () => {
    const even = { weights: new Float32Array(10).fill(0.1), T: 1, S: 10 };
    expect(shareNearDiagonal([even], 2)).toBeCloseTo(4 / 10, 6);
  });
});

describe('findings', () => {
  const resultOf = (exact: number, nats: number, attends: boolean): TranslationResult => ({
    ...{ metric: 'nats per character', valid: nats, test: nats, parameters: 60_000, step: 500 },
    curve: [
      { step: 250, value: 1 },
      { step: 500, value: nats },
    ],
    measures: { 'nats per character': nats },
    score: 'exact match',
    greedy: exact,
    beam: exact / 2,
    validation: exact / 4,
    stepsPerSecond: 10,
    tokensPerSecond: 1234,
    sentencesPerSecond: 56,
    beamSentencesPerSecond: 11,
    diagonal: attends ? 0.25 : null,
    picture: attends ? { source: ['a', 'b'], target: ['x', '⏹'], weights: [0.9, 0.1, 0.2, 0.8] } : null,
    byLength: [
      [10, 4, 1],
      [60, 4, exact],
    ],
  });
  const results = new Map(
    SYSTEMS.map(({ model }, i) => [model, resultOf([0.5, 0.99, 0.97, 0.995, 1][i], 0.1, i > 0)] as const),
  );
  const found = translation.findings(setup, results);

  test('have a line for each system, and say where a later one is behind', () => {
    expect(found.table!.rows.map(([name]) => name)).toEqual(SYSTEMS.map(({ name }) => name));
    expect(found.table!.rows[0]).toEqual([
      ...['LSTM without attention', 60_000, '50.0 %', '25.0 %', '12.5 %', Math.exp(0.1)],
      ...[1234, 56, 11, null],
    ]);
    expect(found.remark).toMatch(/LSTM without attention 50\.0 %, .*Transformer 100\.0 %/);
    expect(found.against).toEqual([
      'GNMT (97.0 %) is behind LSTM with attention (99.0 %).',
      'LSTM with attention, ConvS2S and Transformer are alike: less than 2 points of 100 apart, and of one seed.',
    ]);
    // One that is ahead of all others by as much is like none of them.
    const convs2s = { ...results.get('convs2s')!, greedy: 0.9 };
    const ahead = new Map(results)
      .set('convs2s', convs2s)
      .set('attention-lstm', { ...convs2s, greedy: 0.91 });
    expect(translation.findings(setup, ahead).against).toEqual(['ConvS2S (90.0 %) is behind GNMT (97.0 %).']);
    expect(found.rows).toHaveLength(5 * SYSTEMS.length);
  });

  test('of several seeds are means with their spread; alike is what seeds make of systems', () => {
    const three = { ...setup, seeds: 3 };
    const cells = translation.cells(three, new Map());
    expect(cells).toHaveLength(3 * SYSTEMS.length);
    const mine = cells.filter(({ settings }) => settings.model === 'gnmt');
    expect(mine.map(({ id }) => id)).toEqual(['gnmt', 'gnmt/seed-2', 'gnmt/seed-3']);
    expect(mine.map(({ settings }) => settings.seed)).toEqual([1, 2, 3]);
    expect(translation.cells(setup, new Map())).toContainEqual(mine[0]);
    // ConvS2S has a seed that is as good as all others; GNMT none that is as good as the worst with attention.
    const exact: Record<string, number[]> = {
      seq2seq: [0.5, 0.6, 0.7],
      'attention-lstm': [0.965, 0.965, 0.965],
      gnmt: [0.96, 0.96, 0.96],
      convs2s: [0.8, 0.9, 1],
      transformer: [0.98, 0.99, 1],
    };
    const seeds = new Map(
      Object.entries(exact).flatMap(([model, values]) =>
        values.map(
          (value, i) => [`${model}${i ? `/seed-${i + 1}` : ''}`, resultOf(value, 0.1, true)] as const,
        ),
      ),
    );
    const means = translation.findings(three, seeds);
    expect(means.remark).toContain('LSTM without attention 60.0 ± 10.0 %, LSTM with attention 96.5 ± 0.0 %');
    expect(means.table!.rows[3].slice(0, 3)).toEqual(['ConvS2S', 60_000, '90.0 ± 10.0 %']);
    expect(means.against).toEqual([
      'GNMT (96.0 ± 0.0 %) is behind LSTM with attention (96.5 ± 0.0 %).',
      "ConvS2S and Transformer are alike: not every seed of Transformer is ahead of the others' (n = 3).",
    ]);
    const row = means.rows.find(
      ({ model, metric }) => model === 'seq2seq' && metric === 'exact match, test',
    )!;
    expect([row.ours, row.sd, row.n]).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.1, 12), 3]);
    const [byLength, byTime] = means.figures;
    expect(byLength).toMatchObject({ caption: expect.stringContaining('means of the seeds') });
    expect(byLength).toMatchObject({
      series: [
        {
          points: [
            [10, 100],
            [60, expect.closeTo(60, 9)],
          ],
        },
        {},
        {},
        {},
        {},
      ],
    });
    expect(byTime).toMatchObject({ caption: expect.stringContaining('The first seed of each.') });
    expect(means.notes[0]).toContain('3 seeds, mean ± standard deviation');
  });

  test('have pictures, which can be drawn', async () => {
    expect(found.figures.map(({ title }) => title)).toEqual([
      'exact by length',
      'validation by time',
      ...SYSTEMS.slice(1).map(({ name }) => `attention: ${name}`),
    ]);
    const [byLength, byTime] = found.figures;
    expect(byLength).toMatchObject({
      series: [
        {
          points: [
            [10, 100],
            [60, 50],
          ],
        },
        ...Array(4).fill({}),
      ],
    });
    expect(byTime).toMatchObject({
      series: [
        {
          points: [
            [25, 1],
            [50, 0.1],
          ],
        },
        ...Array(4).fill({}),
      ],
    });
    const svg = await draw(found.figures[2]);
    expect(svg).toMatch(/^<svg [^>]*viewBox="[^]*fill-opacity="0\.900"/);
  });

  test('say who was trained for longer than the others', () => {
    expect(found.notes[0]).toContain('; 500 steps of 32 pairs;');
    const longer = new Map(results).set('transformer', { ...results.get('transformer')!, step: 1500 });
    expect(translation.findings(setup, longer).notes[0]).toContain(
      '; 500 steps, Transformer 1500, of 32 pairs;',
    );
    const [first, ...others] = translation.cells(setup, new Map()).map(({ settings }) => settings);
    expect([first.model, first.steps, first.evaluateEvery]).toEqual(['transformer', 5000, 1250]);
    expect(others.map(({ model, steps }) => [model, steps])).toEqual([
      ['gnmt', 4000],
      ['seq2seq', 4000],
      ['convs2s', 2000],
      ['attention-lstm', 2000],
    ]);
  });

  test('are there for the systems that have results', () => {
    const some = translation.findings(setup, new Map([['transformer', results.get('transformer')!]]));
    expect(some.table!.rows).toHaveLength(1);
    expect(translation.findings(setup, new Map()).rows).toEqual([]);
  });
});
