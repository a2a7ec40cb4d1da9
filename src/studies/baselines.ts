// The baselines of a study's tables and pictures: what counting on the same training data predicts, on test and at the
// places where models are shown only their last inputs.

import { sizeOf } from '../graph/shape';
import { Random } from '../random';
import { isLanguageTask } from './truncatedText';
import { KeyCounts, NGrams } from './nGrams';
import { placesIn, type Place, type Sequence } from './places';
import { sequencesOf } from './windows';
import type { Context, TaskChoice } from '../runs/study';
import type { Task } from '../tasks/task';

/** A cell that counts instead of training. */
export interface BaselineSettings {
  /** The data. A recurrent model's: others are shown tokens of a text again, and those would be counted twice. */
  readonly baselines: TaskChoice & { readonly model: 'rnn' };
  /** Places of the validation split with at least `past` inputs before them; default: none. */
  readonly places?: number;
  readonly past?: number;
}

/** What decides which data a training reads. */
const READ = [
  'task',
  'batch',
  'length',
  'bptt',
  'trainTokens',
  'evaluationTokens',
  'speaker',
  'evaluationPieces',
] as const;

/** The data of a training, to be counted. */
export function baselinesOf(training: TaskChoice): BaselineSettings['baselines'] {
  const read = READ.flatMap((name) => {
    const value = Object.entries(training).find(([given]) => given === name)?.[1];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(read), model: 'rnn' };
}

/** A way of counting, and how well it predicts. */
export interface Baseline {
  readonly name: string;
  /** In the measure of the task. */
  readonly test: number;
  /** In nats, the mean over the places that were asked for. */
  readonly placed?: number;
}

/** What counting comes to, from the way that sees least to the one that sees most. */
export interface BaselineResult {
  readonly baselines: readonly Baseline[];
}

/** Those of a cell; none where it is not finished. */
export function baselinesIn(results: ReadonlyMap<string, object>, id: string): readonly Baseline[] {
  const result = results.get(id);
  return result && 'baselines' in result ? (result as BaselineResult).baselines : [];
}

/** Whether a cell counts instead of training. */
export const isBaseline = (settings: object): settings is BaselineSettings => 'baselines' in settings;

/** Nats of step t of a sequence. */
type Nats = (sequence: Sequence, t: number) => number;

/** Counts on the training data of a task; also at places, where these are asked for. */
export async function runBaselines(settings: BaselineSettings, context: Context): Promise<BaselineResult> {
  const { baselines, places = 0, past = 0 } = settings;
  const task = await context.task(baselines);
  if (!places) return measureBaselines(task);
  return measureBaselines(task, placesIn(sequencesOf(task, [...task.batches('valid')]), past, places));
}

/** Counted on an epoch of training batches; from the one that sees least to the one that sees most. */
export function measureBaselines(task: Task, places: readonly Place[] = []): BaselineResult {
  const test = sequencesOf(task, [...task.batches('test')]);
  const counted = countedOn(sequencesOf(task, trainingBatches(task)), [
    ...test,
    ...places.map(({ sequence }) => sequence),
  ]);
  const baselines = counted.map(([name, nats]): Baseline => {
    const steps = test.flatMap((sequence) =>
      Array.from({ length: sequence.length }, (_, t) => nats(sequence, t)),
    );
    const measured = { name, test: inMeasure(task, mean(steps)) };
    if (!places.length) return measured;
    return { ...measured, placed: mean(places.map(({ sequence, end }) => nats(sequence, end))) };
  });
  return { baselines };
}

/**
 * What saying that nothing changes comes to at places of numbers: the mean square of the step from the target before,
 * which is the last value that was seen. None of classes, nor where no place has one before it.
 */
export function lastValueAt(
  places: readonly Place[],
): readonly { readonly name: string; readonly placed: number }[] {
  const known = places.filter(({ end, sequence: { y } }) => end > 0 && y.data instanceof Float32Array);
  const squares = known.map(({ sequence: { y }, end }) => {
    const K = sizeOf(y.shape.slice(1));
    const at = (t: number, k: number) => Number(y.data[t * K + k]);
    return mean(Array.from({ length: K }, (_, k) => (at(end, k) - at(end - 1, k)) ** 2));
  });
  return squares.length ? [{ name: 'the last value', placed: mean(squares) }] : [];
}

/** Batches of data that are drawn without end. */
const DRAWN = 100;

function trainingBatches(task: Task) {
  const source = task.source(new Random(1));
  return Array.from({ length: task.stepsPerEpoch ?? DRAWN }, () => source.next());
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Nats per token as perplexity or bits; others stay what they are. */
const inMeasure = (task: Task, nats: number): number =>
  isLanguageTask(task) ? task.report!({ nats })[task.metric] : nats;

function countedOn(train: readonly Sequence[], others: readonly Sequence[]): [string, Nats][] {
  return train[0].x.data instanceof Uint32Array ? tokenCounts(train, others) : keyCounts(train);
}

/** The first input, and then every target. */
const tokensOf = ({ x, y, length }: Sequence): number[] => [x.data[0], ...y.data.subarray(0, length)];

function tokenCounts(train: readonly Sequence[], others: readonly Sequence[]): [string, Nats][] {
  const texts = new Map([...train, ...others].map((sequence) => [sequence, tokensOf(sequence)]));
  const vocabulary =
    1 + [...texts.values()].reduce((most, tokens) => tokens.reduce((a, b) => Math.max(a, b), most), 0);
  const grams = new NGrams(
    train.map((sequence) => texts.get(sequence)!),
    3,
    vocabulary,
  );
  return ['unigram', 'bigram', 'trigram'].map((name, i) => [
    name,
    (sequence, t) => grams.nats(texts.get(sequence)!, t + 1, i + 1),
  ]);
}

function keyCounts(train: readonly Sequence[]): [string, Nats][] {
  const keys = train[0].x.shape[1];
  const rows = ({ x, y }: Sequence, t: number) =>
    [x, y].map(({ data }) => data.subarray(t * keys, (t + 1) * keys)) as [Float32Array, Float32Array];
  const pairs = train.flatMap((sequence) =>
    Array.from({ length: sequence.length }, (_, t) => rows(sequence, t)),
  );
  const counts = new KeyCounts(pairs, keys);
  return [
    ['marginals', (sequence, t) => counts.nats(...rows(sequence, t), false)],
    ['Markov, each key by itself', (sequence, t) => counts.nats(...rows(sequence, t), true)],
  ];
}
