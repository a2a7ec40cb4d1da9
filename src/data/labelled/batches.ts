// Batches of labelled sequences of similar length, padded behind their ends to one of a few lengths:
//
//   x       symbols u32 [B, T], or numbers f32 [B, T, width]; behind an end zeros
//   last    u32 [B]   the row of the last step of each among all B · T steps
//   labels  u32 [B]   their classes; 2^32 − 1 for rows of a batch that is not full

import type { HostArray } from '../../graph/host';
import { NONE } from '../../graph/none';
import type { Random } from '../../random';
import { GroupEpochs, groupsOf, type PairGroup } from '../translation/batches';
import { lengthsIn, shapesOf, type LabelledSequence } from './corpus';
import { widthOf, type Form } from './form';

/** Sequences, what they are given as, and the lengths of their batches. */
export interface Batching {
  readonly sequences: readonly LabelledSequence[];
  readonly form: Form;
  readonly lengths: readonly number[];
  /** Sequences of a batch at most; those of a length are dealt evenly to the batches that it takes. */
  readonly batch: number;
}

/** The three arrays of a batch. */
function batchOf({ sequences, form }: Batching, { rows, shape, batch: B }: PairGroup): HostArray[] {
  const [T, width] = [shape.source, widthOf(form)];
  const isText = form.material === 'text';
  const x = isText ? new Uint32Array(B * T) : new Float32Array(B * T * width);
  const last = Uint32Array.from({ length: B }, (_, b) => b * T);
  const labels = new Uint32Array(B).fill(NONE);
  rows.forEach((row, b) => {
    const { values, length, label } = sequences[row];
    x.set(values, b * T * width);
    last[b] += length - 1;
    labels[b] = label;
  });
  return [
    { shape: isText ? [B, T] : [B, T, width], data: x },
    { shape: [B], data: last },
    { shape: [B], data: labels },
  ];
}

const lengthsOf = ({ sequences }: Batching) => lengthsIn(sequences.map(({ length }) => length));

/** Training batches, one epoch after the other. */
export const labelledEpochs = (batching: Batching, random: Random): GroupEpochs =>
  new GroupEpochs(
    {
      lengths: lengthsOf(batching),
      shapes: shapesOf(batching.lengths),
      batch: batching.batch,
      random,
      what: 'sequences',
    },
    (group) => batchOf(batching, group),
  );

/** A batch, and the numbers of the sequences in its first rows. */
export interface LabelledBatch {
  readonly arrays: readonly HostArray[];
  readonly rows: readonly number[];
}

/** All sequences once, the shortest first. */
export function* labelledBatches(batching: Batching): Generator<LabelledBatch> {
  const { lengths, batch } = batching;
  for (const group of groupsOf(lengthsOf(batching), shapesOf(lengths), { batch })) {
    yield { arrays: batchOf(batching, group), rows: group.rows };
  }
}

/** Rows of a batch that hold a sequence. */
export function countedRows([, , { data }]: readonly HostArray[]): number {
  let count = 0;
  for (const label of data) if (label !== NONE) count++;
  return count;
}

/** Steps of a batch that are no padding. */
export function stepsOfBatch([{ shape }, last, labels]: readonly HostArray[]): number {
  let steps = 0;
  last.data.forEach((row, b) => (steps += labels.data[b] === NONE ? 0 : Number(row) - b * shape[1] + 1));
  return steps;
}
