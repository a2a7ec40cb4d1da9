// `seqgpu search TASK --model NAME`: random search with successive halving around the preset. What is given as a flag
// is not searched.

import { join } from 'node:path';
import { shellWord } from '../../files/shellWord';
import { checkGiven } from '../../runs/checkGiven';
import { presetOf } from '../../runs/presets';
import { runLength, type RunLength } from '../../runs/runLength';
import { TABLES, allOptions, type Tables } from '../../runs/tables';
import { lengthOf, type Search } from '../../search/search';
import { searchStudy } from '../../search/searchStudy';
import { spaceOf } from '../../search/spaces';
import type { Budget, Setup } from '../../runs/study';
import type { Training } from '../../runs/training';
import { kebabCase, type Value } from '../../spec/option';
import type { Preset } from '../../tasks/preset';
import { readFlags, type Flags } from '../flags/flags';
import { modelFlags, settingFlags } from '../flags/optionFlags';
import { PLACE_FLAGS, checkPlace, partFlags, placeIn, placeWords } from '../flags/place';
import { namesFor, readPair } from '../train/train.node';
import { readStatusCommand } from './status.node';
import { STUDY_FLAGS, runStudy, type StudyFlags } from '../study/runStudy.node';
import { StudyFolder, type Of } from '../../runs/studyFolder.node';
import { fail } from '../../graph/check';

/** Flags of `search` that are no options of tasks, models or training. */
export const SEARCH_FLAGS = {
  trials: {
    kind: 'count',
    help: 'in the first rung; otherwise 9, 27 or 81, by the budget. More than a folder has are added to it',
  },
  scheduler: {
    kind: ['halving', 'asha'],
    help: 'which trials go on: halving (default), when a rung is finished; asha, at any time',
  },
  eta: { kind: 'count', help: 'of asha: the best one in so many goes on; default 4' },
  'grace-period': {
    kind: 'positive',
    help: 'of asha: steps, or epochs where the length is in epochs, of the first rung',
  },
  ...STUDY_FLAGS,
  budget: {
    kind: STUDY_FLAGS.budget.kind,
    help: 'small (default): half the length of the preset, medium: all, full: twice; of 1000 steps, of your own files',
  },
  out: {
    kind: 'text',
    help: 'folder of the search; otherwise runs/search-TASK-MODEL-sSEED. Run again, it goes on',
  },
  ...PLACE_FLAGS,
  steps: { kind: 'count', help: 'training steps in the last rung, in place of what the budget says' },
  epochs: { kind: 'count', help: 'the same in passes over the data' },
} as const satisfies Flags;

/** Flags of `search`: its own, and the settings that are not to be searched. */
export const searchFlags = (tables: Tables): Flags => ({
  model: modelFlags(tables).model,
  ...settingFlags(tables),
  ...SEARCH_FLAGS,
  ...partFlags(tables),
});

const EXTENTS: Readonly<Record<Budget, { trials: number; length: number }>> = {
  small: { trials: 9, length: 0.5 },
  medium: { trials: 27, length: 1 },
  full: { trials: 81, length: 2 },
};

/** Reads the words of `search`; the action runs what is left of it and gives the exit code. */
export function readSearchCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const other = readStatusCommand(words);
  if (other) return other;
  const { positionals, given } = readFlags('search', words, searchFlags(tables), namesFor(tables));
  const pair = readPair('search', positionals, given, tables);
  const [task, model] = [pair.task.name, pair.model.name];
  checkGiven(task, model, given, tables);
  checkPlace(pair.task, given, tables);
  const flags = given as StudyFlags & { trials?: number };
  const setup: Setup = { budget: flags.budget ?? 'small', seed: flags.seed ?? 1 };
  const asked = makeSearch(task, model, given, setup, tables);
  const folder = new StudyFolder(
    flags.out ?? join('runs', `search-${task}-${model}-s${setup.seed}`),
    'search',
  );
  return async () => {
    const { search, grown } = grownFrom(asked, folder.of(), flags.trials);
    const { base, space, trials, brackets, asha } = search;
    return runStudy({
      study: searchStudy(search),
      setup,
      of: withoutNothing({ search: base, space, trials, brackets, asha, ...setup }),
      grown,
      spread: 'search',
      folder,
      command: commandOf(search, setup, given, tables),
      flags,
      place: placeIn(given, tables),
      reading: base,
      tables,
    });
  };
}

