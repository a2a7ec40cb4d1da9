// The settings of a run: what, with the seed, decides every bit of its result. They come from a preset and what is
// given, are stored beside the checkpoint, and must be the same again when the run is resumed.

import { shellWord } from '../files/shellWord';
import { fail } from '../graph/check';
import { fieldOf } from '../models/modelSpec';
import { kebabCase, wrongValue, type Options, type Value, type Values } from '../spec/option';
import type { TaskSettings } from '../tasks/index';
import type { Preset } from '../tasks/preset';
import type { Recipe } from '../tasks/recipe';
import type { Facts, TaskSpec } from '../tasks/taskSpec';
import type { OwnFiles } from './ownFiles';
import { isTuned, presetOf } from './presets';
import { runLength } from './runLength';
import { STORED, TABLES, allOptions, optionsOf, pairOf, taskCalled, type Tables } from './tables';

/** A recipe, with the task and what the task adds. */
export type Settings = Recipe &
  TaskSettings & {
    readonly task: string;
    readonly batch: number;
    /** The sha256 of the data's files, one behind the other. */
    readonly sha256?: string;
  };

/** Values that were given, by the options' names in camelCase. */
export type Given = Readonly<Record<string, Value>>;

/** What settings must know of the files: what there is in the training split, and their sha256. */
export type DataFacts = Facts & { readonly sha256: string };

/** Steps that pass once over the training split, where there is one; one, where nothing is known of it. */
function stepsPerEpoch({ data }: TaskSpec, facts: DataFacts | undefined, settings: Values) {
  if (!data) return undefined;
  return facts ? data.stepsPerEpoch(facts, { ...settings, batch: Number(settings.batch) }) : 1;
}

/** What decides which preset it is, besides task and model. */
export const wishOf = ({ preset, length }: Given): [string | undefined, number | undefined] => [
  preset === undefined ? undefined : String(preset),
  length === undefined ? undefined : Number(length),
];

/** Preset and what is given together, before anything is known of the data. */
export function chosenOptions(
  task: string,
  model: string,
  given: Given,
  tables: Tables = TABLES,
): Preset & Values {
  const own = optionsOf(pairOf(task, model, tables));
  return { ...presetOf(task, model, ...wishOf(given), tables), ...among(own, given) };
}

/** The settings of a run. `data` is there for the tasks that read files. */
export function makeSettings(
  task: string,
  model: string,
  given: Given,
  data?: DataFacts,
  tables: Tables = TABLES,
): Settings {
  const pair = pairOf(task, model, tables);
  const own = optionsOf(pair);
  const { epochs, leastSteps, ...chosen } = chosenOptions(task, model, given, tables);
  const perEpoch = stepsPerEpoch(pair.task, data, chosen);
  const length = runLength({ ...chosen, epochs, leastSteps }, given, perEpoch);
  const { seed = 1 } = chosen;
  return whole('settings', { task, model, ...chosen, seed, ...length, sha256: data?.sha256 }, own);
}

/** A run that goes on: what the command line says now, and how far the run has come. */
export interface Continued {
  readonly task: string;
  readonly model: string;
  readonly given: Given;
  readonly data?: DataFacts;
  /** Steps that are done. */
  readonly done: number;
  /** Validations since the best one; default: 0. */
  readonly sinceBest?: number;
}

/** What decides how long a run is or whether it ends, and no bit of it: one that goes on may be told otherwise. */
const FREE = ['steps', 'patience', 'onDeviceLoss'];

/**
 * The settings of a run that goes on: the stored ones, with which everything that is given must agree. Only the number
 * of steps is free, above those that are done, patience, and what becomes of a run whose device is lost. A run that has
 * lost its patience stays ended.
 */
export function resumeSettings(stored: Settings, continued: Continued, tables: Tables = TABLES): Settings {
  const { task, model, given, data, done } = continued;
  const perEpoch = stepsPerEpoch(taskCalled(task, tables), data, stored);
  const steps = given.steps ?? (perEpoch && given.epochs ? perEpoch * Number(given.epochs) : stored.steps);
  const sha256 = data?.sha256;
  const before: Values = stored;
  // What is given, and is so where nothing is, changes nothing.
  const own = optionsOf(pairOf(task, model, tables));
  const absent = (name: string) => own[name]?.absent;
  const said = Object.entries(among(allOptions(tables), given));
  const others = said.filter(([name, value]) => before[name] !== undefined || String(value) !== absent(name));
  const now = { ...stored, ...Object.fromEntries(others), task, model, steps, sha256 };
  const settings = whole('settings', now, {});
  if (settings.steps < done) {
    fail(`${settings.steps} steps were asked for, but the run is at step ${done}.`, {
      fix: 'ask for more, or begin another run with another --out.',
    });
  }
  refuseImpatient(stored, settings, continued);
  const differ = differences(stored, settings).filter((name) => !FREE.includes(name));
  if (differ.length === 0) return settings;
  const after: Values = settings;
  const show = (name: string, values: Values) => String(values[name] ?? absent(name) ?? 'none');
  const lines = differ.map(
    (name) =>
      `${name === 'sha256' ? 'sha256 of the data' : name}: ${show(name, before)} in the run, ${show(name, after)} now`,
  );
  const first = differ.every((name) => name === 'sha256')
    ? 'give the data that it was begun with'
    : 'leave the flags out to go on with its settings';
  return fail('This is not how the run was begun.', {
    given: lines.join('\n    '),
    fix: `${first}, or begin another run with another --out.`,
  });
}

