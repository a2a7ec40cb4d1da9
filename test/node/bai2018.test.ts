// The settings of Bai, Kolter and Koltun 2018: as many parameters as published, and far enough in sight; and that the
// command line finds them.

import { describe, expect, test } from 'vitest';
import { only } from '../../src/graph/options';
import { presetOf } from '../../src/runs/presets';
import { TASKS as TABLE, type TaskName } from '../../src/tasks/index';
import { makeSettings, warningsOn } from '../../src/runs/settings';
import { gradient } from '../../src/graph/gradient';
import { makePlan } from '../../src/plan/makePlan';
import { onTape } from '../../src/graph/tape';
import { Tensor } from '../../src/graph/tensor';
import { LEAST } from '../../src/graph/traits';
import { SEQUENCE_RULES, SequenceModel } from '../../src/nn/sequenceModel';
import { TCNLM, TCNLM_RULES, tcnChannels } from '../../src/nn/tcnLM';
import { fieldOfTcn } from '../../src/nn/tcn';
import { mean } from '../../src/ops/reduce/reduce';
import { slice } from '../../src/ops/layout/view';
import { LSTM_SETTINGS, RESULTS, TCN_SETTINGS } from '../../src/tasks/bai2018';
import type { Preset } from '../../src/tasks/preset';
import { leadOf } from '../../src/tasks/text/languageModelling';
import { learningRateOf } from '../../src/train/learningRate';
import { complaint } from '../harness/complaint';

const TASKS = TABLE.map(({ name }) => name);
const WIDTHS: Record<string, [number, number]> = {
  ...{ adding: [2, 1], copy: [1, 10], mnist: [1, 10], jsb: [88, 88], nottingham: [88, 88] },
};

describe('table 2', () => {
  test.each([
    ['adding', 200, 1271, 58_051, '58K'],
    ['adding', 400, 1525, 67_582, '68K'],
    ['adding', 600, 3571, 70_369, '70K'],
    ['copy', 500, 5111, 10_750, '10.8K'],
    ['copy', 1000, 3571, 12_530, '12.5K'],
    ['copy', 2000, 7155, 14_170, '14.2K'],
    ['mnist', undefined, 3061, 66_910, '66.9K'],
    ['jsb', undefined, 13, 269_938, '270K'],
    ['nottingham', undefined, 151, 1_053_238, '1.05M'],
  ] as const)('%s, length %s: %i steps in sight, %i parameters', (task, length, field, size, facts) => {
    const preset = presetOf(task, 'tcn', 'published', length);
    expect(fieldOfTcn(preset.levels, preset.kernelSize!)).toBe(field);
    const [inputs, outputs] = WIDTHS[task];
    expect(new SequenceModel(inputs, outputs, only(SEQUENCE_RULES, { ...preset, model: 'tcn' })).size).toBe(
      size,
    );
    const digits = facts.replace(/[K.M]/g, '').length;
    const unit = facts.endsWith('K') ? 1e3 : 1e6;
    expect(Number((size / unit).toPrecision(digits))).toBe(parseFloat(facts));
  });

  test('sees as far as every task asks for', () => {
    for (const [task, rows] of Object.entries(TCN_SETTINGS)) {
      for (const { ...row } of rows as readonly { length?: number }[]) {
        const given = { preset: 'published', steps: 1, ...(row.length ? { length: row.length } : {}) };
        expect(warningsOn(makeSettings(task as TaskName, 'tcn', given))).toEqual([]);
      }
    }
    const short = makeSettings('mnist', 'tcn', { steps: 1, levels: 4 });
    expect(warningsOn(short)[0]).toContain('this tcn sees 181 steps, mnist asks for 784');
  });

  test('language models', () => {
    const [word] = TCN_SETTINGS.wikitext2;
    const [character] = TCN_SETTINGS['wikitext2-chars'];
    expect(leadOf({ ...word, model: 'tcn' }) + 1).toBe(61);
    expect(leadOf({ ...character, model: 'tcn' }) + 1).toBe(29);
    expect(tcnChannels(character)).toEqual([450, 450, 100]);
    // Two convolutions a block: v, g and bias of each; a 1 × 1 convolution where the widths differ.
    const body = (pairs: readonly (readonly [number, number])[]) =>
      pairs.reduce((all, [i, o]) => all + 3 * o * (i + o) + 4 * o + (i === o ? 0 : (i + 1) * o), 0);
    // As of Penn Treebank: 10,000 words, 49 characters. The paper says 13 and 3 million.
    expect(new TCNLM(10_000, only(TCNLM_RULES, { ...word, channels: tcnChannels(word) })).size).toBe(
      10_000 * 601 + body(Array(4).fill([600, 600])),
    );
    expect(new TCNLM(49, only(TCNLM_RULES, { ...character, channels: tcnChannels(character) })).size).toBe(
      49 * 101 + body([[100, 450], [450, 450], [450, 100]]), // oxfmt-ignore
    );
  });
});

