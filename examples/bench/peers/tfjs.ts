// TensorFlow.js on its WebGPU backend: eager ops, with `tidy` to free what is between, and what it has fused.

import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { dependencies } from './package.json';
import type { Rival, Start } from './rival';
import { lstmForward, lstmStep, tcnStep } from './tfjsModels';
import { causalTaps, crossEntropy, kept, put } from './tfjsRun';

type Product = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const product =
  (body: Product): Start =>
  async ({ a, b }) =>
    kept(([x, y]) => [body(x, y)], [put(a), put(b)]);

const repeated = (times: number, body: Product, ...names: [string, string]): Start => {
  return async (inputs) =>
    kept(
      ([start, term]) => {
        let value = start;
        for (let i = 0; i < times; i++) value = body(value, term);
        return [value];
      },
      names.map((name) => put(inputs[name])),
    );
};

const DILATION = 8;

const convForward: Start = async ({ x, w }) => {
  const past = (w.shape[0] - 1) * DILATION;
  const body = ([value, taps]: tf.Tensor[]) => {
    const padded = tf.pad(value as tf.Tensor3D, [
      [0, 0],
      [past, 0],
      [0, 0],
    ]);
    return [tf.conv1d(padded, taps as tf.Tensor3D, 1, 'valid', 'NWC', DILATION)];
  };
  return kept(body, [put(x), put(w)]);
};

const convTraining: Start = async ({ x, w, dy }) => {
  const conv = tf.valueAndGrads((value: tf.Tensor, taps: tf.Tensor) => causalTaps(value, taps, DILATION));
  const body = ([value, taps, incoming]: tf.Tensor[]) => {
    const { value: y, grads } = conv([value, taps], incoming);
    return [y, ...grads];
  };
  return kept(body, [put(x), put(w), put(dy)]);
};

const layerNorm: Start = async ({ x, weight, bias }) => {
  const body = ([value, scale, shift]: tf.Tensor[]) => {
    const { mean, variance } = tf.moments(value, -1, true);
    const normal = value.sub(mean).mul(variance.add(1e-5).rsqrt());
    return [normal.mul(scale).add(shift)];
  };
  return kept(body, [put(x), put(weight), put(bias)]);
};

const softmaxCrossEntropy: Start = async ({ logits, targets }) => {
  const body = ([value, wanted]: tf.Tensor[]) => {
    const loss = tf.valueAndGrad((rows: tf.Tensor) => crossEntropy(rows, wanted));
    const { value: mean, grad } = loss(value);
    return [mean, grad];
  };
  return kept(body, [put(logits), put(targets)]);
};

export const tfjs: Rival = {
  name: 'TensorFlow.js',
  version: dependencies['@tensorflow/tfjs-core'],
  async open() {
    if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js found no WebGPU');
    await tf.ready();
  },
  cases: {
    'matmul 256': product(tf.matMul),
    'matmul 512': product(tf.matMul),
    'matmul 1024': product(tf.matMul),
    'matmul 512 a·bᵀ': product((a, b) => tf.matMul(a, b, false, true)),
    'matmul 512 aᵀ·b': product((a, b) => tf.matMul(a, b, true, false)),
    'matmul 64 × 64³': product(tf.matMul),
    'causalConv dilation 8': convForward,
    'causalConv training': convTraining,
    'LSTM forward': lstmForward,
    'LSTM training step': lstmStep,
    'TCN training step': tcnStep,
    add: product(tf.add),
    'cross-entropy': softmaxCrossEntropy,
    layerNorm,
    '1000 adds': repeated(1000, tf.add, 'x', 'b'),
    '200 products': repeated(200, tf.matMul, 'x', 'r'),
  },
};
