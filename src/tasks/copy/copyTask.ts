// Copy memory (Bai et al. 2018, section 4.2): repeat ten digits after T blank steps.

import { COPY_CLASSES, copyMemory, guessZeroLoss } from '../../data/copyMemory';
import { accuracy, crossEntropy } from '../../ops/loss/crossEntropy';
import type { Random } from '../../random';
import { drawn, fixed } from '../drawn';
import { sequenceTask, type SequenceTask } from '../sequence';

/** How large a batch is. */
export interface CopyOptions {
  /** T. */
  readonly length: number;
  readonly batch: number;
}

/** Blanks are counted in the loss but not in the accuracy, which is that of the ten digits. */
const BLANK = 0;

/** Copy memory: x [B, T + 20, 1] to logits [B, T + 20, 10], by cross-entropy over all steps. */
export function copyTask({ length, batch }: CopyOptions): SequenceTask {
  const make = (random: Random) => {
    const { x, targets } = copyMemory({ length, batch, random });
    return [x, targets];
  };
  return sequenceTask({
    name: 'copy',
    inputs: 1,
    outputs: COPY_CLASSES,
    longest: length + 20,
    metric: 'cross-entropy',
    anchors: [{ name: 'guess 0', value: guessZeroLoss(length) }],
    prior: logFrequencies(length),
    source: (random) => drawn(random, make),
    loss: (y, targets) => crossEntropy(y, targets),
    measures: (y, targets) => ({
      'cross-entropy': crossEntropy(y, targets),
      accuracy: accuracy(y, targets, { ignoreIndex: BLANK }),
    }),
    weightOf: () => 1,
    batches: (split) => fixed(split, make),
  });
}

/** Log frequencies: of T + 20 targets T + 10 are blank, ten are digits, each of eight as likely; none is the marker. */
function logFrequencies(length: number): number[] {
  const digit = 10 / 8 / (length + 20);
  return Array.from({ length: COPY_CLASSES }, (_, c) =>
    Math.log(c === BLANK ? (length + 10) / (length + 20) : c < 9 ? digit : digit / 8),
  );
}
