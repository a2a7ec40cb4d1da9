// Study `context` of one run: how many of its last inputs a trained model needs, at places of the validation data, and
// beside it what counting on the same data comes to, or of a forecast the last value.

import { makeTask } from '../../runs/outcome';
import type { Settings } from '../../runs/settings';
import type { Cell, Context, Findings, Study } from '../../runs/study';
import { taskCalled, type Tables } from '../../runs/tables';
import { fail } from '../../graph/check';
import { fieldOf, type Reads, type TextModel } from '../../models/modelSpec';
import type { Module } from '../../nn/module';
import { Memory, goesStepwise } from '../../nn/stepwise';
import type { SequenceTask } from '../../tasks/sequence';
import { ofOneSequence, type Task, type TaskModel } from '../../tasks/task';
import { loadCheckpoint } from '../../train/checkpoint';
import type { Stored } from '../../train/safetensors';
import { baselinesOf, lastValueAt, measureBaselines, type Baseline } from '../baselines';
import {
  enoughOf,
  lossesInSight,
  placesIn,
  sequenceLoss,
  sequencesOf,
  soundLoss,
  textLoss,
  type Sequence,
  type WindowLoss,
} from '../windows';

/** A run that was trained. */
export interface TrainedRun {
  readonly settings: Settings;
  /** Its best parameters. */
  readonly stored: Stored;
  /** What errors call their file. */
  readonly where: string;
  /** The data of its task. */
  readonly content: unknown;
  readonly tables: Tables;
}

/** What is measured: which run, and at how many places at most. */
interface SightSettings {
  readonly run: Settings;
  readonly places: number;
}

/** The loss with so many inputs in sight, and what counting, or the last value, comes to at the same places. */
interface SightResult {
  readonly sights: readonly number[];
  readonly losses: readonly number[];
  readonly places: number;
  readonly baselines: readonly Pick<Baseline, 'name' | 'placed'>[];
}

/** Places where a model is shown less than all. */
const PLACES = 256;
/** As few as a mean may be of. */
const LEAST = 16;
/** The most inputs that are shown. */
const MOST = 1024;
/** The kinds of tasks in which every step is asked for. */
const KINDS = ['text', 'music', 'sound', 'series'];

/** The study of that run, of a task of text, music, sound or series. */
export function contextOfRun(run: TrainedRun): Study<SightSettings, SightResult> {
  const { settings, where, tables } = run;
  const { kind, title, reads } = taskCalled(settings.task, tables);
  // What is said of a recording as a whole, or beside it, is no sequence of samples.
  if (!KINDS.includes(kind) || (kind === 'sound' && (reads !== 'sound' || settings.features))) {
    fail(`study: context is not known of ${settings.task}, a task of ${kind}.`, {
      fix: `name a run on ${KINDS.join(', ')}.`,
    });
  }
  return {
    name: 'context',
    title: `How much of the past is used: ${settings.model.toUpperCase()} on ${title}`,
    claim: 'a model that is shown only its last few inputs is as good as one that has seen them all',
    source: `the run in ${where}`,
    cells: () => [{ id: 'run', settings: { run: settings, places: PLACES } }],
    run: (cell, context) => measure(run, cell, context),
    words: ({ sights, losses }) => `enough: ${enoughOf(sights, losses)} inputs`,
    findings: (_setup, results) => findingsOf(run, results.get('run')!),
  };
}

async function measure(
  run: TrainedRun,
  { settings: { places } }: Cell<SightSettings>,
  context: Context,
): Promise<SightResult> {
  const { settings, stored, where, content, tables } = run;
  const task = makeTask(settings, content, tables);
  const model = ofOneSequence(task.program(settings, tables.models).model);
  const engine = await context.engine();
  loadCheckpoint(engine, stored, where, { model });
  const sequences = sequencesOf(task, [...task.batches('valid')]);
  const field = fieldOf(settings, tables.models);
  const sights = sightsIn(sequences, Math.min(MOST, field, positionsOf(model)));
  const past = sights.at(-1)! - 1;
  const chosen = placesIn(sequences, past, Math.min(places, placesWith(sequences, past)));
  const loss = lossOf(taskCalled(settings.task, tables).reads, model, task);
  const losses = await lossesInSight(engine, loss, chosen, sights, (share) =>
    context.progress(share, `in sight: ${sights[Math.floor(share * sights.length)]}`),
  );
  const counted = canCount(run) ? makeTask(baselinesOf(settings), content, tables) : undefined;
  const baselines = counted ? measureBaselines(counted, chosen).baselines : lastValueAt(chosen);
  return { sights, losses, places: chosen.length, baselines };
}

