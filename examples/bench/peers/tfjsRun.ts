// How TensorFlow.js runs: ops fill a command encoder submitted every 15 launches, and here at the end.

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Inputs } from '../../../src/bench/case';
import type { HostArray } from '../../../src/graph/host';
import { clock, LOSSES, type Run } from './rival';

/** Whole numbers become int32, the type of its indices. */
export const put = ({ shape, data }: HostArray): tf.Tensor =>
  data instanceof Float32Array
    ? tf.tensor(data, [...shape], 'float32')
    : tf.tensor(Int32Array.from(data), [...shape], 'int32');

async function idle(): Promise<void> {
  const backend = tf.backend() as WebGPUBackend;
  // It submits what it has, and there has to be something.
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.device.queue.onSubmittedWorkDone();
}

const read = async (tensor: tf.Tensor): Promise<Float32Array> => {
  const data = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return data;
};

/** A function of tensors that stay on the device. */
export const kept = (body: (args: tf.Tensor[]) => tf.Tensor[], args: tf.Tensor[]): Run => {
  const run = () => tf.tidy(() => body(args));
  return {
    time: (times) =>
      clock(() => {
        for (let i = 0; i < times; i++) tf.dispose(run());
      }, idle),
    results: () => Promise.all(run().map(read)),
    dispose: () => tf.dispose(args),
  };
};

export type Weights = Record<string, tf.Tensor>;

/** Training with its own Adam; all inputs but x and targets are weights. */
export function training(
  loss: (weights: Weights, x: tf.Tensor, targets: tf.Tensor) => tf.Tensor,
  { x, targets, ...given }: Inputs,
): Run {
  const weights = Object.fromEntries(
    Object.entries(given).map(([name, array]) => [name, tf.variable(put(array))]),
  );
  const variables = Object.values(weights);
  const adam = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const args = [put(x), put(targets)] as const;
  const run = () => adam.minimize(() => loss(weights, ...args) as tf.Scalar, true, variables)!;
  return {
    time: (times) =>
      clock(() => {
        for (let i = 0; i < times; i++) run().dispose();
      }, idle),
    async results() {
      const losses: Float32Array[] = [];
      while (losses.length < LOSSES) losses.push(await read(run()));
      return losses;
    },
    dispose() {
      adam.dispose();
      tf.dispose([...variables, ...args]);
    },
  };
}

/** The mean over all but the last axis, which holds the classes. */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const classes = logits.shape.at(-1)!;
  const wanted = tf.oneHot(targets.flatten() as tf.Tensor1D, classes);
  return tf.losses.softmaxCrossEntropy(wanted, logits.reshape([-1, classes]));
}

/**
 * x [B, T, C], w [K, C, O]: a causal convolution as a sum of shifted products, because the gradient of the
 * convolution that it has throws where the dilation is above 1.
 */
export function causalTaps(x: tf.Tensor, w: tf.Tensor, dilation: number): tf.Tensor {
  const [B, T, C] = x.shape;
  const taps = tf.unstack(w);
  const past = (taps.length - 1) * dilation;
  const padded = tf.pad(x, [
    [0, 0],
    [past, 0],
    [0, 0],
  ]);
  const shifted = taps.map((tap, k) =>
    tf.matMul(tf.slice(padded, [0, k * dilation, 0], [B, T, C]).reshape([B * T, C]), tap as tf.Tensor2D),
  );
  return shifted.reduce((sum, one) => sum.add(one)).reshape([B, T, w.shape[2]!]);
}
