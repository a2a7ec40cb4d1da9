// `seqgpu search TASK --model NAME`: random search with successive halving around the preset. What is given as a flag
// is not searched.

import { join } from 'node:path';
import { shellWord } from '../files/shellWord';
import { checkGiven } from '../runs/checkGiven';
import { presetOf } from '../runs/presets';
import { TABLES, allOptions, type Tables } from '../runs/tables';
import type { Search } from '../search/search';
import { searchStudy } from '../search/searchStudy';
import { spaceOf } from '../search/spaces';
import type { Budget, Setup } from '../runs/study';
import type { Training } from '../runs/training';
import { kebabCase, type Value } from '../spec/option';
import { readFlags, type Flags } from './flags/flags';
import { modelFlags, settingFlags } from './flags/optionFlags';
import { readPair } from './train/train.node';
import { STUDY_FLAGS, runStudy, type StudyFlags } from './study/runStudy.node';
import { StudyFolder } from '../runs/studyFolder.node';

/** Flags of `search` that are no options of tasks, models or training. */
export const SEARCH_FLAGS = {
  trials: { kind: 'count', help: 'in the first rung; otherwise 9, 27 or 81, by the budget' },
  ...STUDY_FLAGS,
  budget: {
    kind: STUDY_FLAGS.budget.kind,
    help: 'small (default) trains for half the length of the preset, medium for all, full for twice',
  },
  out: {
    kind: 'text',
    help: 'folder of the search; otherwise runs/search-TASK-MODEL-sSEED. Run again, it goes on',
  },
  steps: { kind: 'count', help: 'training steps in the last rung, in place of what the budget says' },
  epochs: { kind: 'count', help: 'the same in passes over the data' },
} as const satisfies Flags;

/** Flags of `search`: its own, and the settings that are not to be searched. */
export const searchFlags = (tables: Tables): Flags => ({
  model: modelFlags(tables).model,
  ...settingFlags(tables),
  ...SEARCH_FLAGS,
});

const EXTENTS: Readonly<Record<Budget, { trials: number; length: number }>> = {
  small: { trials: 9, length: 0.5 },
  medium: { trials: 27, length: 1 },
  full: { trials: 81, length: 2 },
};

/** Reads the words of `search`; the action runs what is left of it and gives the exit code. */
export function readSearchCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('search', words, searchFlags(tables));
  const pair = readPair('search', positionals, given, tables);
  const [task, model] = [pair.task.name, pair.model.name];
  checkGiven(task, model, given, tables);
  const flags = given as StudyFlags & { trials?: number };
  const setup: Setup = { budget: flags.budget ?? 'small', seed: flags.seed ?? 1 };
  const search = makeSearch(task, model, given, setup, tables);
  const { base, trials, space } = search;
  const out = flags.out ?? join('runs', `search-${task}-${model}-s${setup.seed}`);
  const fixed = Object.keys(given).filter(
    (name) => isSetting(name, tables) || name === 'steps' || name === 'epochs',
  );
  const rest = fixed.map((name) => ` --${kebabCase(name)} ${shellWord(String(given[name]))}`).join('');
  const command = `npx seqgpu search ${task} --model ${model} --trials ${trials} --budget ${setup.budget}`;
  return () =>
    runStudy({
      study: searchStudy(search),
      setup,
      of: { search: base, space, trials, ...setup },
      folder: new StudyFolder(out, 'search'),
      command: `${command} --seed ${setup.seed}${rest}`,
      flags,
      tables,
    });
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
  const { steps, epochs, ...preset } = presetOf(task, model, undefined, undefined, tables);
  const { trials, length } = EXTENTS[budget];
  const scaled = (count: number | undefined) => count && Math.max(1, Math.round(count * length));
  const lengths =
    given.steps !== undefined
      ? { steps: Number(given.steps) }
      : given.epochs !== undefined || epochs !== undefined
        ? { epochs: Number(given.epochs ?? scaled(epochs)) }
        : { steps: scaled(steps) };
  const base = withoutNothing({ ...preset, ...fixed, ...lengths, task, model, seed });
  const space = spaceOf(base, Object.keys(fixed), tables);
  return { name: `${task}-${model}`, base, space, trials: Number(given.trials ?? trials), seed };
}

/** JSON has no undefined, and what a folder is of is compared as JSON. A schedule that is constant is none. */
const withoutNothing = (settings: Training): Training =>
  JSON.parse(
    JSON.stringify(settings, (name, value: unknown) =>
      name === 'schedule' && value === 'constant' ? undefined : value,
    ),
  ) as Training;
