// A trained classifier that is shown only the last k steps of every sequence, from nothing before them, and asked for
// the class behind the last.

import type { HostArray } from '../graph/host';
import { NONE } from '../graph/none';
import { sizeOf } from '../graph/shape';
import type { Classifier } from '../models/classifier';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { row, type Place, type Sequence, type WindowLoss } from './places';

/** Labelled sequences: the rows of batches of [x, last, labels] that are not empty. */
export function labelledRows(batches: readonly (readonly HostArray[])[]): Sequence[] {
  return batches.flatMap(([x, last, labels]) =>
    Array.from({ length: x.shape[0] }, (_, b): Sequence => {
      const label = Number(labels.data[b]);
      return { x: row(x, b), y: row(labels, b), length: Number(last.data[b]) - b * x.shape[1] + 1, label };
    }).filter(({ label }) => label !== NONE),
  );
}

/** Where each of them ends. */
export const endsOf = (sequences: readonly Sequence[]): Place[] =>
  sequences.map((sequence) => ({ sequence, end: sequence.length - 1 }));

/**
 * A batch of the last `k` steps before the end of every place, or all where there are fewer: x [N, k, ...], the rows of
 * their last steps among all N · k [N], and their classes [N].
 */
export function labelledWindowsAt(places: readonly Place[], k: number): HostArray[] {
  const N = places.length;
  const { shape, data } = places[0].sequence.x;
  const rest = shape.slice(1);
  const size = sizeOf(rest);
  const Kind = data.constructor as Float32ArrayConstructor;
  const x = new Kind(N * k * size);
  const last = new Uint32Array(N);
  places.forEach(({ sequence, end }, i) => {
    const seen = Math.min(k, end + 1);
    x.set(sequence.x.data.subarray((end + 1 - seen) * size, (end + 1) * size), i * k * size);
    last[i] = i * k + seen - 1;
  });
  const labels = Uint32Array.from(places, ({ sequence }) => sequence.label!);
  return [
    { shape: [N, k, ...rest], data: x },
    { shape: [N], data: last },
    { shape: [N], data: labels },
  ];
}

/** The loss of a classifier, in nats per sequence. */
export const classLoss =
  (model: Classifier): WindowLoss =>
  (x, last, labels) =>
    crossEntropy(model.classify(x, last), labels);

/** What the frequencies of the classes in training come to, in nats per sequence. */
export function frequencyNats(trained: readonly number[], places: readonly Place[]): number {
  const counts = new Map<number, number>();
  for (const label of trained) counts.set(label, (counts.get(label) ?? 0) + 1);
  const nats = ({ sequence }: Place) => -Math.log((counts.get(sequence.label!) ?? 0) / trained.length);
  return places.reduce((sum, place) => sum + nats(place), 0) / places.length;
}
