// A training step of the translating Transformer in jax-js, whole in one jit: as the bench has it, norms in front, one
// table for source, target and softmax, sources without padding.

import { nn, numpy as np } from '@jax-js/jax';
import { array } from '../../../src/graph/host';
import { sinusoids } from '../../../src/nn/positions';
import { crossEntropy } from './jaxModels';
import { training, type A, type Weights } from './jaxRun';
import type { Start } from './rival';

const HEADS = 4;

const linear = (w: Weights, name: string, x: A): A =>
  np.matmul(x, w[`${name}.weight`].transpose()).add(w[`${name}.bias`]);

const norm = (w: Weights, name: string, x: A): A =>
  nn.standardize(x, -1).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);

/** Attention of queries to keys and values, each [B, T, C]. */
function attended([q, k, v]: readonly A[], isCausal = false): A {
  const heads = (x: A) => x.reshape([x.shape[0], x.shape[1], HEADS, -1]);
  const { shape } = q;
  return nn.dotProductAttention(heads(q), heads(k), heads(v), { isCausal }).reshape(shape);
}

function selfAttention(w: Weights, name: string, x: A, isCausal: boolean): A {
  const projected = np.matmul(x, w[`${name}.in_proj_weight`].transpose()).add(w[`${name}.in_proj_bias`]);
  return linear(w, `${name}.out_proj`, attended(np.split(projected, 3, 2), isCausal));
}

function crossAttention(w: Weights, name: string, x: A, heard: A): A {
  const [q, k, v] = [x, heard.ref, heard].map((one, i) => linear(w, `${name}.${'qkv'[i]}_proj`, one));
  return linear(w, `${name}.out_proj`, attended([q, k, v]));
}

/** x and what `f` makes of its norm. */
const around = (w: Weights, name: string, x: A, f: (x: A) => A): A => x.ref.add(f(norm(w, name, x)));

const feed = (w: Weights, name: string, x: A): A =>
  around(w, `${name}.norm2`, x, (y) =>
    linear(w, `${name}.linear2`, nn.relu(linear(w, `${name}.linear1`, y))),
  );

/** The logits of every position of a target. */
function logitsOf(w: Weights, source: A, target: A, positions: A): A {
  const layers = Object.keys(w).filter((name) => /^encoder.*in_proj_weight$/.test(name)).length;
  const table = w['source_embedding.weight'];
  const [words, C] = table.shape;
  const embedded = (ids: A, places: A) =>
    np.matmul(nn.oneHot(ids, words), table.ref).mul(Math.sqrt(C)).add(places);
  let x = embedded(source, positions.ref);
  for (let l = 0; l < layers; l++) {
    const name = `encoder.layers.${l}`;
    x = around(w, `${name}.norm1`, x, (y) => selfAttention(w, `${name}.self_attn`, y, false));
    x = feed(w, name, x);
  }
  const heard = norm(w, 'encoder.norm', x);
  let y = embedded(target, positions);
  for (let l = 0; l < layers; l++) {
    const name = `decoder.layers.${l}`;
    y = around(w, `${name}.norm1`, y, (z) => selfAttention(w, `${name}.self_attn`, z, true));
    const other = l < layers - 1 ? heard.ref : heard;
    y = around(w, `${name}.encoder_attn_layer_norm`, y, (z) =>
      crossAttention(w, `${name}.encoder_attn`, z, other),
    );
    y = feed(w, name, y);
  }
  return np.matmul(norm(w, 'decoder.norm', y), table.transpose());
}

const RATE = 1e-4;

export const transformerStep: Start = async (given) => {
  // All sources are as long as the longest.
  const inputs = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'lengths'));
  const [, T] = inputs.source.shape;
  const [, C] = inputs['source_embedding.weight'].shape;
  const loss = (w: Weights, source: A, target: A, asked: A, positions: A) =>
    crossEntropy(logitsOf(w, source, target, positions), asked);
  const positions = array([T, C], sinusoids(T, C));
  return training(loss, { ...inputs, positions }, ['source', 'target', 'asked', 'positions'], RATE);
};
