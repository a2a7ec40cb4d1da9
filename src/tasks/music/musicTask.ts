// Polyphonic music: which of 88 keys sound at the next step (Boulanger-Lewandowski et al. 2012).

import { KEYS, batches, marginalNll, markovNll, predictedSteps } from '../../data/music';
import type { Music, Piece } from '../../data/music';
import type { HostArray } from '../../graph/host';
import { binaryCrossEntropy } from '../../ops/loss/binaryCrossEntropy';
import type { Random } from '../../random';
import type { Source } from '../../train/fit';
import { sequenceTask, type SequenceTask } from '../sequence';

/** Music, and how many pieces a step takes. */
export interface MusicOptions {
  readonly music: Music;
  /** Pieces per step. */
  readonly batch: number;
  /** Lengths are rounded up to a multiple of this, so that few shapes are recorded. */
  readonly bucket?: number;
}

const EVALUATION_BATCH = 16;

/** Next-step prediction: x [B, T, 88] to a logit for every key, in nats per step, summed over the keys. */
export function musicTask({ music, batch, bucket = 16 }: MusicOptions): SequenceTask {
  const nll = (...[y, targets, weights]: Parameters<SequenceTask['loss']>) =>
    binaryCrossEntropy(y, targets, { weights });
  return sequenceTask({
    name: music.name,
    inputs: KEYS,
    outputs: KEYS,
    longest: Math.ceil((longestOf(music) - 1) / bucket) * bucket,
    metric: 'nats per step',
    anchors: [
      { name: 'marginals', value: marginalNll(music.train, music.test) },
      { name: 'Markov', value: markovNll(music.train, music.test) },
    ],
    prior: music.train.length ? logOdds(music.train) : undefined,
    stepsPerEpoch: Math.ceil(music.train.length / batch),
    source: (random) => new Epochs(music.train, batch, bucket, random),
    loss: nll,
    measures: (...args) => ({ 'nats per step': nll(...args) }),
    weightOf([, , weights]) {
      let steps = 0;
      for (const weight of weights.data) steps += weight;
      return steps;
    },
    *batches(split) {
      for (const { x, targets, weights } of batches({
        pieces: music[split],
        batch: EVALUATION_BATCH,
        bucket,
      })) {
        yield [x, targets, weights];
      }
    },
  });
}

/** Steps of the longest piece, two at the least. */
export const longestOf = ({ train, valid, test, longest = 2 }: Music): number =>
  [train, valid, test].flat().reduce((most, { length }) => Math.max(most, length), longest);

/** A key that is hardly ever pressed must not start at −∞. */
const RAREST = 3e-4;

/** log p/(1 − p) of every key, p its frequency in the steps to be predicted. */
function logOdds(pieces: readonly Piece[]): number[] {
  const counts = new Float64Array(KEYS);
  for (const piece of pieces) for (const keys of piece.slice(1)) for (const key of keys) counts[key]++;
  return Array.from(counts, (count) => {
    const p = Math.min(1 - RAREST, Math.max(RAREST, count / predictedSteps(pieces)));
    return Math.log(p / (1 - p));
  });
}

/** One epoch after the other, each in an order of its own. */
class Epochs implements Source {
  private current;

  constructor(
    private readonly pieces: readonly Piece[],
    private readonly batch: number,
    private readonly bucket: number,
    private readonly random: Random,
  ) {
    this.current = batches({ pieces, batch, bucket, random });
  }

  next(): readonly HostArray[] {
    const { value, done } = this.current.next();
    if (!done) return [value.x, value.targets, value.weights];
    const { pieces, batch, bucket, random } = this;
    this.current = batches({ pieces, batch, bucket, random });
    return this.next();
  }

  save(): ReturnType<typeof this.current.save> {
    return this.current.save();
  }

  restore(resume: ReturnType<typeof this.current.save>): void {
    const { pieces, batch, bucket, random } = this;
    this.current = batches({ pieces, batch, bucket, random, resume });
  }
}
