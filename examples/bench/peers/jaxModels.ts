// The models in jax-js. It has no layers and no loop on the device: time is unrolled in the jit.

import { lax, nn, numpy as np } from '@jax-js/jax';
import type { HostArray } from '../../../src/graph/host';
import { jitted, put, training, type A, type Weights } from './jaxRun';
import { transposed } from './layout';
import type { Start } from './rival';

interface Cell {
  readonly wx: A;
  readonly wh: A;
  readonly bx: A;
  readonly bh: A;
}

/**
 * [B, T, I] to the states of all steps, each [B, H]. The inputs of all steps are one product; it is split
 * rather than sliced, because the gradient of a slice is as large as what it was taken from.
 */
function lstm(x: A, { wx, wh, bx, bh }: Cell): A[] {
  const [B, T] = x.shape;
  const ahead = np.split(np.matmul(x, wx.transpose()).add(bx).add(bh), T, 1);
  const recurrent = wh.transpose();
  const states: A[] = [];
  let cell: A | undefined;
  for (const step of ahead) {
    const before = states.at(-1);
    const now = step.reshape([B, -1]);
    const gates = before ? now.add(np.matmul(before.ref, recurrent.ref)) : now;
    const [i, f, g, o] = np.split(gates, 4, 1);
    const input = nn.sigmoid(i).mul(np.tanh(g));
    cell = cell ? nn.sigmoid(f).mul(cell).add(input) : input;
    states.push(nn.sigmoid(o).mul(np.tanh(cell.ref)));
  }
  return states;
}

export const lstmForward: Start = async (inputs) => {
  const names = ['x', 'weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'];
  const body = (x: A, wx: A, wh: A, bx: A, bh: A) => [np.stack(lstm(x, { wx, wh, bx, bh }), 1)];
  return jitted(
    body as (...args: A[]) => A[],
    names.map((name) => put(inputs[name])),
  );
};

/** The mean over all but the last axis, which holds the classes. */
export function crossEntropy(logits: A, targets: A): A {
  const classes = logits.shape.at(-1)!;
  const rows = logits.size / classes;
  const wanted = np.equal(targets.reshape([...targets.shape, 1]), np.arange(classes));
  return np.sum(np.where(wanted, nn.logSoftmax(logits), 0)).mul(-1 / rows);
}

export const lstmStep: Start = async (inputs) => {
  const loss = (w: Weights, ids: A, targets: A) => {
    // A row of a table as a product: the gradient of `np.take` does not compile.
    const x = np.matmul(nn.oneHot(ids, w['0.weight'].shape[0]), w['0.weight']);
    const [wx, wh, bx, bh] = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map(
      (name) => w[`1.${name}`],
    );
    const states = np.stack(lstm(x, { wx, wh, bx, bh }), 1);
    const logits = np.matmul(states, w['2.weight'].transpose()).add(w['2.bias']);
    return crossEntropy(logits, targets);
  };
  return training(loss, inputs, ['x', 'targets']);
};

/** x [B, C, T], w [O, C, K]: the past is padded, the future is not. */
export function causalConv(x: A, w: A, dilation: number): A {
  const past = (w.shape[2] - 1) * dilation;
  return lax.convGeneralDilated(x, w, [1], [[past, 0]], { rhsDilation: [dilation] });
}

/** w = g·v / ‖v‖, by output channel. */
function normed(w: Weights, name: string): A {
  const v = w[`${name}.weight_v`];
  const norm = np.sqrt(np.sum(v.ref.mul(v.ref), [1, 2], { keepdims: true }));
  return v.mul(np.divide(w[`${name}.weight_g`], norm));
}

export const tcnStep: Start = async (inputs) => {
  const levels = Object.keys(inputs).filter((name) => name.endsWith('conv1.weight_v')).length;
  const layer = (w: Weights, name: string, x: A, dilation: number) =>
    nn.relu(causalConv(x, normed(w, name), dilation).add(w[`${name}.bias`].reshape([-1, 1])));
  const loss = (w: Weights, x: A, targets: A) => {
    let value = x;
    for (let level = 0; level < levels; level++) {
      const name = `0.network.${level}`;
      const first = layer(w, `${name}.conv1`, value.ref, 2 ** level);
      value = nn.relu(layer(w, `${name}.conv2`, first, 2 ** level).add(value));
    }
    const last = np.matmul(value.transpose([0, 2, 1]), w['1.weight'].transpose());
    return crossEntropy(last.add(w['1.bias']), targets);
  };
  const x = transposed(inputs.x as HostArray, [0, 2, 1]);
  return training(loss, { ...inputs, x }, ['x', 'targets']);
};
