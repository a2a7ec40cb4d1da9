// The first layer of a WaveNet: a causal convolution of one-hot vectors, which are never made.

import { assign } from '../../graph/assign';
import { Parameter, State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { embedding } from '../../ops/embedding/embedding';
import { shift } from '../../ops/layout/shift';
import { slice } from '../../ops/layout/view';
import { glorot } from '../init';
import { Module } from '../module';

/** A causal convolution of one-hot vectors [B, T, classes], given as their u32 codes: rows of its weights. */
export class OneHotConv extends Module {
  readonly weight: Parameter;

  constructor(
    classes: number,
    private readonly outputs: number,
    private readonly kernelSize: number,
    /** Default: as Glorot & Bengio 2010 advise. */
    start = glorot(kernelSize * classes, kernelSize * outputs),
  ) {
    super();
    const shape = [outputs, classes, kernelSize];
    // One table for all taps, so that a code is looked up once.
    const torch = { shape, split: shape, permute: [1, 2, 0] };
    this.weight = new Parameter([classes, kernelSize * outputs], start, torch);
  }

  override forward(codes: Tensor): Tensor {
    const rows = embedding(codes, this.weight); // [B, T, K·O], tap K − 1 is "now"
    const { kernelSize: K, outputs: O } = this;
    const taps = Array.from({ length: Math.min(K, codes.shape[1]) }, (_, back) => {
      return shift(slice(rows, 2, (K - 1 - back) * O, (K - back) * O), 1, back);
    });
    return taps.reduce((sum, tap) => add(sum, tap));
  }

  /** What `step` remembers: for every position to come but the last, what the codes so far add to it. */
  delays(batch: number): State[] {
    return Array.from(
      { length: this.kernelSize - 1 },
      (_, ahead) => new State([batch, this.outputs], 'zeros', `delay_${ahead}`),
    );
  }

  /** One position of `forward`: codes [B] to [B, outputs]. */
  step(codes: Tensor, delays: readonly State[]): Tensor {
    const rows = embedding(codes, this.weight); // [B, K·O]
    const { kernelSize: K, outputs: O } = this;
    const tap = (back: number) => slice(rows, 1, (K - 1 - back) * O, (K - back) * O);
    const sums = Array.from({ length: K }, (_, ahead) =>
      delays[ahead] ? add(tap(ahead), delays[ahead]) : tap(ahead),
    );
    delays.forEach((delay, ahead) => assign(delay, sums[ahead + 1]));
    return sums[0];
  }
}
