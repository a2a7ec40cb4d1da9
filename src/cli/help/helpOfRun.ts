// Help on what can be trained: the page of a task, of a model, or of both together.

import { canRead, type ModelSpec } from '../../models/modelSpec';
import type { Options, Values } from '../../spec/option';
import { TRAINING } from '../../spec/training';
import { isTuned, presetOf } from '../../runs/presets';
import { optionsOf, type Pair, type Tables } from '../../runs/tables';
import type { TaskSpec } from '../../tasks/taskSpec';
import { oneOf } from '../../spec/words';
import { flagsText } from '../flags/flags';
import { flagsOf } from '../flags/optionFlags';
import { flagsOfParts } from '../flags/place';

const listed = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`).join('\n');
};

/** The tasks of a table, a line each. */
export const tasksText = ({ tasks }: Tables): string =>
  listed(tasks.map(({ name, about }) => [name, about] as const));

/** The models of a table, a line each. */
export const modelsText = ({ models }: Tables): string =>
  listed(models.map(({ name, title, about }) => [name, `${title}: ${about}`] as const));

/** The page of a task, of a model, or of a model on a task. */
export function helpOfRun([word]: readonly string[], modelName: string | undefined, tables: Tables): string {
  const { tasks, models } = tables;
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const model = models.find(({ name }) => name === modelName);
  if (word === undefined) return helpOfModel(model!, tables);
  const name = oneOf('help: the task', word, names(tasks));
  const task = tasks.find((one) => one.name === name)!;
  return model ? helpOfPair({ task, model }, tables) : helpOfTask(task, tables);
}

/** A command line that trains, as it can be typed but for the path of a person's own files. */
const exampleOf = ({ task, model }: Pair, more = ''): string =>
  `Example\n  npx seqgpu train ${task.name} --model ${model.name}${task.data?.from ? ' --from PATH' : ''}${more}`;

const optionLines = (options: Options, here?: Values): string =>
  Object.keys(options).length ? flagsText(flagsOf(options, here)) : '  none';

/** For which models somebody has chosen settings here. */
function chosenText(task: TaskSpec, { models }: Tables): string {
  const able = models.filter((model) => canRead(model, task.reads));
  const tuned = able.filter((model) => isTuned({ task, model })).map(({ name }) => name);
  const others = able.map(({ name }) => name).filter((name) => !tuned.includes(name));
  if (!tuned.length) return 'Every model begins with settings of its own.';
  const rest = others.length ? `; what others begin with is their own: ${others.join(', ')}` : '';
  return `Settings were chosen for ${tuned.join(', ')}${rest}.`;
}

function helpOfTask(task: TaskSpec, tables: Tables): string {
  const { name, title, about, options, data } = task;
  const able = tables.models.filter((model) => canRead(model, task.reads));
  const first = able.find((model) => isTuned({ task, model })) ?? able[0];
  const presets = Object.entries(task.presets).map(
    ([preset, rows]) => `${preset} (${Object.keys(rows).join(', ')})`,
  );
  const parts = data?.from?.parts;
  const reads = data?.from
    ? `${data.from.what} of your own, by --from FILE${parts ? ', or by the flags below' : ' or --from FOLDER'}`
    : data?.files?.length;
  const where =
    typeof reads === 'number' ? `${reads} published file${reads > 1 ? 's' : ''}: npx seqgpu data` : reads;
  return [
    `${title} (${name})\n  ${about}`,
    `Data: ${where ?? 'drawn without end'}`,
    chosenText(task, tables),
    ...(parts ? [`Files\n${flagsText(flagsOfParts(parts))}`] : []),
    `Presets: ${presets.join('; ') || 'none'}`,
    `Options of the task\n${optionLines(options)}`,
    `Options of a model on it: npx seqgpu help train ${name} --model NAME; of training: npx seqgpu help train`,
    exampleOf({ task, model: first }),
  ].join('\n\n');
}

function helpOfModel(model: ModelSpec, { tasks }: Tables): string {
  const { name, title, about, options, on } = model;
  const able = tasks.filter(({ reads }) => on[reads]);
  const kinds = Object.entries(on).map(([reads, { options: own }]) => {
    const of = able.filter((task) => task.reads === reads).map((task) => task.name);
    return `On ${of.join(', ') || 'tasks that are not here'}\n${optionLines(own)}`;
  });
  return [
    `${title} (${name})\n  ${about}`,
    `Options on each of its tasks\n${optionLines(options)}`,
    ...kinds,
    `With the values that they have on a task: npx seqgpu help train TASK --model ${name}`,
    ...able.slice(0, 1).map((task) => exampleOf({ task, model })),
  ].join('\n\n');
}

const CHOSEN = 'Settings that were chosen for it';
const OWN = 'Settings that the model begins with; none were chosen for this task';

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function helpOfPair(pair: Pair, tables: Tables): string {
  const { task, model } = pair;
  const { steps, epochs, leastSteps, ...preset } = presetOf(
    task.name,
    model.name,
    undefined,
    undefined,
    tables,
  );
  const own = optionsOf(pair);
  const of = (names: (name: string) => boolean): Options =>
    Object.fromEntries(Object.entries(own).filter(([name]) => names(name)));
  const [training, tasks] = [Object.keys(TRAINING), ['batch', ...Object.keys(task.options)]];
  const page = (options: Options) => optionLines(options, preset);
  const least = leastSteps === undefined ? '' : `, at least ${counted(leastSteps, 'step')}`;
  const length = steps === undefined ? `${counted(epochs ?? 1, 'epoch')}${least}` : counted(steps, 'step');
  return [
    `${model.title} on ${task.title}: npx seqgpu train ${task.name} --model ${model.name}`,
    `${isTuned(pair) ? CHOSEN : OWN}, ${length}.`,
    `Of the model\n${page(of((name) => !training.includes(name) && !tasks.includes(name)))}`,
    `Of the task\n${page(of((name) => tasks.includes(name)))}`,
    `Of training\n${page(of((name) => training.includes(name)))}`,
    exampleOf(pair, ` --hidden ${preset.hidden}`),
  ].join('\n\n');
}