function refuseImpatient(stored: Settings, { steps, patience }: Settings, continued: Continued): void {
  const { done, sinceBest = 0 } = continued;
  if (steps <= stored.steps || patience === undefined || sinceBest < patience) return;
  fail(`The run ended at step ${done}: ${sinceBest} validations brought no new best.`, {
    given: `patience ${patience}`,
    fix: `to train on up to ${steps} steps, add --patience N, more than ${sinceBest}.`,
  });
}

/** The names of the settings in which two runs differ. */
export function differences(a: Values, b: Values): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => String(a[name]) !== String(b[name]));
}

/** What is to be given to make such settings: the name of a preset, and all that differs from it. */
export function givenFor(settings: Settings, data?: DataFacts, tables: Tables = TABLES): Given {
  const { task, model } = settings;
  const own = optionsOf(pairOf(task, model, tables));
  const values: Values = settings;
  // What comes with a preset bears its name.
  const named = Object.keys(own).find((name) => own[name].preset && values[name] !== undefined);
  const begin: Given = named === undefined ? {} : { preset: values[named]! };
  const preset = makeSettings(task, model, begin, data, tables);
  // A file's sha256 is no wish.
  const differ = differences(preset, settings).filter((name) => name !== 'sha256');
  const valueOf = (name: string): Value => values[name] ?? own[name]?.absent ?? 0;
  return { ...begin, ...Object.fromEntries(differ.map((name) => [name, valueOf(name)])) };
}

/** The command line that begins such a run on any machine. `files`: a user's own, for the flags that name them. */
export function commandFor(
  settings: Settings,
  data?: DataFacts,
  tables: Tables = TABLES,
  files?: OwnFiles,
): string {
  const { task, model } = settings;
  const flags = Object.entries(givenFor(settings, data, tables)).map(
    ([name, value]) => `--${kebabCase(name)} ${shellWord(String(value))}`,
  );
  // A person's own files may be anywhere.
  const { from: paths = [], parts = {} } = files ?? { from: ['PATH'] };
  const names = [...paths.map(() => 'from'), ...Object.keys(parts)];
  const own = taskCalled(task, tables).data?.from ? names : [];
  const from = own.map((name) => ` --${kebabCase(name)} PATH`).join('');
  return [`npx seqgpu train ${task} --model ${model}${from}`, ...flags].join(' ');
}

/** Settings from a file, every value checked as the command line checks it. */
export function readSettings(raw: unknown, where: string, tables: Tables = TABLES): Settings {
  const wrong = (what: string): never =>
    fail(`${where}: ${what}.`, { fix: 'the file was changed or is damaged; begin another run.' });
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('it holds no settings');
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const known: Options = {
    ...allOptions(tables),
    ...STORED,
    task: { kind: names(tables.tasks), help: '' },
    model: { kind: names(tables.models), help: '' },
  };
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (!Object.hasOwn(known, name)) return wrong(`"${name}" is no setting of this version`);
    const wanted = wrongValue(known[name], value);
    if (wanted) wrong(`${name} is ${JSON.stringify(value)}, not ${wanted}`);
    values[name] = value;
  }
  for (const name of ['task', 'model']) if (!(name in values)) wrong(`${name} is missing`);
  const own = optionsOf(pairOf(String(values.task), String(values.model), tables));
  const missing = missingIn(values, own);
  return missing === undefined ? whole(where, values, own) : wrong(`${missing} is missing`);
}

/** What of the given values is an option. */
const among = (options: Options, given: Given): Values =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(options, name)));

/** The first setting that every such run has and that is not there. */
const missingIn = (values: Values, own: Options): string | undefined =>
  ['steps', ...Object.keys(own).filter((name) => own[name].required)].find(
    (name) => values[name] === undefined,
  );

const isWhole = (values: Values, own: Options): values is Settings & Values =>
  missingIn(values, own) === undefined;

/** Without names that say nothing, in one order: two equal settings are equal texts. */
function whole(where: string, values: Values, own: Options): Settings {
  const says = ([name, value]: [string, unknown]) =>
    value !== undefined && !(name === 'schedule' && value === 'constant');
  const kept: Values = Object.fromEntries(Object.entries(values).filter(says));
  if (isWhole(kept, own)) return kept;
  const missing = kebabCase(missingIn(kept, own)!);
  return fail(`${where}: ${missing} is missing.`, { fix: `give --${missing}.` });
}

/** What a person should know before the run. */
export function warningsOn(settings: Settings, before?: Settings, tables: Tables = TABLES): string[] {
  const { model, length, schedule, steps } = settings;
  const pair = pairOf(settings.task, model, tables);
  const warnings: string[] = [];
  const [sees, needs] = [fieldOf(settings, tables.models), pair.task.sees?.(settings) ?? 0];
  if (sees < needs) {
    const at = length === undefined ? '' : ` at length ${length}`;
    const what = `this ${model} sees ${sees} steps, ${settings.task}${at} asks for ${needs}`;
    warnings.push(`note: ${what}: raise --levels or --kernel-size.`);
  }
  if (before && (schedule === 'linear' || schedule === 'cosine') && before.steps !== steps) {
    const what = `the ${schedule} schedule was made for ${before.steps} steps and is now for ${steps}`;
    warnings.push(`note: ${what}; a run of ${steps} steps from the start would end elsewhere.`);
  }
  return warnings;
}

/** Said once, before a run of default settings that nobody has tried on this task. */
export function untunedNote({ task, model }: Settings, tables: Tables = TABLES): string | undefined {
  if (isTuned(pairOf(task, model, tables))) return undefined;
  return `note: no settings were chosen for a ${model} on ${task}: it begins with its own; see \`npx seqgpu search\`.`;
}
