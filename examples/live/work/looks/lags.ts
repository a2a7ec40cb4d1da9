// How far back gradients of the loss reach in a recurrent model, and the spectrum of its W.

import { array, type HostArray } from '../../../../src/graph/host';
import { gradientByLag, readWeights, singularValues } from '../../../../src/lab/index';
import { crossEntropy } from '../../../../src/ops/loss/crossEntropy';
import { ofOneSequence } from '../../../../src/tasks/task';
import type { Look, MakeLook } from './look';

/** Lags that are measured, positions that they are the mean of, and sequences. */
const [LAGS, PLACES, SEQUENCES] = [32, 8, 4];

/** The beginnings of the first sequences of an array [B, T, ...]. */
function beginnings({ shape, data }: HostArray, length: number): HostArray {
  const [B, T, ...rest] = shape;
  const each = rest.reduce((all, n) => all * n, 1);
  const count = Math.min(B, SEQUENCES);
  const parts = Array.from({ length: count }, (_, b) => data.slice(b * T * each, (b * T + length) * each));
  const all = parts.flatMap((part) => [...part]);
  const values = data instanceof Uint32Array ? Uint32Array.from(all) : Float32Array.from(all);
  return array([count, length, ...rest], values);
}

/** The mean norm of the gradient of the loss by lag, and the singular values of W. */
export const lags: MakeLook = ({ engine, task, program, settings }): Look => {
  const model = ofOneSequence(program.model);
  const [batch] = task.batches('valid');
  const [x, targets] = batch;
  const length = Math.min(LAGS + PLACES, x.shape[1]);
  const loss = (y: Parameters<typeof crossEntropy>[0], wanted: typeof y) => crossEntropy(y, wanted);
  const measure = gradientByLag(engine, model, { loss, lags: Math.min(LAGS, length - 1) });
  const probe = [x, targets].map((one) => beginnings(one, length));
  return async (step) => {
    const gradient = await measure(probe[0], probe[1]);
    const { layers } = await readWeights(engine, model);
    const singular = singularValues(layers[0].recurrent);
    return { name: 'lags', step, gradient, lambda: settings.stable, singular };
  };
};
