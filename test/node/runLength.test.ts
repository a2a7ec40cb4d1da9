// How long a run is: of a user's own data, of which there may be little, long enough to learn something.

import { describe, expect, test } from 'vitest';
import { runLength } from '../../src/runs/runLength';
import { givenFor, makeSettings } from '../../src/runs/settings';
import type { Preset } from '../../src/tasks/preset';

const preset = { batch: 8, optimizer: 'adam', learningRate: 1e-3, hidden: 8, levels: 1 } as Preset;
const own = { ...preset, epochs: 6, leastSteps: 1000, warmup: 800 };
const sha256 = '0'.repeat(64);

describe('of data that comes with its task', () => {
  test('as many steps as its epochs have, and a validation in each', () => {
    const length = { steps: 30, evaluateEvery: 5, warmup: 800 };
    expect(runLength({ ...preset, epochs: 6, warmup: 800 }, {}, 5)).toEqual(length);
    expect(runLength({ ...preset, epochs: 6 }, { epochs: 2 }, 5)).toMatchObject({
      steps: 10,
      evaluateEvery: 5,
    });
    expect(runLength({ ...preset, steps: 70 }, {}, 5)).toMatchObject({ steps: 70, evaluateEvery: 5 });
    expect(runLength({ ...preset, steps: 70 }, {}, undefined)).toMatchObject({
      steps: 70,
      evaluateEvery: 70,
    });
    expect(runLength({ ...preset, epochs: 6 }, { steps: 7 }, 5)).toMatchObject({
      steps: 7,
      evaluateEvery: 5,
    });
    expect(runLength({ ...preset, epochs: 6, evaluateEvery: 3 }, {}, 5).evaluateEvery).toBe(3);
  });
});

describe("of a user's own data", () => {
  test('at least so many steps, if nobody says how many', () => {
    expect(runLength(own, {}, 5)).toEqual({ steps: 1000, evaluateEvery: 25, warmup: 100 });
    expect(runLength(own, {}, 5000)).toEqual({ steps: 30_000, evaluateEvery: 5000, warmup: 800 });
    expect(runLength(own, { epochs: 6 }, 5)).toEqual({ steps: 30, evaluateEvery: 5, warmup: 3 });
    expect(runLength(own, { steps: 60 }, 1)).toEqual({ steps: 60, evaluateEvery: 2, warmup: 6 });
    expect(runLength(own, { steps: 4 }, 1)).toEqual({ steps: 4, evaluateEvery: 1, warmup: 1 });
  });

  test('what is given is not changed', () => {
    const given = { epochs: 20, warmup: 700, evaluateEvery: 1 };
    expect(runLength({ ...own, ...given }, given, 1)).toEqual({ steps: 20, evaluateEvery: 1, warmup: 700 });
  });

  test.each([
    ['text', 'lstm', { tokens: 9000 }],
    ['series', 'gru', { rows: 240 }],
    ['music', 'tcn', { pieces: 3 }],
    ['translation', 'transformer', { pairs: 10, shapes: { '12×12': 10 } }],
    ['translation', 'convs2s', { pairs: 10, shapes: { '12×12': 10 } }],
  ])(
    '%s with a %s: little data is passed over for 1,000 steps, and a command line says the same run',
    (...of) => {
      const [task, model, facts] = of;
      const data = { ...facts, sha256 } as never;
      const settings = makeSettings(task, model, {}, data);
      expect(settings).toMatchObject({ steps: 1000, evaluateEvery: 25 });
      expect(settings).not.toHaveProperty('leastSteps');
      expect(givenFor(settings, data)).toEqual({});
      const short = makeSettings(task, model, { steps: 40 }, data);
      const { steps, ...others } = givenFor(short, data);
      expect(steps).toBe(40);
      expect(makeSettings(task, model, { steps: 40, ...others }, data)).toEqual(short);
    },
  );

  test('of pairs that come with their task nothing is changed', () => {
    const data = { pairs: 10, shapes: { '12×12': 10 }, sha256 } as never;
    expect(makeSettings('eng-fra', 'transformer', {}, data)).toMatchObject({ steps: 6, warmup: 800 });
  });
});