/** What a shell needs to do it again. */
function commandOf(
  { base: { task, model }, trials }: Search,
  { budget, seed }: Setup,
  given: Readonly<Record<string, Value>>,
  tables: Tables,
): string {
  const more = ['steps', 'epochs', 'scheduler', 'eta', 'gracePeriod'];
  const fixed = Object.keys(given).filter((name) => isSetting(name, tables) || more.includes(name));
  const rest = fixed.map((name) => ` --${kebabCase(name)} ${shellWord(String(given[name]))}`).join('');
  const place = placeWords(placeIn(given, tables));
  const begin = `npx seqgpu search ${task} --model ${model} --trials ${trials}`;
  return `${begin} --budget ${budget} --seed ${seed}${rest}${place}`;
}

/** The search with the trials that its folder has, and those that are added to them. */
export function grownFrom(
  search: Search,
  before: Of | undefined,
  wanted?: number,
): { readonly search: Search; readonly grown: readonly string[] } {
  const [had, brackets] = [Number(before?.trials), before?.brackets as number[] | undefined];
  if (!Number.isSafeInteger(had)) return { search, grown: [] };
  const trials = wanted ?? had;
  if (trials < had) return { search: { ...search, trials }, grown: [] };
  if (trials === had) return { search: { ...search, trials, brackets }, grown: [] };
  const all = [...(brackets ?? [had]), trials - had];
  return { search: { ...search, trials, brackets: all }, grown: ['trials', 'brackets'] };
}

const isSetting = (name: string, tables: Tables) => name !== 'seed' && name in allOptions(tables);

/** The preset with the given settings, and what is searched around it. */
export function makeSearch(
  task: string,
  model: string,
  given: Readonly<Record<string, Value>>,
  { budget, seed }: Setup,
  tables: Tables = TABLES,
): Search {
  const fixed = Object.fromEntries(Object.entries(given).filter(([name]) => isSetting(name, tables)));
  const { steps, epochs, leastSteps, ...preset } = presetOf(task, model, undefined, undefined, tables);
  const { trials, length } = EXTENTS[budget];
  const lengths = lengthsOf({ ...preset, steps, epochs, leastSteps }, given, length);
  const base = withoutConstant({ ...preset, ...lengths, ...fixed, task, model, seed });
  const space = spaceOf(base, Object.keys(fixed), tables);
  const asha = ashaOf(given, base);
  return { name: `${task}-${model}`, base, space, trials: Number(given.trials ?? trials), seed, ...asha };
}

/** The length of a trial that ends in the last rung: what is given, or a part of the preset's. */
function lengthsOf(
  preset: Preset,
  given: Readonly<Record<string, Value>>,
  part: number,
): RunLength & { epochs?: number } {
  const { steps, epochs, leastSteps } = preset;
  const scaled = (count: number) => Math.max(1, Math.round(count * part));
  if (given.epochs !== undefined) return { epochs: Number(given.epochs) };
  // A user's own data may be little: nobody has read it yet.
  if (leastSteps !== undefined)
    return runLength({ ...preset, epochs: 1, leastSteps: scaled(leastSteps) }, given, 1);
  if (given.steps !== undefined) return { steps: Number(given.steps) };
  return epochs === undefined ? { steps: scaled(steps!) } : { epochs: scaled(epochs) };
}

/** Asynchronous successive halving, where it was asked for. */
function ashaOf(given: Readonly<Record<string, Value>>, base: Training): Pick<Search, 'asha'> {
  const { scheduler, eta = 4, gracePeriod } = given;
  if (scheduler !== 'asha') {
    const flag = ['eta', 'gracePeriod'].find((name) => name in given);
    if (flag)
      fail(`search: --${kebabCase(flag)} is for --scheduler asha.`, { fix: 'add that, or leave it out.' });
    return {};
  }
  const full = lengthOf(base);
  if (!(Number(gracePeriod) <= full)) {
    fail('search: --scheduler asha needs --grace-period, the length of its first rung.', {
      given: gracePeriod === undefined ? 'none' : `${String(gracePeriod)}, and a trial has ${full} at most`,
      fix: `give what a trial needs to show what it is worth, up to ${full}.`,
    });
  }
  if (Number(eta) < 2)
    fail('search: --eta 1 would let every trial go on.', { fix: 'give 2 or more; 4 is usual.' });
  return { asha: { eta: Number(eta), gracePeriod: Number(gracePeriod) } };
}

/** JSON has no undefined, and what a folder is of is compared as JSON. */
const withoutNothing = <T extends object>(settings: T): T => JSON.parse(JSON.stringify(settings)) as T;

/** A schedule that is constant is none. */
const withoutConstant = (settings: Training): Training =>
  JSON.parse(
    JSON.stringify(settings, (name, value: unknown) =>
      name === 'schedule' && value === 'constant' ? undefined : value,
    ),
  ) as Training;
