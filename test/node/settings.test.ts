// Words and values of flags, and settings as numbers: what a flag may be, how long an epoch is, what a stored run must
// have, and what a person is told before it.

import { describe, expect, test } from 'vitest';
import { camelCase, kebabCase, wrongValue } from '../../src/spec/option';
import { flagsText, readFlags, type Flag, type Flags } from '../../src/cli/flags/flags';
import { nearest, nearestName } from '../../src/spec/words';
import type { ModelName } from '../../src/models/index';
import type { TaskName } from '../../src/tasks/index';
import {
  commandFor,
  differences,
  makeSettings,
  readSettings,
  resumeSettings,
  warningsOn,
  type DataFacts,
  type Given,
  type Settings,
} from '../../src/runs/settings';

/** Options, some in words. */
const NAMES = ['seed', 'length', 'learning-rate', 'length-rule'];

describe('values', () => {
  const table: readonly [kind: Flag['kind'], good: readonly unknown[], bad: readonly unknown[]][] = [
    ['switch', [true, false], ['true', 1, undefined]],
    ['boolean', [true, false], ['false', 0, null]],
    ['text', ['a'], ['', 1, null]],
    ['texts', [['a'], ['a', 'b']], [[], ['a', ''], [''], 'a']],
    ['rates', [[0, 0.5]], [[0.5], [0, 0.5, 0.5], [0, 1], [-0.1, 0], 0.5, '0.5,0.5']],
    ['numbers', [[0], [3, 9]], [[], [1, -1], [1.5], [1, 2 ** 53], 3, '3']],
    ['budget', [0, 7], [-1, 0.5, 2 ** 53, '7']],
    ['count', [1, 7], [0, -1, 1.5, 2 ** 53, '7']],
    ['seed', [0, 2 ** 32 - 1], [-1, 2 ** 32, 0.5, '7']],
    ['positive', [1e-9, 3], [0, -1, Infinity, NaN, '7']],
    ['weight', [0, 3.5], [-1e-9, Infinity, NaN, '7']],
    ['rate', [0, 0.999], [1, -0.1, NaN, '0.5']],
    ['temperature', [0, 0.001, 1000], [0.0009, 1000.1, -1, NaN, '1']],
    ['lambda', [1e-9, 1], [0, 1.1, -1, NaN, '0.5']],
    [
      ['a', 'b'],
      ['a', 'b'],
      ['c', '', 1, undefined],
    ],
  ];

  test.each(table)('%s', (kind, good, bad) => {
    const flag = { kind, help: '' };
    expect(good.map((value) => wrongValue(flag, value))).toEqual(good.map(() => null));
    for (const value of bad) expect(wrongValue(flag, value)).toMatch(/\S{2,}/);
  });

  const flags: Flags = {
    ...{ loud: { kind: 'switch', help: 'a' }, tied: { kind: 'boolean', help: 'b' } },
    ...{ 'in-file': { kind: 'text', help: 'c' }, names: { kind: 'texts', help: 'd' } },
    ...{ betas: { kind: 'rates', help: 'e' }, cuts: { kind: 'numbers', help: 'f' } },
    ...{ gain: { kind: 'positive', help: 'g' }, norm: { kind: ['pre', 'post'], help: 'h' } },
  };
  const read = (...words: string[]) => readFlags('try', words, flags);
  const complaint = (...words: string[]) => {
    try {
      return JSON.stringify(read(...words));
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('are read as what they are', () => {
    expect(read('--loud', 'one', '--tied', 'true', '--in-file', 'x y', 'two')).toEqual({
      positionals: ['one', 'two'],
      given: { loud: true, tied: true, inFile: 'x y' },
    });
    const { given } = read('--names', 'a, b', '--names', 'c', '--betas', '0.5, .25', '--cuts', '1e3,20');
    expect(given).toEqual({ names: ['a', 'b', 'c'], betas: [0.5, 0.25], cuts: [1000, 20] });
    expect(read('--tied', 'false', '--norm', 'post', '--gain', '+2.5E-1').given).toEqual({
      ...{ tied: false, norm: 'post', gain: 0.25 },
    });
  });

  test('that do not fit are refused, with what would', () => {
    for (const text of ['', ' 1', '1 ', '0x10', '1_0', 'NaN', 'Infinity', '1n']) {
      expect(complaint('--gain', text)).toBe(
        `--gain: "${text}" does not fit.\n    fix: give a number above 0.`,
      );
    }
    expect(complaint('--tied', 'yes')).toContain('give true or false');
    expect(complaint('--norm', 'prae')).toMatch(/known: pre, post\n.*did you mean pre\?/);
    expect(complaint('--norm', 'sideways')).toMatch(/use one of these/);
  });

  test('words that are no flags, in all ways', () => {
    expect(complaint('--lout')).toMatch(
      /^try: there is no option --lout\.\n {4}known: --loud, --tied, .*\n.*did you mean --loud\?$/,
    );
    expect(complaint('-x')).toMatch(/^try: there is no option -x\./);
    const missing = (name: string, what: string) =>
      `try: --${name} needs a value: ${what}.\n    fix: --${name} VALUE; --${name}=VALUE, where it begins with a dash.`;
    expect(complaint('--gain')).toBe(missing('gain', 'a number above 0'));
    expect(complaint('--loud=1')).toBe('try: --loud takes no value.\n    fix: --loud alone.');
    // The next option is no value, nor is what begins with a dash.
    expect(complaint('--gain', '--loud')).toBe(missing('gain', 'a number above 0'));
    expect(complaint('--norm', '-o')).toBe(missing('norm', 'one of pre, post'));
    expect(complaint('--in-file', '--loud')).toBe(missing('in-file', 'a text that is not empty'));
  });

  test('help has a line for each, in two columns', () => {
    expect(flagsText(flags).split('\n')).toEqual([
      '  --loud             a',
      '  --tied true|false  b',
      '  --in-file TEXT     c',
      '  --names TEXT,…     d',
      '  --betas N,N        e',
      '  --cuts N,…         f',
      '  --gain N           g',
      '  --norm NAME        h',
    ]);
  });

  test('names in both spellings', () => {
    expect(['a', 'in-file', 'one-more-time'].map(camelCase)).toEqual(['a', 'inFile', 'oneMoreTime']);
    expect(['a', 'inFile', 'oneMoreTime'].map(kebabCase)).toEqual(['a', 'in-file', 'one-more-time']);
  });

  test('the nearest word takes the fewest letters that are put in, left out or replaced', () => {
    const known = ['train', 'generate', 'data'];
    expect(
      ['tran', 'trrain', 'trxin', 'TRAIN', 'dat', 'generatexyz', 'xx'].map((w) => nearest(w, known)),
    ).toEqual(['train', 'train', 'train', 'train', 'data', null, null]);
    // Two changes, or a third of the letters.
    expect(nearest('gexxrate', known)).toBe('generate');
    expect(nearest('gexxxate', known)).toBeNull();
    expect(nearest('trainings', ['trainings-of-it'])).toBeNull();
    expect(nearest('trainings', ['trainingsabc'])).toBe('trainingsabc');
    expect(nearest('x', [])).toBeNull();
    expect(['rate', 'lr', 'learning', 'sead', 'r', ''].map((w) => nearestName(w, NAMES))).toEqual([
      ...['learning-rate', 'learning-rate', 'learning-rate', 'seed', null, null],
    ]);
  });
});

describe('epochs', () => {
  const steps = (task: TaskName, given: Given, data?: DataFacts, model: ModelName = 'lstm') => {
    const settings = makeSettings(task, model, given, data);
    return [settings.steps, settings.evaluateEvery];
  };
  const images = { images: 55_000, sha256: 'x' };
  const samples = { samples: { jackson: 1000, george: 600 }, sha256: 'x' };
  const text = { tokens: 1001, sha256: 'x' };

  test('of pieces, images, samples and text', () => {
    expect(steps('jsb', { batch: 4, epochs: 3 }, { pieces: 9, sha256: 'x' }).slice(0, 1)).toEqual([9]);
    // Images that do not fill a batch are left out.
    expect(steps('mnist', { batch: 64, epochs: 2, evaluateEvery: 5 }, images)).toEqual([2 * 859, 5]);
    const few = (trainImages: number) => steps('mnist', { batch: 50, epochs: 1, trainImages }, images)[0];
    expect([few(0), few(140), few(49)]).toEqual([1100, 2, 1]);
    const spoken = (speaker: string) =>
      steps('digits', { batch: 10, length: 10, epochs: 2, speaker }, samples)[0];
    expect([spoken('both'), spoken('jackson'), spoken('george')]).toEqual([32, 20, 12]);
    const read = (more: Given) => steps('wikitext2', { batch: 10, bptt: 9, epochs: 1, ...more }, text)[0];
    expect([read({}), read({ trainTokens: 201 }), read({ trainTokens: 5 })]).toEqual([11, 3, 1]);
  });

  test('steps that are given are the steps; without data an epoch is unknown', () => {
    expect(steps('mnist', { batch: 50, steps: 7 }, images)[0]).toBe(7);
    const { steps: all } = makeSettings('copy', 'lstm', {});
    expect(steps('copy', { epochs: 3 })).toEqual([all, makeSettings('copy', 'lstm', {}).evaluateEvery]);
    expect(makeSettings('copy', 'lstm', {}).seed).toBe(1);
    expect(makeSettings('copy', 'lstm', { seed: 0 }).seed).toBe(0);
  });

  test('a run that goes on counts its own', () => {
    const stored = makeSettings('mnist', 'lstm', { batch: 50, epochs: 2 }, images);
    const on = (given: Given, done = 0, data: DataFacts | undefined = images) =>
      resumeSettings(stored, { task: 'mnist', model: 'lstm', given, data, done }).steps;
    expect(on({})).toBe(2200);
    expect(on({ epochs: 3 })).toBe(3300);
    expect(on({ steps: 2200 }, 2200)).toBe(2200);
    expect(() => on({ steps: 2199 }, 2200)).toThrow(
      /2199 steps were asked for, but the run is at step 2200[^]*another --out/,
    );
    expect(() => on({ epochs: 1 }, 1101)).toThrow('1100 steps were asked for');
    expect(() => on({ hidden: 3 })).toThrow(/hidden: \d+ in the run, 3 now/);
  });
});

describe('stored settings', () => {
  const of = (task: TaskName, model: ModelName, given: Given = {}): Settings =>
    makeSettings(task, model, { steps: 5, ...given });
  const without = (settings: Settings, name: string) => () => {
    const { [name as keyof Settings]: _, ...rest } = settings;
    return readSettings(rest, 'a.json');
  };

  test.each([
    'task',
    'model',
    'hidden',
    'levels',
    'optimizer',
    'learningRate',
    'batch',
    'steps',
    'evaluateEvery',
  ])('are none without %s', (name) => {
    expect(without(of('copy', 'tcn'), name)).toThrow(
      new RegExp(`^a.json: ${name} is missing\\.\\n.*changed or is damaged`),
    );
  });

  test('have what the task and the model need', () => {
    const missing = (task: TaskName, model: ModelName) =>
      ['length', 'bptt', 'embedding', 'heads'].filter((name) => {
        const settings = of(task, model);
        if (!(name in settings)) return false;
        try {
          without(settings, name)();
          return false;
        } catch (error) {
          return (error as Error).message.startsWith(`a.json: ${name} is missing.`);
        }
      });
    expect(missing('copy', 'tcn')).toEqual(['length']);
    expect(missing('adding', 'lstm')).toEqual(['length']);
    expect(missing('digits', 'wavenet')).toEqual(['length']);
    expect(missing('digits', 'lstm')).toEqual(['length']);
    expect(missing('jsb', 'lstm')).toEqual([]);
    expect(missing('jsb', 'transformer')).toEqual(['heads']);
    expect(missing('wikitext2', 'lstm')).toEqual(['bptt', 'embedding']);
    expect(missing('wikitext2', 'transformer')).toEqual(['bptt', 'heads']);
  });

  test('are an object', () => {
    for (const raw of [null, undefined, 3, 'x', [], [of('copy', 'tcn')]]) {
      expect(() => readSettings(raw, 'a.json')).toThrow('a.json: it holds no settings');
    }
  });

  test('a schedule that is constant, and what is not there, say nothing', () => {
    const settings = of('copy', 'tcn');
    expect(readSettings({ ...settings, schedule: 'constant' }, 'x')).not.toHaveProperty('schedule');
    expect(Object.values(of('copy', 'tcn', { schedule: 'constant' }))).not.toContain(undefined);
    expect(of('copy', 'tcn', { schedule: 'linear' }).schedule).toBe('linear');
    // What is no setting is no part of them.
    expect(of('copy', 'tcn', { out: 'x', json: true })).toEqual(settings);
  });

  test('differ in names, whichever side has them', () => {
    const a = of('copy', 'tcn');
    const { seed: _, ...b } = a;
    expect(differences(a, a)).toEqual([]);
    expect(differences(a, b as Settings)).toEqual(['seed']);
    expect(differences(b as Settings, { ...a, hidden: 1 })).toEqual(
      expect.arrayContaining(['seed', 'hidden']),
    );
  });

  test('are a command line, also where a preset says what they do not', () => {
    const settings = { ...of('copy', 'tcn'), steps: 9 };
    const bare = (name: keyof Settings, from: Settings) => {
      const { [name]: _, ...rest } = from;
      return commandFor(rest as Settings);
    };
    expect(commandFor(settings)).toMatch(/^npx seqgpu train copy --model tcn.* --steps 9$/);
    // In the preset, but not in the run: said as what it means to be without.
    expect(bare('clipNorm', settings)).toContain(' --clip-norm 0');
    expect(bare('schedule', settings)).toContain(' --schedule constant');
    expect(bare('tied', of('wikitext2', 'transformer'))).toContain(' --tied false');
    const net = commandFor({ ...of('wikitext2', 'gcnn', { preset: 'gcnn-8' }), nesterov: false });
    expect(net).toMatch(/^npx seqgpu train wikitext2 --model gcnn --preset gcnn-8 --nesterov false/);
    expect(bare('nesterov', of('wikitext2', 'gcnn', { preset: 'gcnn-8' }))).toContain(' --nesterov false');
  });
});

describe('what a person is told', () => {
  const told = (task: TaskName, given: Given, model: ModelName = 'tcn') =>
    warningsOn(makeSettings(task, model, { steps: 5, ...given }));

  test('a net that sees less than the task asks for', () => {
    // 1 + 2 · (3 − 1) · (1 + 2) = 13 steps; copy asks for T + 11.
    const small = { levels: 2, kernelSize: 3 };
    expect(told('copy', { ...small, length: 2 })).toEqual([]);
    expect(told('copy', { ...small, length: 3 })).toEqual([
      'note: this tcn sees 13 steps, copy at length 3 asks for 14: raise --levels or --kernel-size.',
    ]);
    expect(told('adding', { ...small, length: 13 })).toEqual([]);
    expect(told('adding', { ...small, length: 14 })[0]).toContain('adding at length 14 asks for 14');
    expect(told('mnist', small)).toEqual([
      'note: this tcn sees 13 steps, mnist asks for 784: raise --levels or --kernel-size.',
    ]);
    expect(told('mnist', {})).toEqual([]);
    expect(told('jsb', small)).toEqual([]);
    expect(told('copy', { length: 5000 }, 'rnn')).toEqual([]);
  });

  test('a schedule that was made for other steps', () => {
    const run = (schedule: string, steps: number) => makeSettings('copy', 'lstm', { schedule, steps });
    const on = (schedule: string, steps = 9) => warningsOn(run(schedule, steps), run(schedule, 5));
    for (const schedule of ['linear', 'cosine']) {
      expect(on(schedule)).toEqual([
        `note: the ${schedule} schedule was made for 5 steps and is now for 9; ` +
          'a run of 9 steps from the start would end elsewhere.',
      ]);
      expect(on(schedule, 5)).toEqual([]);
      expect(warningsOn(run(schedule, 9))).toEqual([]);
    }
    for (const schedule of ['plateau', 'drop', 'constant']) expect(on(schedule)).toEqual([]);
  });
});
