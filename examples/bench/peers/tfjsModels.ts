// The models in TensorFlow.js. Its own recurrent layers loop over the same ops, one step after the other.

import * as tf from '@tensorflow/tfjs-core';
import type { Start } from './rival';
import { causalTaps, crossEntropy, kept, put, training, type Weights } from './tfjsRun';

/** [B, T, I] to [B, T, H]. The inputs of all steps are one product; weights are named as in PyTorch. */
function lstm(x: tf.Tensor, w: Weights, prefix: string): tf.Tensor {
  const [wx, wh, bx, bh] = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map(
    (name) => w[`${prefix}${name}`],
  );
  const [B, T, I] = x.shape;
  const rows = tf.transpose(x, [1, 0, 2]).reshape([T * B, I]);
  const ahead = tf.fused.matMul({ a: rows, b: wx, transposeB: true, bias: bx.add(bh) });
  const states: tf.Tensor[] = [];
  let cell: tf.Tensor | undefined;
  for (const now of tf.unstack(ahead.reshape([T, B, -1]))) {
    const before = states.at(-1);
    const gates = before ? now.add(tf.matMul(before, wh, false, true)) : now;
    const [i, f, g, o] = tf.split(gates, 4, 1);
    const input: tf.Tensor = tf.sigmoid(i).mul(tf.tanh(g));
    cell = cell ? tf.sigmoid(f).mul(cell).add(input) : input;
    states.push(tf.sigmoid(o).mul(tf.tanh(cell)));
  }
  return tf.stack(states, 1);
}

/** x [B, T, I], w [O, I]. */
function linear(x: tf.Tensor, w: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [B, T, I] = x.shape;
  const y = tf.fused.matMul({ a: x.reshape([B * T, I]), b: w, transposeB: true, bias });
  return y.reshape([B, T, w.shape[0]]);
}

export const lstmForward: Start = async (inputs) => {
  const names = Object.keys(inputs);
  const body = (args: tf.Tensor[]) => {
    const { x, ...weights } = Object.fromEntries(names.map((name, i) => [name, args[i]]));
    return [lstm(x, weights, '')];
  };
  return kept(
    body,
    names.map((name) => put(inputs[name])),
  );
};

export const lstmStep: Start = async (inputs) =>
  training((w, ids, targets) => {
    const x = tf.gather(w['0.weight'], ids as tf.Tensor2D);
    const logits = linear(lstm(x, w, '1.'), w['2.weight'], w['2.bias']);
    return crossEntropy(logits, targets);
  }, inputs);

/** PyTorch's [O, C, K] as [K, C, O], with g·v / ‖v‖ for each output channel. */
function normed(w: Weights, name: string): tf.Tensor {
  const v = w[`${name}.weight_v`];
  const norm = v.square().sum([1, 2], true).sqrt();
  return tf.transpose(v.mul(w[`${name}.weight_g`].div(norm)), [2, 1, 0]);
}

export const tcnStep: Start = async (inputs) => {
  const levels = Object.keys(inputs).filter((name) => name.endsWith('conv1.weight_v')).length;
  const layer = (w: Weights, name: string, x: tf.Tensor, dilation: number) =>
    causalTaps(x, normed(w, name), dilation).add(w[`${name}.bias`]).relu();
  return training((w, x, targets) => {
    let value = x;
    for (let level = 0; level < levels; level++) {
      const name = `0.network.${level}`;
      const first = layer(w, `${name}.conv1`, value, 2 ** level);
      value = layer(w, `${name}.conv2`, first, 2 ** level)
        .add(value)
        .relu();
    }
    return crossEntropy(linear(value, w['1.weight'], w['1.bias']), targets);
  }, inputs);
};
