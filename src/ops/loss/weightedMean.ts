// The mean of values that count more or less, with the division on the GPU: the last launches of every loss.
//
//   mean = factor · Σ value / Σ weight        0 where nothing weighs anything

import weightedMeanKernel from '../../../shaders/loss/weightedMean.wgsl';
import weightedMeanTiledKernel from '../../../shaders/loss/weightedMeanTiled.wgsl';
import type { Dispatch, Tensor } from '../../graph/tensor';
import type { Shape } from '../../graph/shape';
import type { Traits } from '../../graph/traits';

/** What an op that ends in a mean must have among its outputs, by these names. */
export interface MeanTensors {
  /** [N, 2]: a value, already times its weight, and the weight. */
  readonly pairs: Tensor;
  /** Room for the sums of parts. */
  readonly parts: Tensor;
  /** [2]: Σ value and Σ weight. */
  readonly total: Tensor;
}

/** These among the outputs of an op. */
/* @__NO_SIDE_EFFECTS__ */
export const withMean = <Own extends object>(own: Own) => ({
  ...own,
  ...({ pairs: '*', parts: '*', total: '2' } as const),
});

/** Shapes of `MeanTensors` for N pairs, enough for either family. */
export const meanShapes = (N: number): Record<keyof MeanTensors, Shape> => ({
  pairs: [N, 2],
  parts: [Math.ceil(N / partLength(N)), 2],
  total: [2],
});

/** One part up to here: a second launch costs more. */
const FEW = 256;
/** Two levels of about equal length. */
const partLength = (N: number): number => (N <= FEW ? N : Math.max(64, Math.ceil(Math.sqrt(N))));

/** Pairs that one workgroup sums alone. */
const FEW_TILED = 16384;

/** The launches from pairs to mean []. */
export function meanLaunches(
  { pairs, parts, total, mean }: MeanTensors & { readonly mean: Tensor },
  factor: number,
  traits: Traits,
): Dispatch[] {
  const tiled = traits.family === 'workgroup';
  const kernel = tiled ? weightedMeanTiledKernel : weightedMeanKernel;
  const launch = (from: Tensor, to: Tensor, N: number, length: number): Dispatch => {
    const S = Math.ceil(N / length);
    return {
      kernel: kernel.with({ FINISH: to === total }),
      bind: { pairs: from, sums: to, mean },
      params: { N, S, length, factor },
      ...(tiled ? { workgroups: [S] } : { threads: [S] }),
    };
  };
  const N = pairs.shape[0];
  const length = tiled && N <= FEW_TILED ? N : partLength(N);
  const S = Math.ceil(N / length);
  return S === 1
    ? [launch(pairs, total, N, N)]
    : [launch(pairs, parts, N, length), launch(parts, total, S, S)];
}
