// The parts that studies share, without a GPU: spreads and differences of seeds, what counting predicts, settings at
// the edge of a search, and the table.

import { describe, expect, test } from 'vitest';
import { colourOf, studyTable } from '../../src/cli/study/studyTable';
import type { Row } from '../../src/runs/study';
import type { Training } from '../../src/runs/training';
import { versionHere } from '../../src/runs/version.node';
import { lastValueAt, measureBaselines } from '../../src/studies/baselines';
import { edgesOf } from '../../src/studies/edges';
import { KeyCounts } from '../../src/studies/nGrams';
import { makeCorpus } from '../../src/data/text';
import { markovNll, marginalNll } from '../../src/data/music';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { musicTask } from '../../src/tasks/music/musicTask';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { walks } from '../fixtures/walks';

describe('counting', () => {
  test('keys by themselves: the anchors of the task of music', () => {
    const music = walks();
    const { baselines } = measureBaselines(musicTask({ music, batch: 3 }));
    expect(baselines.map(({ name }) => name)).toEqual(['marginals', 'Markov, each key by itself']);
    expect(baselines[0].test).toBeCloseTo(marginalNll(music.train, music.test), 9);
    expect(baselines[1].test).toBeCloseTo(markovNll(music.train, music.test), 9);
    const counts = new KeyCounts([[[0], [1]]], 1);
    expect(counts.nats([0], [1], true)).toBeCloseTo(-Math.log(0.75), 12);
    expect(counts.nats([1], [1], true)).toBeCloseTo(Math.log(2), 12);
  });

  test('a text: the more is seen the better, in the measure of the task', () => {
    const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
    const task = languageTask({ corpus, batch: 2, bptt: 7 });
    const [unigram, bigram, trigram] = measureBaselines(task).baselines;
    expect([unigram.name, bigram.name, trigram.name]).toEqual(['unigram', 'bigram', 'trigram']);
    expect(bigram.test).toBeLessThan(unigram.test);
    expect(trigram.test).toBeGreaterThan(0);
    // Bits: the uniform distribution over the alphabet has more.
    expect(unigram.test).toBeLessThan(Math.log2(corpus.vocabulary.size));
  });
});

test('settings at the edge of a search', () => {
  const base = { learningRate: 0.01, dropout: 0.3, forgetBias: 1 } as Training;
  const space = {
    learningRate: { kind: 'log factor', from: 0.25, to: 4 },
    dropout: { kind: 'uniform', from: 0, to: 0.6 },
    forgetBias: { kind: 'choice', of: [0, 1, 2, 4] },
  } as const;
  const search = { name: 's', base, space, trials: 9, seed: 1 };
  const edges = (chosen: object) => edgesOf(search, { ...base, ...chosen } as Training);
  expect(edges({})).toEqual([]);
  expect(edges({ learningRate: 0.038 })).toEqual(['learning rate']);
  expect(edges({ learningRate: 0.0026, dropout: 0.59, forgetBias: 4 })).toEqual([
    ...['learning rate', 'dropout', 'forget bias'],
  ]);
  // Below a dropout of zero there is nothing.
  expect(edges({ dropout: 0.01 })).toEqual([]);
});

describe('the table', () => {
  const row = (more: Partial<Row>): Row => ({
    ...{ model: 'RNN', task: 'jsb', setting: 'stable', metric: 'nats', ours: 8.6, published: null },
    ...more,
  });

  test('columns that say nothing are left out; a spread has the places of its mean', () => {
    const rows = [row({ n: 3, sd: 0.01234, lambda: 0.99, norm: 0.5 }), row({ ours: null, lambda: null })];
    const { head, cells } = studyTable({ remark: '', rows, figures: [], notes: [] });
    expect(head).toEqual(['task', 'model', 'setting', 'metric', 'ours', '± sd', 'n', 'λ', '‖W‖₂']);
    expect(cells[0].slice(4)).toEqual(['8.600', '0.012', '3', '0.990', '0.500']);
    expect(cells[1].slice(4)).toEqual(['–', '', '', '∞', '']);
  });

  test('what was measured in another setting is shown and not compared', () => {
    const rows = [row({ published: 8.9 }), row({ published: 5.8e-5, elsewhere: 'T = 600' })];
    const { head, cells } = studyTable({ remark: '', rows, figures: [], notes: [] });
    expect(head.slice(-2)).toEqual(['published', '']);
    expect(cells.map((cell) => cell.slice(-2))).toEqual([
      ['8.9', '−0.30'],
      ['5.8e-5, T = 600', ''],
    ]);
    expect(rows.map(colourOf)).toEqual(['better', '']);
    expect(colourOf(row({ published: 8.5 }))).toBe('worse');
  });
});

test('a checkout names its commit, an installed package only its version', () => {
  expect(versionHere()).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-f]{7}(\.changed)?)?$/);
  expect(versionHere('/somewhere/node_modules/seqgpu/dist')).toMatch(/^\d+\.\d+\.\d+$/);
});

test('a forecast is compared with the last value at the same places', () => {
  const y = { shape: [3, 2], data: Float32Array.of(1, 2, 4, 2, 4, 6) };
  const sequence = { x: y, y, length: 3 };
  const at = (...ends: number[]) => ends.map((end) => ({ sequence, end }));
  expect(lastValueAt(at(0, 1, 2))).toEqual([{ name: 'the last value', placed: (9 / 2 + 16 / 2) / 2 }]);
  expect(lastValueAt(at(0))).toEqual([]);
  const classes = { shape: [3], data: Uint32Array.of(0, 1, 1) };
  expect(lastValueAt([{ sequence: { ...sequence, y: classes }, end: 1 }])).toEqual([]);
});
