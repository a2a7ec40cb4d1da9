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
import { ofPairs } from '../../tasks/pairsProgram';
import { ofOneSequence, type Program, type Task } from '../../tasks/task';
import { loadCheckpoint } from '../../train/checkpoint';
import type { Stored } from '../../train/safetensors';
import { baselinesOf, lastValueAt, measureBaselines, type Baseline } from '../baselines';
import { pairLoss } from '../pairWindows';
import { placesIn, type Place, type Sequence, type WindowLoss } from '../places';
import { enoughOf, lossesInSight, sequenceLoss, sequencesOf, soundLoss, textLoss } from '../windows';

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

/** Places where a model is shown less than all; of translation more, since each is a few tokens. */
const PLACES = 256;
const PAIR_PLACES = 2048;
/** As few as a mean may be of. */
const LEAST = 16;
/** The most inputs that are shown. */
const MOST = 1024;
/** The kinds of tasks in which every step is asked for. */
const KINDS = ['text', 'music', 'sound', 'series', 'translation'];

/** The study of that run, of a task of text, music, sound, series or translation. */
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
    cells: () => [
      { id: 'run', settings: { run: settings, places: reads === 'pairs' ? PAIR_PLACES : PLACES } },
    ],
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
  const program = task.program(settings, tables.models);
  const engine = await context.engine();
  loadCheckpoint(engine, stored, where, { model: program.model });
  const sequences = sequencesOf(task, [...task.batches('valid')]);
  const { reads } = taskCalled(settings.task, tables);
  const { loss, sights, past } =
    reads === 'pairs'
      ? askedOfPairs(program, sequences)
      : askedOfSteps(reads, program, { sequences, task, field: fieldOf(settings, tables.models) });
  const chosen = placesIn(sequences, past, Math.min(places, placesWith(sequences, past)));
  const losses = await lossesInSight(engine, loss, chosen, sights, (share) =>
    context.progress(share, `in sight: ${sights[Math.floor(share * sights.length)]}`),
  );
  return { sights, losses, places: chosen.length, baselines: countedAt(run, task, chosen) };
}

/** How a model is asked: with how many inputs in sight, at places with at least so many before them. */
interface Asked {
  readonly loss: WindowLoss;
  readonly sights: readonly number[];
  readonly past: number;
}

/** A target has few tokens, so all its places count: at those with fewer before them, all are in sight. */
function askedOfPairs(program: Program, sequences: readonly Sequence[]): Asked {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 1);
  const sights = Array.from({ length: Math.ceil(Math.log2(longest)) }, (_, i) => 2 ** i);
  return { loss: pairLoss(ofPairs(program.model)), sights: [...sights, longest], past: 0 };
}

/** The data of a task of steps, and how many inputs an output of the model can see. */
interface Steps {
  readonly sequences: readonly Sequence[];
  readonly task: Task;
  readonly field: number;
}

function askedOfSteps(reads: Reads, program: Program, { sequences, task, field }: Steps): Asked {
  const model = ofOneSequence(program.model);
  const sights = sightsIn(sequences, Math.min(MOST, field, positionsOf(model)));
  const shown = { sights, past: sights.at(-1)! - 1 };
  if (reads === 'text') return { ...shown, loss: textLoss(model as typeof model & TextModel) };
  return { ...shown, loss: reads === 'sound' ? soundLoss(model) : sequenceLoss(model, task as SequenceTask) };
}

/** What counting, or the last value, comes to at these places. */
function countedAt({ settings, content, tables }: TrainedRun, task: Task, places: readonly Place[]) {
  const { kind, reads } = taskCalled(settings.task, tables);
  if (kind === 'series') return lastValueAt(places);
  const counted = reads === 'pairs' ? task : makeTask(baselinesOf(settings), content, tables);
  return measureBaselines(counted, places).baselines;
}

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
  const { kind } = taskCalled(settings.task, tables);
  if (kind === 'text' || kind === 'translation') return 'nats per token';
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
  const { sights, losses } = result;
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
    notes: notesOn(run, result),
  };
}

function notesOn({ settings, tables }: TrainedRun, { sights, places }: SightResult): string[] {
  const where = `Every loss is a mean over the same ${places} places of the validation data, spread evenly`;
  return taskCalled(settings.task, tables).reads === 'pairs'
    ? [
        `${where}; at one with fewer tokens before it, all of them are in sight.`,
        'The source is in sight as a whole. LSTMs begin anew behind it, from states that the encoder leaves; models ' +
          'that know positions are told those of the tokens that they see.',
        'Counting knows nothing of the source.',
      ]
    : [
        `${where}; each has ${sights.at(-1)! - 1} inputs or more before its own.`,
        'A model begins from nothing before the inputs that it is shown.',
      ];
}