test('table 3: LSTMs with the parameters that their equations have', () => {
  const found = Object.entries(LSTM_SETTINGS).flatMap(([task, rows]) => {
    const [inputs, outputs] = WIDTHS[task === 'mnist-permuted' ? 'mnist' : task];
    return (rows as readonly Preset[]).map((row) => {
      const { levels, hidden: h } = row;
      const layer = (from: number) => 4 * h * (from + h + 2);
      const size = layer(inputs) + (levels - 1) * layer(h) + (h + 1) * outputs;
      expect(new SequenceModel(inputs, outputs, only(SEQUENCE_RULES, { ...row, model: 'lstm' })).size).toBe(
        size,
      );
      return Math.round(size / 1000);
    });
  });
  // In thousands. The paper says 70 for adding and MNIST, 16 for copy memory, 300 and 1000 for music.
  expect(found).toEqual([70, 73, 73, 11, 11, 17, 70, 70, 571, 1698]);
});

describe('--preset published', () => {
  test('the length of a generated task chooses the row; without it, that of table 1', () => {
    const of = (length?: number) =>
      makeSettings('copy', 'tcn', { preset: 'published', ...(length ? { length } : {}) });
    expect(of()).toMatchObject({ length: 1000, levels: 8, optimizer: 'rmsprop', dropout: 0.05, batch: 32 });
    expect(of(500)).toMatchObject({ length: 500, kernelSize: 6, levels: 9 });
    expect(complaint('train copy --model tcn --preset published --length 300')).toMatchInlineSnapshot(`
      "There are no published settings for copy at length 300.
          fix: use --length 500 or 1000 or 2000, or leave --preset out."
    `);
    expect(complaint('train copy --model gru --preset published')).toMatchInlineSnapshot(`
      "There are no published settings for copy with --model gru.
          fix: use --model tcn or lstm, or leave --preset out."
    `);
    expect(complaint('train copy --model tcn --preset publishd')).toContain('did you mean published?');
    expect(complaint('train mnist --model lstm --preset published --momentum 0.9')).toBe('no complaint');
  });

  test('every task of the tables is one of the command line', () => {
    for (const table of [TCN_SETTINGS, LSTM_SETTINGS, RESULTS]) {
      expect(Object.keys(table).filter((task) => !TASKS.includes(task as TaskName))).toEqual([]);
    }
  });

  test('flags that go with it', () => {
    expect(complaint('train mnist --model tcn --optimizer rmsprop --betas 0.9,0.99')).toContain(
      '--betas does',
    );
    expect(complaint('train mnist --model tcn --optimizer rmsprop --nesterov true')).toContain('--nesterov');
    expect(complaint('train mnist --model tcn --length 3')).toContain('--length does not go with mnist');
    expect(complaint('train jsb --model tcn --train-images 3')).toContain(
      '--train-images does not go with jsb',
    );
    expect(complaint('train wikitext2 --model lstm --lead 3')).toContain(
      '--lead does not go with --model lstm',
    );
    expect(complaint('train wikitext2 --model tcn --carry true')).toContain('a tcn has no state');
    expect(complaint('train wikitext2 --model tcn --lead 3 --tied true --cutoffs 0')).toBe('no complaint');
  });
});

test('schedules that divide the rate: by ten halfway, and on a plateau', () => {
  const drop = learningRateOf({ learningRate: 1, schedule: 'drop', steps: 10 });
  expect([1, 5, 6, 10].map((step) => drop(step, []))).toEqual([1, 1, 0.1, 0.1]);
  const plateau = learningRateOf({ learningRate: 1, schedule: 'plateau', plateauFactor: 0.5, steps: 10 });
  const evaluations = [3, 2, 2.5, 1, 1].map((value, i) => ({ step: i + 1, value }));
  expect(plateau(6, evaluations)).toBe(0.25);
});

test('the last output alone of the published net for MNIST costs under a quarter of all outputs', () => {
  const [preset] = TCN_SETTINGS.mnist;
  const model = new SequenceModel(1, 10, only(SEQUENCE_RULES, { ...preset, model: 'tcn' }));
  const flops = (answer: (x: Tensor) => Tensor) => {
    const x = new Tensor([2, 784, 1], 'f32', { kind: 'input', name: 'x' });
    const { result, tape } = onTape(true, () => gradient(mean(answer(x)), model.parameters()));
    const plan = makePlan({ inputs: [x], outputs: result, effects: tape.effects }, LEAST);
    return plan.dispatches.reduce((sum, dispatch) => sum + dispatch.flops, 0);
  };
  const ratio = flops((x) => model.last(x)) / flops((x) => slice(model.forward(x), 1, -1));
  expect(ratio).toBeGreaterThan(0.1);
  expect(ratio).toBeLessThan(1 / 4);
});
