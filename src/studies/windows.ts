// A trained model that is shown only the last k inputs, whatever its kind: windows of k are cut out of a split, run
// from nothing before them, and asked for what comes after their end. Of a recurrent model that is its truncation to k.

import { sizeOf } from '../graph/shape';
import type { Engine } from '../gpu/engine';
import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { Module } from '../nn/module';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { slice } from '../ops/layout/view';
import type { TextModel } from '../models/modelSpec';
import type { SequenceTask } from '../tasks/sequence';
import { NO_SAMPLE } from '../tasks/digits/digitsTask';
import type { Task } from '../tasks/task';
import { labelledWindowsAt } from './labelledWindows';
import { isPairTask, pairRows, pairWindowsAt } from './pairWindows';
import { row, type Place, type Sequence, type WindowLoss } from './places';
import { isSequenceTask } from './truncatedTask';
import { isLanguageTask } from './truncatedText';

/** The sequences in batches of a task: columns of a text, rows of music or of sound, targets of pairs. */
export function sequencesOf(task: Task, batches: readonly (readonly HostArray[])[]): Sequence[] {
  if (isPairTask(task)) return pairRows(batches);
  if (isLanguageTask(task)) return textColumns(batches);
  return isSequenceTask(task) ? musicRows(batches) : soundRows(batches);
}

/** The columns of a text, put together again from their segments. */
export function textColumns(batches: readonly (readonly HostArray[])[]): Sequence[] {
  const columns = batches[0][1].shape[0];
  return Array.from({ length: columns }, (_, b) => {
    const targets = batches.flatMap(([, y]) => [...row(y, b).data]);
    const first = row(batches[0][0], b).data[0];
    const [x, y] = [[first, ...targets.slice(0, -1)], targets].map((ids) => Uint32Array.from(ids));
    return { x: whole(x), y: whole(y), length: y.length };
  });
}

/** Pieces of music: the rows of batches of [x, targets, weights], padded behind. */
export function musicRows(batches: readonly (readonly HostArray[])[]): Sequence[] {
  return batches.flatMap(([x, y, weights]) =>
    Array.from({ length: x.shape[0] }, (_, b) => {
      const length = lengthOf(row(weights, b).data);
      return { x: row(x, b), y: row(y, b), length };
    }),
  );
}

/** Sounds: the rows of batches of [ids, targets, what is told …], padded behind. */
export function soundRows(batches: readonly (readonly HostArray[])[]): Sequence[] {
  return batches.flatMap(([ids, targets, ...others]) => {
    // Shares of a mean stand beside what is told, as f32.
    const told = others.filter(({ data }) => data instanceof Uint32Array);
    return Array.from({ length: ids.shape[0] }, (_, b) => {
      const y = row(targets, b);
      const length = lengthOf(Array.from(y.data, (target) => +(target !== NO_SAMPLE)));
      return { x: row(ids, b), y, length, told: told.map(({ data }) => data[b]) };
    });
  });
}

const whole = (data: Uint32Array): HostArray => ({ shape: [data.length], data });

function lengthOf(weights: ArrayLike<number>): number {
  let length = weights.length;
  while (length && !weights[length - 1]) length--;
  return length;
}

/** Inputs that end at these places, [N, k, ...], and what follows, [N, 1, ...]. */
export function windowsAt(places: readonly Place[], k: number): [x: HostArray, y: HostArray] {
  const cut = (of: (sequence: Sequence) => HostArray, steps: number): HostArray => {
    const { shape, data } = of(places[0].sequence);
    const rest = shape.slice(1);
    const size = sizeOf(rest);
    const Kind = data.constructor as Float32ArrayConstructor;
    const out = new Kind(places.length * steps * size);
    places.forEach(({ sequence, end }, i) => {
      const from = of(sequence).data.subarray((end + 1 - steps) * size, (end + 1) * size);
      out.set(from, i * steps * size);
    });
    return { shape: [places.length, steps, ...rest], data: out };
  };
  return [cut(({ x }) => x, k), cut(({ y }) => y, 1)];
}

/** What a model is told of the sequences at these places, u32 [N] each. */
function toldAt(places: readonly Place[]): HostArray[] {
  const { told = [] } = places[0].sequence;
  return told.map((_, i) => ({
    shape: [places.length],
    data: Uint32Array.from(places, ({ sequence }) => sequence.told![i]),
  }));
}

/** The arrays that a loss is given of windows: of these places, the last k inputs. */
type Windows = (places: readonly Place[], k: number) => readonly HostArray[];

const windowsAndTold: Windows = (places, k) => [...windowsAt(places, k), ...toldAt(places)];

/** The loss of a language model, in nats. */
export const textLoss =
  (model: TextModel): WindowLoss =>
  (x, y) =>
    model.loss(slice(model.unroll(x, model.zeroState(x.shape[0])).y, 1, -1), y);

/** The loss of a sequence model. */
export const sequenceLoss =
  (model: Module, task: SequenceTask): WindowLoss =>
  (x, y) =>
    task.loss(slice(model.forward(x), 1, -1), y);

/** The loss of a model of sound, in nats. */
export const soundLoss =
  (model: { forward(codes: Tensor, ...told: Tensor[]): Tensor }): WindowLoss =>
  (x, y, ...told) =>
    crossEntropy(slice(model.forward(x, ...told), 1, -1), y);

/** Steps of all the windows of a call; fewer of pairs, which are asked for logits at every step. */
const MOST_STEPS = 8192;
const MOST_PAIR_STEPS = 1024;

function windowsOf([{ sequence }]: readonly Place[]): [windows: Windows, most: number] {
  if (sequence.source) return [pairWindowsAt, MOST_PAIR_STEPS];
  return [sequence.label === undefined ? windowsAndTold : labelledWindowsAt, MOST_STEPS];
}

/** The loss at these places of a model that sees k inputs, for every k. */
export async function lossesInSight(
  engine: Engine,
  loss: WindowLoss,
  places: readonly Place[],
  sights: readonly number[],
  onProgress: (share: number) => void,
): Promise<number[]> {
  const [windows, most] = windowsOf(places);
  const measure = engine.record((...arrays: Tensor[]) => loss(...arrays));
  const losses: number[] = [];
  for (const [i, k] of sights.entries()) {
    onProgress(i / sights.length);
    const parts = Math.ceil((places.length * k) / most);
    const rows = Math.ceil(places.length / parts);
    let sum = 0;
    for (let start = 0; start < places.length; start += rows) {
      const part = places.slice(start, start + rows);
      sum += part.length * (await measure(...windows(part, k)).item());
    }
    losses.push(sum / places.length);
  }
  return losses;
}

/** The smallest of `sights` from which on no loss is more than 1 % above the last one's, that of all inputs. */
export function enoughOf(sights: readonly number[], losses: readonly number[]): number {
  const bound = 1.01 * losses.at(-1)!;
  let enough = sights.length - 1;
  while (enough > 0 && losses[enough - 1] <= bound) enough--;
  return sights[enough];
}
