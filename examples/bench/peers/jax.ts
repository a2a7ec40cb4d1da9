// jax-js: JAX in TypeScript, with kernels generated from expressions. Every case is one jit.

import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad, vjp } from '@jax-js/jax';
import { array } from '../../../src/graph/host';
import { causalConv, crossEntropy, lstmForward, lstmStep, tcnStep } from './jaxModels';
import { transformerStep } from './jaxTransformer';
import { jitted, pure, put, type A } from './jaxRun';
import { transposed } from './layout';
import { dependencies } from './package.json';
import type { Rival, Start } from './rival';

const product =
  (body: (a: A, b: A) => A): Start =>
  async ({ a, b }) =>
    jitted((x, y) => [body(x, y)], [put(a), put(b)]);

const forwardConv =
  (dilation: number): Start =>
  async ({ x, w }) => {
    const [B, T] = x.shape;
    const args = [put(transposed(x, [0, 2, 1])), put(transposed(w, [2, 1, 0]))];
    const finish = ([y]: Float32Array[]) => [
      transposed(array([B, w.shape[2], T], y), [0, 2, 1]).data as Float32Array,
    ];
    return jitted((a, b) => [causalConv(a, b, dilation)], args, finish);
  };

const convTraining: Start = async ({ x, w, dy }) => {
  const [B, T, C] = x.shape;
  const [K, , O] = w.shape;
  const args = [put(transposed(x, [0, 2, 1])), put(transposed(w, [2, 1, 0])), put(transposed(dy, [0, 2, 1]))];
  const body = (a: A, b: A, incoming: A): A[] => {
    const [y, back] = vjp((u: A, v: A) => causalConv(u, v, 8), [a, b]);
    return [y, ...back(incoming)];
  };
  const finish = ([y, dx, dw]: Float32Array[]) =>
    [
      transposed(array([B, O, T], y), [0, 2, 1]),
      transposed(array([B, C, T], dx), [0, 2, 1]),
      transposed(array([O, C, K], dw), [2, 1, 0]),
    ].map(({ data }) => data as Float32Array);
  return jitted(body as (...args: A[]) => A[], args, finish);
};

/** A hundred at a time: the expression that it makes of a thousand nests deeper than WGSL allows. */
const CHUNK = 100;

const adds: Start = async ({ x, b }) => {
  const hundred = jit((value: A, term: A) => {
    for (let i = 0; i < CHUNK; i++) value = value.add(term.ref);
    return value;
  });
  const args = [put(x), put(b)];
  const run = () => {
    let value = args[0].ref;
    for (let i = 0; i < 1000; i += CHUNK) value = hundred(value, args[1].ref);
    return [value];
  };
  return pure({ args, run });
};

const products: Start = async ({ x, r }) =>
  jitted(
    (value, turn) => {
      for (let i = 0; i < 200; i++) value = np.matmul(value, turn.ref);
      return [value];
    },
    [put(x), put(r)],
  );

const layerNorm: Start = async ({ x, weight, bias }) =>
  jitted(
    (rows, scale, shift) => [nn.standardize(rows, -1, { epsilon: 1e-5 }).mul(scale).add(shift)],
    [put(x), put(weight), put(bias)],
  );

const softmaxCrossEntropy: Start = async ({ logits, targets }) => {
  const loss = valueAndGrad((rows: A, wanted: A) => crossEntropy(rows, wanted));
  return jitted((rows, wanted) => [...loss(rows, wanted)], [put(logits), put(targets)]);
};

export const jax: Rival = {
  name: 'jax-js',
  version: dependencies['@jax-js/jax'],
  async open() {
    if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU');
    defaultDevice('webgpu');
  },
  cases: {
    'matmul 256': product(np.matmul),
    'matmul 512': product(np.matmul),
    'matmul 1024': product(np.matmul),
    'matmul 512 a·bᵀ': product((a, b) => np.matmul(a, b.transpose())),
    'matmul 512 aᵀ·b': product((a, b) => np.matmul(a.transpose(), b)),
    'matmul 64 × 64³': product(np.matmul),
    'causalConv dilation 8': forwardConv(8),
    'causalConv training': convTraining,
    'LSTM forward': lstmForward,
    'LSTM training step': lstmStep,
    'TCN training step': tcnStep,
    'Transformer translation step': transformerStep,
    add: product(np.add),
    'cross-entropy': softmaxCrossEntropy,
    layerNorm,
    '1000 adds': adds,
    '200 products': products,
  },
};
