// `seqgpu search TASK --model NAME`: random search with successive halving around the preset. What is given as a flag
// is not searched.

import { join } from 'node:path';
import { fail } from '../graph/check';
import { checkFlags } from '../runs/checkFlags';
import type { Search } from '../search/search';
import { searchStudy } from '../search/searchStudy';
import { spaceOf } from '../search/spaces';
import type { Budget, Plan } from '../runs/study';
import type { Training } from '../runs/training';
import { kebabCase, type Value } from '../spec/option';
import { oneOf } from '../spec/words';
import { readFlags, type Flags } from './flags';
import { MODELS, TASKS, presetOf, type ModelName, type TaskName } from '../runs/recipes';
import { SETTING_FLAGS } from '../runs/settingFlags';
import { STUDY_FLAGS, runStudy, type StudyFlags } from './study.node';
import { StudyFolder } from '../runs/studyFolder.node';

export const SEARCH_FLAGS = {
  model: { kind: MODELS, help: `one of ${MODELS.join(', ')}` },
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

const EXTENTS: Readonly<Record<Budget, { trials: number; length: number }>> = {
  small: { trials: 9, length: 0.5 },
  medium: { trials: 27, length: 1 },
  full: { trials: 81, length: 2 },
};

export function readSearchCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('search', words, { ...SETTING_FLAGS, ...SEARCH_FLAGS });
  const [word, ...more] = positionals;
  const task = oneOf('search: the task', word, TASKS);
  if (more.length > 0) {
    fail(`search: one task at a time; "${more.join(' ')}" is too much.`, {
      fix: 'values follow their --flag.',
    });
  }
  const model = oneOf('search: --model', given.model as string | undefined, MODELS);
  checkFlags(task, model, given);
  const flags = given as StudyFlags & { trials?: number };
  const plan: Plan = { budget: flags.budget ?? 'small', seed: flags.seed ?? 1 };
  const search = makeSearch(task, model, given, plan);
  const { base, trials, space } = search;
  const out = flags.out ?? join('runs', `search-${task}-${model}-s${plan.seed}`);
  const fixed = Object.keys(given).filter((name) => isSetting(name) || name === 'steps' || name === 'epochs');
  const rest = fixed.map((name) => ` --${kebabCase(name)} ${String(given[name])}`).join('');
  const command = `npx seqgpu search ${task} --model ${model} --trials ${trials} --budget ${plan.budget}`;
  return () =>
    runStudy({
      study: searchStudy(search),
      plan,
      of: { search: base, space, trials, ...plan },
      folder: new StudyFolder(out, 'search'),
      command: `${command} --seed ${plan.seed}${rest}`,
      flags,
    });
}

const isSetting = (name: string) => name !== 'seed' && kebabCase(name) in SETTING_FLAGS;

/** The preset with the given settings, and what is searched around it. */
export function makeSearch(
  task: TaskName,
  model: ModelName,
  given: Readonly<Record<string, Value>>,
  { budget, seed }: Plan,
): Search {
  const fixed = Object.fromEntries(Object.entries(given).filter(([name]) => isSetting(name)));
  const { steps, epochs, ...preset } = presetOf(task, model);
  const { trials, length } = EXTENTS[budget];
  const scaled = (count: number | undefined) => count && Math.max(1, Math.round(count * length));
  const lengths =
    given.steps !== undefined
      ? { steps: Number(given.steps) }
      : given.epochs !== undefined || epochs !== undefined
        ? { epochs: Number(given.epochs ?? scaled(epochs)) }
        : { steps: scaled(steps) };
  const base = withoutNothing({ ...preset, ...fixed, ...lengths, task, model, seed }) as unknown as Training;
  const space = spaceOf(base, Object.keys(fixed));
  return { name: `${task}-${model}`, base, space, trials: Number(given.trials ?? trials), seed };
}

/** JSON has no undefined, and what a folder is of is compared as JSON. A schedule that is constant is none. */
const withoutNothing = (settings: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([name, value]) => value !== undefined && !(name === 'schedule' && value === 'constant'),
    ),
  );
