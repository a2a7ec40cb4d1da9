// What study `context` of one run finds: a loss by the inputs in sight, and of pairs that of models which were trained
// so.

import type { Findings } from '../../runs/study';
import { makeTask } from '../../runs/outcome';
import { differences, type Settings } from '../../runs/settings';
import { taskCalled, type Tables } from '../../runs/tables';
import type { Values } from '../../spec/option';
import type { Task } from '../../tasks/task';
import type { Stored } from '../../train/safetensors';
import { enoughOf } from '../windows';
import type { Baseline } from '../baselines';

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
export interface SightSettings {
  readonly run: Settings;
  readonly places: number;
}

/** The loss with so many inputs in sight, and what counting, or the last value, comes to at the same places. */
export interface SightResult {
  readonly sights: readonly number[];
  readonly losses: readonly number[];
  readonly places: number;
  readonly baselines: readonly Pick<Baseline, 'name' | 'placed'>[];
}

/** What a loss is a mean of. */
function measureOf({ settings, content, tables }: TrainedRun): string {
  const task: Task = makeTask(settings, content, tables);
  const { kind } = taskCalled(settings.task, tables);
  if (kind === 'text' || kind === 'translation') return 'nats per token';
  if (kind === 'classification') return 'nats per sequence';
  return task.metric.startsWith('nats') ? task.metric : 'mean squared error in deviations';
}

/** What counting, or the last value, comes to at the places, where it was asked. */
const placed = ({ baselines }: SightResult): { readonly name: string; readonly value: number }[] =>
  baselines.flatMap(({ name, placed: value }) => (value === undefined ? [] : [{ name, value }]));

function remarkOn(model: string, metric: string, result: SightResult): string {
  const { sights, losses } = result;
  const [best] = placed(result).sort((a, b) => a.value - b.value);
  const all = `${losses.at(-1)!.toPrecision(4)} ${metric}`;
  if (best && losses.at(-1)! >= best.value)
    return (
      `The ${model} (${all}) is no better than ${best.name} (${best.value.toPrecision(4)}), ` +
      'so that what it needs says nothing.'
    );
  const enough = enoughOf(sights, losses);
  const [less, more] = sights.slice(-2);
  return more !== undefined && enough === more
    ? `The ${model} needs all ${more} inputs that it was shown: ${all}, and ` +
        `${losses.at(-2)!.toPrecision(4)} with the last ${less}.`
    : `The ${model} is as good within 1 % with the last ${enough} inputs as with ` +
        `${sights.at(-1)}: ${all}.`;
}

/** Models that were trained on their last tokens alone, and what was measured of them. */
export type Cuts = readonly { readonly run: TrainedRun; readonly result: SightResult }[];

/** What is found of a run; `cuts`: of runs that were trained on their last tokens alone. */
export function sightFindings(run: TrainedRun, result: SightResult, cuts: Cuts = []): Findings {
  const { sights, losses } = result;
  const metric = measureOf(run);
  const model = run.settings.model.toUpperCase();
  const cut = sights.map((k, i) => [k, losses[i]] as const);
  const points = trainedPoints(cuts);
  const row = { model, task: run.settings.task, metric, published: null };
  return {
    remark: [remarkOn(model, metric, result), ...trainedWords(run, result, cuts)].join(' '),
    rows: [
      ...sights.map((k, i) => ({ ...row, setting: `last ${k}`, ours: losses[i] })),
      ...points.map(([k, value]) => ({ ...row, setting: `trained on the last ${k}`, ours: value })),
      ...placed(result).map(({ name, value }) => ({ ...row, model: name, setting: 'baseline', ours: value })),
    ],
    figures: [
      {
        kind: 'plot',
        title: 'The loss by the inputs in sight',
        x: { name: 'inputs in sight', scale: 'log' },
        y: { name: metric },
        series: [
          { name: cuts.length ? `${model}, cut at test` : model, points: cut, color: 0 },
          ...(points.length
            ? [{ name: `${model}, trained on the last k`, points, color: 0, dashed: true }]
            : []),
        ],
        marks: placed(result),
      },
    ],
    notes: [...notesOn(run, result), ...cuts.flatMap((one) => otherwise(run, one.run))],
  };
}

/** Their losses by the tokens that they see, all that each of them can. */
const trainedPoints = (cuts: Cuts): (readonly [k: number, loss: number])[] =>
  cuts
    .map(({ run, result }) => [run.settings.truncate!, result.losses.at(-1)!] as const)
    .sort(([a], [b]) => a - b);

/** Beside all that a model sees, and beside the same number cut at test, where that was asked. */
function trainedWords(run: TrainedRun, { sights, losses }: SightResult, cuts: Cuts): string[] {
  if (!cuts.length) return [];
  const all = losses.at(-1)!;
  const words = trainedPoints(cuts).map(([k, loss]) => {
    const at = sights.indexOf(k);
    const cut = at < 0 ? '' : ` (cut at test ${losses[at].toPrecision(4)})`;
    return `the last ${k}: ${loss.toPrecision(4)}${cut}`;
  });
  return [`Trained on ${words.join(', ')}; on all, ${all.toPrecision(4)} ${measureOf(run)}.`];
}

/** What a model that was trained on its last tokens was trained with besides that is another. */
function otherwise({ settings }: TrainedRun, { settings: other }: TrainedRun): string[] {
  const [a, b] = [settings, other].map((one): Values => ({ ...one }));
  const names = differences(a, b).filter((name) => name !== 'truncate');
  const said = names.map((name) => `${name} ${String(b[name])} in place of ${String(a[name])}`);
  return said.length ? [`The model of the last ${other.truncate} was trained with ${said.join(', ')}.`] : [];
}

function notesOn({ settings, tables }: TrainedRun, { sights, places }: SightResult): string[] {
  const { kind, reads } = taskCalled(settings.task, tables);
  if (kind === 'classification') {
    return [
      `Every loss is a mean over the ${places} sequences of the validation data.`,
      'Of a sequence with fewer steps all are in sight.',
      'A model begins from nothing before the steps that it is shown.',
    ];
  }
  const where = `Every loss is a mean over the same ${places} places of the validation data, spread evenly`;
  return reads === 'pairs'
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
