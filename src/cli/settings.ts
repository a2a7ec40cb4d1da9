// The settings of a run: what, with the seed, decides every bit of its result. They come from a preset and
// flags, are stored beside the checkpoint, and must be the same again when the run is resumed.

import { fail } from '../graph/check';
import type { Recipe } from '../tasks/run';
import { camelCase, kebabCase, wrongValue, type Flags, type Value } from './flags';
import { MODELS, MUSIC, PRESETS, TASKS, type ModelName, type TaskName } from './recipes';

export interface Settings extends Recipe {
  readonly task: TaskName;
  readonly batch: number;
  readonly length?: number;
  /** Of the music file. */
  readonly sha256?: string;
}

type Given = Readonly<Record<string, Value>>;

/** Flags that are settings. Each one's name in camelCase is its key in Settings. */
export const SETTING_FLAGS = {
  hidden: { kind: 'count', help: 'channels of every TCN level, or hidden units' },
  levels: { kind: 'count', help: 'residual blocks of a TCN, or stacked recurrent layers' },
  'kernel-size': { kind: 'count', help: 'taps of a TCN' },
  dropout: { kind: 'rate', help: 'inside TCN blocks, or between recurrent layers and before the head' },
  'input-dropout': { kind: 'rate', help: 'on the input' },
  gain: {
    kind: 'positive',
    help: 'times the initial weights of TCN convolutions, or from the input to gates',
  },
  'forget-bias': { kind: 'weight', help: "where an LSTM's forget gates start" },
  optimizer: { kind: ['sgd', 'adam', 'adamw'], help: 'sgd, adam or adamw' },
  'learning-rate': { kind: 'positive', help: 'at the first step' },
  schedule: { kind: ['constant', 'linear', 'cosine'], help: 'constant, or linear or cosine to 0 at the end' },
  'clip-norm': { kind: 'weight', help: 'most that the global gradient norm may be; 0: no clipping' },
  'weight-decay': { kind: 'weight', help: 'of adamw as decay, otherwise as a penalty' },
  momentum: { kind: 'rate', help: 'of sgd' },
  betas: { kind: 'rates', help: 'of adam and adamw, e.g. 0.9,0.98' },
  stable: { kind: 'lambda', help: 'keep an rnn or lstm stable: how much of a difference a step may keep' },
  bounds: {
    kind: ['author-code', 'paper-v4'],
    help: 'published bounds of a stable lstm in place of those for λ',
  },
  batch: { kind: 'count', help: 'sequences per step' },
  length: { kind: 'count', help: 'T of copy and adding' },
  'evaluate-every': { kind: 'count', help: 'steps between validations, each of which saves a checkpoint' },
  patience: { kind: 'count', help: 'stop after this many validations without a new best' },
  seed: { kind: 'seed', help: 'of everything random; default 1' },
} as const satisfies Flags;

/**
 * Refuses flags that this task or model has no use for: nothing that was asked for may be ignored in silence.
 */
export function checkFlags(task: TaskName, model: ModelName, given: Given): void {
  const refuse = (flag: string, why: string, fix: string) => {
    if (camelCase(flag) in given) fail(`train: --${flag} does not go with ${why}.`, { fix });
  };
  if (model !== 'tcn') refuse('kernel-size', `--model ${model}`, 'only a tcn has taps; leave it out.');
  if (model !== 'lstm') refuse('forget-bias', `--model ${model}`, 'only an lstm has one; leave it out.');
  if (model !== 'lstm') refuse('bounds', `--model ${model}`, 'an rnn has only --stable.');
  if (model !== 'lstm' && model !== 'rnn') {
    refuse('stable', `--model ${model}`, 'a projection is known for rnn and lstm; leave it out.');
  }
  if (!('stable' in given)) refuse('bounds', 'a model that is not --stable', 'add --stable 0.99.');
  if (model === 'lstm' && !('bounds' in given) && (Number(given.stable) <= 0.5 || given.stable === 1)) {
    fail(`train: an LSTM cannot be made stable with λ = ${String(given.stable)}.`, {
      fix: 'give --stable above 0.5 and below 1: a forget gate is half open where its inputs are 0.',
    });
  }
  const optimizer = given.optimizer ?? PRESETS[task][model].optimizer;
  if (optimizer !== 'sgd') refuse('momentum', `--optimizer ${optimizer}`, 'add --optimizer sgd.');
  else refuse('betas', '--optimizer sgd', 'leave it out.');
  if (MUSIC.includes(task)) refuse('length', task, 'pieces of music have their own lengths; leave it out.');
  else refuse('epochs', task, 'its data is drawn without end; give --steps.');
  if ('steps' in given) refuse('epochs', '--steps', 'give one of the two.');
  if (task === 'adding' && given.length === 1) {
    fail('train: --length 1 leaves no room for two marked numbers.', { fix: 'give at least 2.' });
  }
}

export interface DataFacts {
  /** Pieces in the training split. */
  readonly pieces: number;
  readonly sha256: string;
}

/** Preset and flags together. `data` is there for the tasks that read a file. */
export function makeSettings(task: TaskName, model: ModelName, given: Given, data?: DataFacts): Settings {
  const { epochs, ...preset } = PRESETS[task][model];
  const chosen = { ...preset, ...settingsIn(given) } as Omit<Settings, 'task' | 'model'>;
  const perEpoch = data && Math.ceil(data.pieces / chosen.batch);
  const steps = given.steps ?? (perEpoch ? perEpoch * Number(given.epochs ?? epochs) : preset.steps);
  const evaluateEvery = chosen.evaluateEvery ?? perEpoch ?? steps;
  const sha256 = data?.sha256;
  return tidy({ task, model, ...chosen, seed: chosen.seed ?? 1, steps, evaluateEvery, sha256 });
}

