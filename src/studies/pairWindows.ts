// A trained translator whose decoder is shown only the last k tokens of a target, behind the whole source: windows of
// targets as pairs of their own, asked for what comes after their end.

import { PAD } from '../data/translation/symbols';
import { countedIn } from '../data/translation/batches';
import type { HostArray } from '../graph/host';
import type { TranslationModel } from '../nn/translation/translator';
import { crossEntropy } from '../ops/loss/crossEntropy';
import type { Task } from '../tasks/task';
import { row, type Place, type Sequence, type WindowLoss } from './places';

/** Whether a task is one of pairs of sentences. */
export const isPairTask = ({ sentences }: Task): boolean => sentences !== undefined;

/** Targets with their sources: the rows of batches of [source, lengths, inputs, targets] that are not empty. */
export function pairRows(batches: readonly (readonly HostArray[])[]): Sequence[] {
  return batches.flatMap(([sources, lengths, inputs, targets]) =>
    Array.from({ length: sources.shape[0] }, (_, b): Sequence => {
      const [x, y] = [row(inputs, b), row(targets, b)];
      const source = Uint32Array.from(row(sources, b).data.subarray(0, lengths.data[b]));
      return { x, y, length: countedIn(y.data), source };
    }).filter(({ length }) => length),
  );
}

/**
 * A batch of pairs with the last `k` inputs of every place, or all where there are fewer: sources [N, S], their lengths
 * [N], inputs [N, k] from the first that is shown, targets [N, k], of which that of the place alone counts, and the
 * inputs' positions [N, k].
 */
export function pairWindowsAt(places: readonly Place[], k: number): HostArray[] {
  const N = places.length;
  const S = places.reduce((most, { sequence }) => Math.max(most, sequence.source!.length), 1);
  const [sources, inputs, targets] = [S, k, k].map((width) => new Uint32Array(N * width).fill(PAD));
  const positions = new Uint32Array(N * k);
  const lengths = Uint32Array.from(places, ({ sequence }) => sequence.source!.length);
  places.forEach(({ sequence: { x, y, source }, end }, i) => {
    const seen = Math.min(k, end + 1);
    sources.set(source!, i * S);
    inputs.set(x.data.subarray(end + 1 - seen, end + 1), i * k);
    for (let t = 0; t < seen; t++) positions[i * k + t] = end + 1 - seen + t;
    targets[i * k + seen - 1] = y.data[end];
  });
  return [
    { shape: [N, S], data: sources },
    { shape: [N], data: lengths },
    { shape: [N, k], data: inputs },
    { shape: [N, k], data: targets },
    { shape: [N, k], data: positions },
  ];
}

/** The loss of a translator, in nats per target token that counts. */
export const pairLoss =
  (model: TranslationModel): WindowLoss =>
  (source, lengths, inputs, targets, positions) =>
    crossEntropy(model.decode(model.encode(source, lengths), inputs, positions), targets, {
      ignoreIndex: PAD,
    });
