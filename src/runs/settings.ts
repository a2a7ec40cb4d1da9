// The settings of a run: what, with the seed, decides every bit of its result. They come from a preset and
// flags, are stored beside the checkpoint, and must be the same again when the run is resumed.

import { fail } from '../graph/check';
import { PIXELS } from '../data/mnist';
import { segmentsIn } from '../data/textStream';
import { fieldOf } from '../nn/bodies';
import { NETS } from '../nn/gatedConvPresets';
import type { Speaker } from '../data/spokenDigits';
import type { Preset } from '../tasks/preset';
import type { Recipe } from '../tasks/recipe';
import { speakersOf } from '../tasks/digits/digitsTask';
import { kebabCase, wrongValue, type Value } from '../spec/option';
import type { Option } from '../spec/option';
import { SETTING_FLAGS } from './settingFlags';
import {
  GENERATED,
  IMAGES,
  MODELS,
  SOUND,
  TASKS,
  TEXT,
  presetOf,
  type ModelName,
  type PresetName,
  type TaskName,
} from './recipes';

export { SETTING_FLAGS };

export interface Settings extends Recipe, Omit<Preset, keyof Recipe | 'epochs'> {
  readonly task: TaskName;
  /** Of the data's files. */
  readonly sha256?: string;
}

export type Given = Readonly<Record<string, Value>>;

/** What settings must know of the files: what there is in the training split, and their sha256. */
export type DataFacts = { readonly sha256: string } & (
  | { readonly pieces: number }
  | { readonly tokens: number }
  | { readonly images: number }
  | { readonly samples: Readonly<Record<Speaker, number>> }
);

/** Steps that pass once over the training split; at least one, so that a text that is too short is refused later. */
function stepsPerEpoch(data: DataFacts, settings: Partial<Settings>): number {
  const { batch, bptt = 1, trainTokens, trainImages, speaker, length } = settings;
  if ('pieces' in data) return Math.ceil(data.pieces / batch!);
  if ('images' in data) {
    return Math.max(1, Math.floor(Math.min(data.images, trainImages || Infinity) / batch!));
  }
  if ('samples' in data) {
    const samples = speakersOf(speaker).reduce((sum, one) => sum + data.samples[one], 0);
    return Math.ceil(samples / (batch! * length!));
  }
  return Math.max(1, segmentsIn(Math.min(data.tokens, trainTokens || Infinity), batch!, bptt));
}

/** What decides which preset it is, besides task and model. */
export const wishOf = ({ preset, length }: Given): [PresetName | undefined, number | undefined] => [
  preset as PresetName | undefined,
  length as number | undefined,
];

/** Preset and flags together. `data` is there for the tasks that read a file. */
export function makeSettings(task: TaskName, model: ModelName, given: Given, data?: DataFacts): Settings {
  const { epochs, ...preset } = presetOf(task, model, ...wishOf(given));
  const chosen = { ...preset, ...settingsIn(given) } as Omit<Settings, 'task' | 'model'>;
  const perEpoch = data && stepsPerEpoch(data, chosen);
  // A preset of steps stays one of steps, though the data has epochs.
  const passes = given.epochs ?? epochs;
  const steps = given.steps ?? (perEpoch && passes ? perEpoch * Number(passes) : preset.steps);
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
  const perEpoch = data && stepsPerEpoch(data, stored);
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
  const given: Given = settings.net ? { preset: settings.net } : {};
  const preset = makeSettings(task, model, given, data);
  const flags = differences(preset, settings).map((name) => {
    const value = settings[name] ?? ABSENT[name] ?? 0;
    return `--${kebabCase(name)} ${String(value)}`;
  });
  const named = settings.net ? ` --preset ${settings.net}` : '';
  return [`npx seqgpu train ${task} --model ${model}${named}`, ...flags].join(' ');
}

/** What a setting means that is not there, where that is not 0. */
const ABSENT: Partial<Record<keyof Settings, string>> = {
  schedule: 'constant',
  carry: 'true',
  tied: 'false',
  nesterov: 'false',
  activation: 'glu',
  speaker: 'both',
  condition: 'both',
  stacks: '1',
};

/** Settings from a file, every value checked as the command line checks it. */
export function readSettings(raw: unknown, where: string): Settings {
  const wrong = (what: string): never =>
    fail(`${where}: ${what}.`, { fix: 'the file was changed or is damaged; begin another run.' });
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('it holds no settings');
  const settings = raw as Record<string, unknown>;
  const known: Readonly<Record<string, Pick<Option, 'kind' | 'help'>>> = {
    ...SETTING_FLAGS,
    ...{ task: { kind: TASKS, help: '' }, model: { kind: MODELS, help: '' } },
    steps: { kind: 'count', help: '' },
    net: { kind: NETS, help: '' },
    sha256: { kind: 'text', help: '' },
  };
  for (const [name, value] of Object.entries(settings)) {
    const flag = known[kebabCase(name)];
    if (!flag) return wrong(`"${name}" is no setting of this version`);
    const wanted = wrongValue(flag, value);
    if (wanted) wrong(`${name} is ${JSON.stringify(value)}, not ${wanted}`);
  }
  for (const name of REQUIRED) if (!(name in settings)) wrong(`${name} is missing`);
  const task = settings.task as TaskName;
  const attends = settings.model === 'transformer';
  const ofText = attends ? ['bptt'] : ['bptt', 'embedding'];
  const needed = TEXT.includes(task) ? ofText : [...GENERATED, ...SOUND].includes(task) ? ['length'] : [];
  for (const name of attends ? [...needed, 'heads'] : needed)
    if (!(name in settings)) wrong(`${name} is missing`);
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
  const { task, model, length = 0, schedule, steps } = settings;
  const warnings: string[] = [];
  const sees = fieldOf(settings);
  const needs = task === 'copy' ? length + 11 : IMAGES.includes(task) ? PIXELS : length;
  if (sees < needs) {
    const at = GENERATED.includes(task) ? ` at length ${length}` : '';
    const what = `this ${model} sees ${sees} steps, ${task}${at} asks for ${needs}`;
    warnings.push(`note: ${what}: raise --levels or --kernel-size.`);
  }
  if (before && (schedule === 'linear' || schedule === 'cosine') && before.steps !== steps) {
    const what = `the ${schedule} schedule was made for ${before.steps} steps and is now for ${steps}`;
    warnings.push(`note: ${what}; a run of ${steps} steps from the start would end elsewhere.`);
  }
  return warnings;
}
