// The settings that a model begins a task with.

import { fail } from '../graph/check';
import type { Preset } from '../tasks/preset';
import { TABLES, optionsOf, pairOf, type Pair, type Tables } from './tables';

/** Preset names of all tasks, `default` in front. */
export const presetNames = ({ tasks }: Tables): string[] => [
  ...new Set(['default', 'published', ...tasks.flatMap(({ presets }) => Object.keys(presets))]),
];

/** What of a preset says how long a run is and how often it is measured: no options of model or task. */
const LENGTHS = ['steps', 'epochs', 'leastSteps'];

/** The start of a task under that of the model, without options that this pair does not have. */
function start(pair: Pair): Preset {
  const known = optionsOf(pair);
  const all = { ...pair.task.start, ...pair.model.start };
  const kept = Object.entries(all).filter(([name]) => name in known || LENGTHS.includes(name));
  const { batch, optimizer, learningRate } = pair.task.start;
  const { hidden, levels } = pair.model.start;
  return { batch, optimizer, learningRate, hidden, levels, ...Object.fromEntries(kept) };
}

/** The row that a name stands for, by `length` where there are several. */
function rowOf({ task, model }: Pair, name: string, length?: number): Preset | undefined {
  const found = task.presets[name]?.[model.name];
  if (!Array.isArray(found)) return found as Preset | undefined;
  const rows = found as readonly (Preset & { readonly length?: number })[];
  if (length === undefined) return rows[0];
  const lengths = rows.flatMap((one) => one.length ?? []);
  if (!lengths.length) return rows[0];
  const row = rows.find((one) => one.length === length);
  if (row) return row;
  return fail(`There are no ${name} settings for ${task.name} at length ${length}.`, {
    fix: `use --length ${lengths.sort((a, b) => a - b).join(' or ')}, or leave --preset out.`,
  });
}

/** Whether the default settings of a model were chosen for this task. */
export const isTuned = ({ task, model }: Pair): boolean => task.presets.default?.[model.name] !== undefined;

/** `length`: T of a drawn task, by which published settings differ. */
export function presetOf(
  task: string,
  model: string,
  name = 'default',
  length?: number,
  tables: Tables = TABLES,
): Preset {
  const pair = pairOf(task, model, tables);
  const found = rowOf(pair, name, length) ?? (name === 'default' ? start(pair) : undefined);
  if (found) return found;
  const others = tables.models.filter((other) => pair.task.presets[name]?.[other.name]);
  const fix = others.length
    ? `use --model ${others.map((other) => other.name).join(' or ')}, or leave --preset out.`
    : `${ofTask(pair)}leave --preset out.`;
  return fail(`There are no ${name} settings for ${task} with --model ${model}.`, { fix });
}

const ofTask = ({ task }: Pair): string => {
  const names = Object.keys(task.presets).filter((name) => name !== 'default');
  return names.length ? `${task.name} has ${names.join(', ')}; ` : '';
};