function lossOf(reads: Reads, model: TaskModel, task: Task): WindowLoss {
  if (reads === 'text') return textLoss(model as typeof model & TextModel);
  return reads === 'sound' ? soundLoss(model) : sequenceLoss(model, task as SequenceTask);
}

/** Numbers are not counted. */
const canCount = ({ settings, tables }: TrainedRun): boolean =>
  taskCalled(settings.task, tables).kind !== 'series';

/** The most steps from a beginning, of a model that has positions. */
function positionsOf(model: Module): number {
  if (!goesStepwise(model)) return Infinity;
  const memory = new Memory(1);
  model.stepper(memory);
  const { limit } = memory;
  memory.destroy();
  return limit;
}

const placesWith = (sequences: readonly Sequence[], past: number): number =>
  sequences.reduce((sum, { length }) => sum + Math.max(0, length - past), 0);

/** Numbers of inputs up to `most`, twice as many each time, as far as there are places with so many before them. */
function sightsIn(sequences: readonly Sequence[], most: number): number[] {
  const sights: number[] = [];
  for (let k = 1; k <= most && placesWith(sequences, k - 1) >= LEAST; k *= 2) sights.push(k);
  const last = sights.at(-1) ?? 0;
  if (last && last < most && most < 2 * last && placesWith(sequences, most - 1) >= LEAST) sights.push(most);
  return last
    ? sights
    : fail(`study: the validation data has ${placesWith(sequences, 0)} steps.`, {
        fix: `${LEAST} are needed; give more data.`,
      });
}

/** What a loss is a mean of. */
function measureOf({ settings, content, tables }: TrainedRun): string {
  const task: Task = makeTask(settings, content, tables);
  if (taskCalled(settings.task, tables).kind === 'text') return 'nats per token';
  return task.metric.startsWith('nats') ? task.metric : 'mean squared error in deviations';
}

/** What counting, or the last value, comes to at the places, where it was asked. */
const placed = ({ baselines }: SightResult): { readonly name: string; readonly value: number }[] =>
  baselines.flatMap(({ name, placed: value }) => (value === undefined ? [] : [{ name, value }]));

function remarkOn(model: string, metric: string, result: SightResult): string {
  const { sights, losses } = result;
  const [best] = placed(result).sort((a, b) => a.value - b.value);
  const all = `${losses.at(-1)!.toPrecision(4)} ${metric}`;
  return best && losses.at(-1)! >= best.value
    ? `The ${model} (${all}) is no better than ${best.name} (${best.value.toPrecision(4)}), ` +
        'so that what it needs says nothing.'
    : `The ${model} is as good within 1 % with the last ${enoughOf(sights, losses)} inputs as with ` +
        `${sights.at(-1)}: ${all}.`;
}

function findingsOf(run: TrainedRun, result: SightResult): Findings {
  const { sights, losses, places } = result;
  const metric = measureOf(run);
  const model = run.settings.model.toUpperCase();
  const row = { model, task: run.settings.task, metric, published: null };
  return {
    remark: remarkOn(model, metric, result),
    rows: [
      ...sights.map((k, i) => ({ ...row, setting: `last ${k}`, ours: losses[i] })),
      ...placed(result).map(({ name, value }) => ({ ...row, model: name, setting: 'baseline', ours: value })),
    ],
    figures: [
      {
        kind: 'plot',
        title: 'The loss by the inputs in sight',
        x: { name: 'inputs in sight', scale: 'log' },
        y: { name: metric },
        series: [{ name: model, points: sights.map((k, i) => [k, losses[i]] as const) }],
        marks: placed(result),
      },
    ],
    notes: [
      `Every loss is a mean over the same ${places} places of the validation data, spread evenly; each has ` +
        `${sights.at(-1)! - 1} inputs or more before its own.`,
      'A model begins from nothing before the inputs that it is shown.',
    ],
  };
}
