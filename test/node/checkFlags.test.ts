// Which settings are refused with which task, model and optimizer: nothing that was asked for is ignored in silence.

import { describe, expect, test } from 'vitest';
import { checkGiven } from '../../src/runs/checkGiven';
import { camelCase, type Value } from '../../src/spec/option';
import { settingFlags } from '../../src/cli/flags/optionFlags';
import { tunedModels } from '../harness/tuned';
import { TABLES } from '../../src/runs/tables';

type Given = Readonly<Record<string, Value>>;
type TaskName = string;
type ModelName = string;

const SETTING_FLAGS = settingFlags(TABLES);
const TASKS = TABLES.tasks.map(({ name }) => name);
const MODELS = TABLES.models.map(({ name }) => name);

function complaint(task: TaskName, model: ModelName, given: Given): string | null {
  try {
    checkGiven(task, model, given);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Settings that are refused there, whatever their value. */
const refused = (task: TaskName, model: ModelName, more: Given = {}): string[] =>
  Object.keys(SETTING_FLAGS).filter((flag) => {
    const message = complaint(task, model, { ...more, [camelCase(flag)]: 0.75 });
    return message?.startsWith(`--${flag} does not go with`) && complaint(task, model, more) === null;
  });

const TEXT = ['wikitext2', 'wikitext2-chars', 'text', 'shakespeare'];
const TRANSLATION = TABLES.tasks.filter(({ reads }) => reads === 'pairs').map(({ name }) => name);
const TRANSLATORS = ['seq2seq', 'attention-lstm', 'gnmt', 'transformer', 'convs2s'];
/** Those whose vocabulary is learned. */
const CORPORA = ['translation', 'eng-fra'];
const CONVOLVE = ['tcn', 'gcnn', 'wavenet'];
const RECURRENT = ['lstm', 'gru', 'rnn'];
const SCANNED = ['mingru', 'minlstm'];
const but = <T>(list: readonly T[], ...others: T[]) => list.filter((one) => !others.includes(one));

/** Whom a setting is for: models, and tasks; all where nothing is said. */
const FOR: Readonly<Record<string, { models?: readonly string[]; tasks?: readonly string[] }>> = {
  stacks: { models: ['wavenet'] },
  skip: { models: ['wavenet'] },
  'kernel-size': { models: [...CONVOLVE, 'convs2s'] },
  activation: { models: ['gcnn'] },
  dropout: { models: but(MODELS, 'wavenet') },
  gain: { models: but(MODELS, 'wavenet', ...TRANSLATORS, ...SCANNED) },
  candidate: { models: SCANNED },
  'residual-gain': { models: ['tcn'] },
  'embedding-deviation': { models: [...RECURRENT, 'tcn', 'gcnn'], tasks: TEXT },
  heads: { models: ['transformer'] },
  'feed-forward': { models: ['transformer'] },
  norm: { models: ['transformer'] },
  positions: { models: ['transformer'] },
  smoothing: { models: TRANSLATORS, tasks: [...TEXT, ...TRANSLATION] },
  nonlinearity: { models: ['transformer'], tasks: [...TEXT, ...TRANSLATION] },
  'shared-embedding': { models: TRANSLATORS, tasks: TRANSLATION },
  'decoder-levels': { models: ['transformer', 'convs2s'], tasks: TRANSLATION },
  backwards: { models: ['seq2seq'], tasks: TRANSLATION },
  score: { models: ['attention-lstm'], tasks: TRANSLATION },
  normed: { models: ['gnmt'], tasks: TRANSLATION },
  'pass-state': { models: ['gnmt'], tasks: TRANSLATION },
  residual: { models: ['gnmt'], tasks: TRANSLATION },
  truncate: { models: TRANSLATORS, tasks: TRANSLATION },
  bias: { models: ['transformer'], tasks: TEXT },
  initial: { models: ['transformer'], tasks: TEXT },
  'scale-embedding': { models: ['transformer'], tasks: TEXT },
  'forget-bias': { models: ['lstm'] },
  stable: { models: ['lstm', 'rnn'] },
  length: { tasks: ['copy', 'adding', 'digits'] },
  'evaluation-pieces': { tasks: ['digits'] },
  speaker: { tasks: ['digits'] },
  condition: { tasks: ['digits'] },
  bptt: { tasks: TEXT },
  lead: { models: [...CONVOLVE, ...SCANNED], tasks: TEXT },
  carry: { models: RECURRENT, tasks: TEXT },
  embedding: { models: but(MODELS, 'transformer'), tasks: [...TEXT, 'digits', ...TRANSLATION] },
  tied: { models: but(MODELS, 'gcnn', 'wavenet', ...SCANNED), tasks: [...TEXT, ...TRANSLATION] },
  cutoffs: { models: but(MODELS, 'wavenet', ...SCANNED), tasks: TEXT },
  'input-bound': { models: RECURRENT, tasks: TEXT },
  sampling: { tasks: TEXT },
  'train-tokens': { tasks: TEXT },
  'evaluation-tokens': { tasks: TEXT },
  unit: { tasks: ['text', ...CORPORA] },
  vocabulary: { tasks: ['text'] },
  'at-least': { tasks: ['text'] },
  encoding: { tasks: ['text', 'translation'] },
  newlines: { tasks: ['text'] },
  'valid-part': { tasks: ['text', ...CORPORA] },
  'test-part': { tasks: ['text', ...CORPORA] },
  'train-images': { tasks: ['mnist', 'mnist-permuted'] },
  'evaluation-images': { tasks: ['mnist', 'mnist-permuted'] },
};
/** Options that only tasks declare are for those; what is for others is listed above. */
function whoseIs(flag: string): (typeof FOR)[string] {
  const own = TABLES.tasks.filter(({ options }) => camelCase(flag) in options).map(({ name }) => name);
  return FOR[flag] ?? (own.length ? { tasks: own } : {});
}

/** Of a model on these tasks. */
const NOT: Readonly<Record<string, (task: string, model: string) => boolean>> = {
  'input-dropout': (task, model) =>
    (model === 'transformer' && TEXT.includes(task)) ||
    (model === 'wavenet' && task === 'digits') ||
    TRANSLATION.includes(task),
  embedding: (task, model) => model === 'wavenet' && task === 'digits',
};
/** What goes with other settings, below. */
const WITH_OTHERS = [
  'bounds',
  'plateau-factor',
  'warmup',
  'rate-floor',
  'momentum',
  'nesterov',
  'betas',
  'decays',
];

const pairs = TASKS.flatMap((task) => tunedModels(task).map((model): [TaskName, ModelName] => [task, model]));

test.each(pairs)('%s with --model %s takes what is for both, and refuses the rest', (task, model) => {
  const wanted = Object.keys(SETTING_FLAGS).filter((flag) => {
    const { models = MODELS, tasks = TASKS } = whoseIs(flag);
    return (
      !(models as readonly string[]).includes(model) ||
      !(tasks as readonly string[]).includes(task) ||
      NOT[flag]?.(task, model)
    );
  });
  const found = refused(task, model);
  expect(but(found, ...WITH_OTHERS)).toEqual(but(wanted, ...WITH_OTHERS));
});

describe('settings that need another', () => {
  const first = (given: Given, model: ModelName = 'lstm', task: TaskName = 'jsb') =>
    complaint(task, model, given)?.split('\n')[0] ?? 'taken';

  test('a schedule', () => {
    expect(first({ warmup: 5, schedule: 'drop' })).toBe('--warmup does not go with --schedule drop.');
    expect(first({ warmup: 5 })).toBe('taken');
    expect(first({ rateFloor: 0.1 })).toBe('taken');
    expect(first({ rateFloor: 0.1, schedule: 'warmup' })).toContain('with --schedule warmup');
    expect(first({ warmup: 5, schedule: 'warmup' })).toBe('taken');
    expect(first({ warmup: 5, schedule: 'plateau' })).toContain('with --schedule plateau');
    expect(first({ plateauFactor: 0.5 })).toBe('--plateau-factor does not go with --schedule linear.');
    expect(first({ plateauFactor: 0.5, schedule: 'plateau' })).toBe('taken');
    expect(first({ plateauFactor: 0.5, schedule: 'warmup' })).toContain('with --schedule warmup');
    // That of the preset.
    expect(first({ warmup: 5 }, 'transformer', 'wikitext2')).toBe('taken');
    // A run that goes on has one of its own.
    expect(first({ plateauFactor: 0.5, resume: true })).toBe('taken');
    expect(first({ warmup: 5, resume: true })).toBe('taken');
  });

  test('an optimizer', () => {
    const table = (flag: string, value: Value) =>
      ['sgd', 'rmsprop', 'adam', 'adamw'].filter(
        (optimizer) => first({ optimizer, [flag]: value }) === 'taken',
      );
    expect(table('momentum', 0.9)).toEqual(['sgd', 'rmsprop']);
    expect(table('nesterov', true)).toEqual(['sgd']);
    expect(table('betas', [0.9, 0.99])).toEqual(['adam', 'adamw']);
    expect(table('weightDecay', 0.1)).toEqual(['sgd', 'rmsprop', 'adam', 'adamw']);
    expect(table('decays', 'matrices')).toEqual(['adamw']);
    expect(first({ decays: 'matrices', weightDecay: 0.1 })).toBe('taken');
    expect(first({ decays: 'matrices' })).toBe('--decays does not go with --weight-decay 0.');
    expect(first({ momentum: 0.9 })).toBe('--momentum does not go with --optimizer adam.');
  });

  test('stability', () => {
    expect(first({ bounds: 'paper-v4' })).toBe('--bounds does not go with a model that is not --stable.');
    expect(first({ bounds: 'paper-v4', stable: 0.99 })).toBe('taken');
    expect(first({ bounds: 'paper-v4', resume: true })).toBe('taken');
    expect(first({ bounds: 'paper-v4', stable: 0.9 }, 'rnn')).toBe('--bounds does not go with --model rnn.');
    for (const stable of [0.5, 0.3, 1])
      expect(first({ stable })).toContain(`cannot be made stable with λ = ${stable}`);
    expect(first({ stable: 0.51 })).toBe('taken');
    // Of an RNN any λ, and with published bounds there is none to choose.
    for (const stable of [0.3, 1]) expect(first({ stable }, 'rnn')).toBe('taken');
    expect(first({ stable: 1, bounds: 'paper-v4' })).toBe('taken');
  });

  test('how long', () => {
    expect(first({ epochs: 2 }, 'lstm', 'copy')).toBe('--epochs does not go with copy.');
    expect(first({ epochs: 2 }, 'lstm', 'adding')).toBe('--epochs does not go with adding.');
    for (const task of ['jsb', 'wikitext2', 'mnist', 'digits'] as const)
      expect(first({ epochs: 2 }, 'lstm', task)).toBe('taken');
    expect(first({ epochs: 2, steps: 5 })).toBe('--epochs does not go with --steps.');
    expect(first({ length: 1 }, 'lstm', 'adding')).toBe('--length 1 leaves no room for two marked numbers.');
    expect(first({ length: 1 }, 'lstm', 'copy')).toBe('taken');
    expect(first({ length: 2 }, 'lstm', 'adding')).toBe('taken');
  });

  test('a preset', () => {
    expect(first({ preset: 'default', resume: true })).toBe('--preset does not go with --resume.');
    for (const flag of ['hidden', 'levels', 'kernelSize']) {
      expect(first({ preset: 'gcnn-8', [flag]: 3 }, 'gcnn', 'wikitext2')).toContain(
        'does not go with --preset gcnn-8',
      );
      expect(first({ [flag]: 3 }, 'gcnn', 'wikitext2')).toBe('taken');
    }
    expect(first({ preset: 'gcnn-8', dropout: 0.5 }, 'gcnn', 'wikitext2')).toBe('taken');
  });

  test('every refusal says what to do', () => {
    for (const [task, model] of pairs) {
      for (const flag of refused(task, model)) {
        expect(complaint(task, model, { [camelCase(flag)]: 0.75 })).toMatch(/\n {4}fix: \S.{8,}\.$/);
      }
    }
  });
});
