// What can be trained, and what a wish becomes: forms, checks and command lines, all from the two tables.

import { fail } from '../../../src/graph/check';
import { canRead } from '../../../src/models/modelSpec';
import { checkGiven } from '../../../src/runs/checkGiven';
import {
  chosenOptions,
  commandFor,
  makeSettings,
  untunedNote,
  warningsOn,
  type DataFacts,
  type Settings,
} from '../../../src/runs/settings';
import { TABLES, optionsOf, pairOf, taskCalled, type Pair } from '../../../src/runs/tables';
import { kebabCase, wrongValue, type Options, type Values } from '../../../src/spec/option';
import { STEPS, TRAINING } from '../../../src/spec/training';
import type { TaskSpec } from '../../../src/tasks/taskSpec';
import type { Stored } from '../../../src/train/safetensors';
import { filesBeside, readFiles, type TaskData } from './files';
import type { Answer, Card, Field, Plan, TaskCard, Wish } from './messages';
import { originOf, readWeights } from './weights';

/** Settings for a run of a wish, with its data and the weights that it begins with. */
export interface Ready {
  readonly settings: Settings;
  readonly data?: TaskData;
  readonly initial?: Stored;
}

/** The two tables as cards. */
export async function introduce(): Promise<Answer & { at: 'tables' }> {
  const beside = await filesBeside();
  const dataOf = ({ data }: TaskSpec): TaskCard['data'] => {
    if (!data || data.files?.every((path) => beside.includes(path))) return 'there';
    return data.from ? 'own' : 'missing';
  };
  const card = ({ name, title, about }: Card) => ({ name, title, about });
  const tasks = TABLES.tasks.map((task) => ({
    ...card(task),
    models: TABLES.models.filter((model) => canRead(model, task.reads)).map(({ name }) => name),
    data: dataOf(task),
    what: task.data?.from?.what,
  }));
  return { at: 'tables', tasks, models: TABLES.models.map(card) };
}

/** Settings and data of a wish; fails where the command line would. */
export async function ready({ task, model, given, files, weights }: Wish): Promise<Ready> {
  checkValues(task, model, given);
  checkGiven(task, model, given);
  const data = await readFiles(taskCalled(task, TABLES), chosenOptions(task, model, given), files);
  const settings = makeSettings(
    task,
    model,
    { ...given, ...(weights && { init: weights.name }) },
    data?.facts,
  );
  return { settings, data, initial: weights && (await readWeights(weights, settings, data?.content)) };
}

/** Refuses values that are none of their option's. */
function checkValues(task: string, model: string, given: Wish['given']): void {
  const own: Options = { steps: STEPS, ...optionsOf(pairOf(task, model, TABLES)) };
  for (const [name, value] of Object.entries(given)) {
    const wanted = name in own && wrongValue(own[name], value);
    if (wanted)
      fail(`--${kebabCase(name)} ${String(value)} is not ${wanted}.`, { fix: 'change it, or leave it out.' });
  }
}

/** The command line of a run; of files of one's own, with their place. */
export function commandOf(settings: Settings, facts: DataFacts | undefined, { files }: Wish): string {
  const command = commandFor(settings, facts);
  return files && 'sample' in files ? command.replace('--from PATH', `--from ${files.sample}`) : command;
}

/** What a run is called. */
export function headingOf(settings: Settings): string {
  const { heading, title } = taskCalled(settings.task, TABLES);
  return heading?.(settings) ?? title;
}

/** What the page shows of a wish before it is trained. */
export async function plan(wish: Wish): Promise<Plan> {
  const { task, model, given } = wish;
  const pair = pairOf(task, model, TABLES);
  const presets = Object.keys(pair.task.presets).filter((name) => pair.task.presets[name]?.[model]);
  const { fields, wrong } = formOf(pair, given);
  if (wrong) return { fields, presets, wrong, notes: [] };
  try {
    const { settings, data } = await ready(wish);
    const untuned = given.preset ? undefined : untunedNote(settings);
    return {
      ...{ fields, presets, steps: settings.steps, command: commandOf(settings, data?.facts, wish) },
      heading: headingOf(settings),
      notes: [...(data?.notes ?? []), ...warningsOn(settings), ...(untuned ? [untuned] : [])],
    };
  } catch (error) {
    return { fields, presets, wrong: wordsOf(error), notes: [], origin: await originOf(wish) };
  }
}

/** The options of a pair, with what they are where nothing is given. */
function formOf(pair: Pair, given: Wish['given']): { fields: Field[]; wrong?: string } {
  const { task, model } = pair;
  const { preset, length } = given;
  let begins: Values = {};
  let wrong: string | undefined;
  try {
    const known = {
      ...(preset === undefined ? {} : { preset }),
      ...(length === undefined ? {} : { length }),
    };
    begins = chosenOptions(task.name, model.name, known);
  } catch (error) {
    wrong = wordsOf(error);
  }
  const options: Options = { steps: STEPS, ...optionsOf(pair) };
  const own = { ...model.options, ...model.on[task.reads]?.options };
  const fields = Object.entries(options).flatMap(([name, option]): Field[] => {
    // Weights to start from are a file, which a page reads otherwise; its engines store f32.
    if (option.preset || name === 'init' || name === 'precision') return [];
    const { kind, help, absent = '' } = option;
    const of = name in own ? 'model' : name in task.options ? 'task' : 'training';
    const fallback = textOf(begins[name]) ?? absent;
    return [
      {
        name,
        label: kebabCase(name),
        kind,
        help,
        fallback: String(fallback),
        wanted: wrongValue(option, undefined)!,
        of,
      },
    ];
  });
  const order = (name: string) => FIRST.indexOf(name) + 1 || FIRST.length + 1;
  return { fields: fields.sort((a, b) => order(a.name) - order(b.name)), wrong };
}

/** In this order in front of all others, which stay as they are declared. */
const FIRST = [
  'length',
  'steps',
  'seed',
  'hidden',
  'levels',
  'learningRate',
  'batch',
  ...Object.keys(TRAINING),
];

const textOf = (value: Values[string]): string | undefined =>
  value === undefined ? undefined : String(value);

/** What an error says to a person. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