/** A run that goes on: what the command line says now, and how far the run has come. */
export interface Continued {
  readonly task: TaskName;
  readonly model: ModelName;
  readonly given: Given;
  readonly data?: DataFacts;
  /** Steps that are done. */
  readonly done: number;
}

/**
 * The settings of a run that goes on: the stored ones, with which every flag that is given must agree. Only the
 * number of steps is free, above those that are done.
 */
export function resumeSettings(stored: Settings, { task, model, given, data, done }: Continued): Settings {
  const perEpoch = data && Math.ceil(data.pieces / stored.batch);
  const steps = given.steps ?? (perEpoch && given.epochs ? perEpoch * Number(given.epochs) : stored.steps);
  const sha256 = data?.sha256;
  const settings = tidy({ ...stored, ...settingsIn(given), task, model, steps, sha256 });
  if (settings.steps < done) {
    fail(`train: ${settings.steps} steps were asked for, but the run is at step ${done}.`, {
      fix: 'ask for more, or begin another run with another --out.',
    });
  }
  const differ = differences(stored, settings).filter((name) => name !== 'steps');
  if (differ.length === 0) return settings;
  const show = (value: unknown) => (value === undefined ? 'none' : String(value));
  const lines = differ.map((name) => {
    const [before, now] = [stored[name], settings[name]].map(show);
    return `${name === 'sha256' ? 'sha256 of the data' : name}: ${before} in the run, ${now} now`;
  });
  fail('train: this is not how the run was begun.', {
    given: lines.join('\n    '),
    fix: 'leave the flags out to go on with its settings, or begin another run with another --out.',
  });
}

export function differences(a: Settings, b: Settings): (keyof Settings)[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Settings>;
  return [...names].filter((name) => String(a[name]) !== String(b[name]));
}

/** The command line that begins such a run on any machine. */
export function commandFor(settings: Settings, data?: DataFacts): string {
  const { task, model } = settings;
  const preset = makeSettings(task, model, {}, data);
  const flags = differences(preset, settings).map((name) => {
    const value = settings[name] ?? (name === 'schedule' ? 'constant' : 0);
    return `--${kebabCase(name)} ${String(value)}`;
  });
  return [`npx seqgpu train ${task} --model ${model}`, ...flags].join(' ');
}

/** Settings from a file, every value checked as the command line checks it. */
export function readSettings(raw: unknown, where: string): Settings {
  const wrong = (what: string): never =>
    fail(`${where}: ${what}.`, { fix: 'the file was changed or is damaged; begin another run.' });
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('it holds no settings');
  const settings = raw as Record<string, unknown>;
  const known: Flags = {
    ...SETTING_FLAGS,
    task: { kind: TASKS, help: '' },
    model: { kind: MODELS, help: '' },
    steps: { kind: 'count', help: '' },
    sha256: { kind: 'text', help: '' },
  };
  for (const [name, value] of Object.entries(settings)) {
    const flag = known[kebabCase(name)];
    if (!flag) return wrong(`"${name}" is no setting of this version`);
    const wanted = wrongValue(flag, value);
    if (wanted) wrong(`${name} is ${JSON.stringify(value)}, not ${wanted}`);
  }
  for (const name of REQUIRED) if (!(name in settings)) wrong(`${name} is missing`);
  if (!MUSIC.includes(settings.task as TaskName) && !('length' in settings)) wrong('length is missing');
  return tidy(settings);
}

const REQUIRED = [
  ...['task', 'model', 'hidden', 'levels', 'optimizer', 'learningRate'],
  ...['batch', 'steps', 'evaluateEvery', 'seed'],
];

/** What of the given flags is a setting. */
function settingsIn(given: Given): Partial<Settings> {
  const entries = Object.entries(given).filter(([name]) => kebabCase(name) in SETTING_FLAGS);
  return Object.fromEntries(entries);
}

/** Without names that say nothing, in one order: two equal settings are equal texts. */
function tidy(settings: Record<string, unknown>): Settings {
  const says = ([name, value]: [string, unknown]) =>
    value !== undefined && !(name === 'schedule' && value === 'constant');
  return Object.fromEntries(Object.entries(settings).filter(says)) as unknown as Settings;
}

/** What a person should know before the run. */
export function warningsOn(settings: Settings, before?: Settings): string[] {
  const { task, model, length = 0, kernelSize = 3, levels, schedule, steps } = settings;
  const warnings: string[] = [];
  const sees = 1 + 2 * (kernelSize - 1) * (2 ** levels - 1);
  const needs = task === 'copy' ? length + 11 : task === 'adding' ? length : 0;
  if (model === 'tcn' && sees < needs) {
    const what = `this tcn sees ${sees} steps, ${task} at length ${length} asks for ${needs}`;
    warnings.push(`note: ${what}: raise --levels or --kernel-size.`);
  }
  if (before && schedule && before.steps !== steps) {
    const what = `the ${schedule} schedule was made for ${before.steps} steps and is now for ${steps}`;
    warnings.push(`note: ${what}; a run of ${steps} steps from the start would end elsewhere.`);
  }
  return warnings;
}
