// What moves memory rather than multiplies: elementwise work, rows, and tables.

import { gradient } from '../../graph/gradient';
import { Parameter } from '../../graph/state';
import { sizeOf, type Shape } from '../../graph/shape';
import { add } from '../../ops/elementwise/binary';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { embedding } from '../../ops/embedding/embedding';
import { layerNorm } from '../../ops/norm/layerNorm';
import { noise, sampledError, symbols, type Case } from '../case';

const FLOAT = 4;

const elementwise: Case = {
  name: 'add',
  about: 'a + b, 4 M elements',
  limit: 'copy',
  bytes: 3 * 2 ** 22 * FLOAT,
  inputs: () => ({ a: noise([2 ** 22], 1), b: noise([2 ** 22], 2) }),
  build: (engine, { a, b }) => ({
    step: engine.record(add),
    args: [a, b],
    error: ([y]) => sampledError(y, (i) => a.data[i] + b.data[i]),
  }),
};

const ROWS = 256;
const WORDS = 33278;

const softmaxCrossEntropy: Case = {
  name: 'cross-entropy',
  about: `loss and gradient, which takes the place of a copy of the logits; ${ROWS} rows of ${WORDS} classes`,
  limit: 'copy',
  // The copy; then read once for the loss, and read and written for the gradient.
  bytes: 5 * ROWS * WORDS * FLOAT,
  inputs: () => ({ logits: noise([ROWS, WORDS], 1, 4), targets: symbols([ROWS], 2, WORDS) }),
  build: (engine, { logits, targets }) => ({
    step: engine.record((x, wanted) => {
      const loss = crossEntropy(x, wanted);
      return [loss, ...gradient(loss, [x])];
    }),
    args: [logits, targets],
    error([loss]) {
      let mean = 0;
      for (let row = 0; row < ROWS; row++) {
        let total = 0;
        for (let word = 0; word < WORDS; word++) total += Math.exp(logits.data[row * WORDS + word]);
        mean += (Math.log(total) - logits.data[row * WORDS + targets.data[row]]) / ROWS;
      }
      return Math.abs(loss[0] - mean) / mean;
    },
  }),
};

const TOKENS = 4096;
const TABLE: Shape = [10000, 128];

const embeddingGradient: Case = {
  name: 'embedding gradient',
  about: `${TOKENS} tokens into a table [${TABLE.join(', ')}]`,
  limit: 'copy',
  bytes: (TOKENS * TABLE[1] + sizeOf(TABLE)) * FLOAT,
  inputs: () => ({ ids: symbols([TOKENS], 1, TABLE[0]), dy: noise([TOKENS, TABLE[1]], 2) }),
  build(engine, { ids, dy }) {
    const table = new Parameter(TABLE, 'zeros');
    const rows = new Map<number, number[]>();
    ids.data.forEach((id, n) => rows.set(id, [...(rows.get(id) ?? []), n]));
    return {
      step: engine.record((tokens, incoming) => gradient(embedding(tokens, table), [table], incoming)),
      args: [ids, dy],
      error: ([dtable]) =>
        sampledError(dtable, (i) => {
          const [id, column] = [Math.floor(i / TABLE[1]), i % TABLE[1]];
          return (rows.get(id) ?? []).reduce((total, n) => total + dy.data[n * TABLE[1] + column], 0);
        }),
    };
  },
};

const NORM: Shape = [4096, 512];

const layerNorms: Case = {
  name: 'layerNorm',
  about: `rows of [${NORM.join(', ')}]`,
  limit: 'copy',
  bytes: 2 * sizeOf(NORM) * FLOAT,
  inputs: () => ({ x: noise(NORM, 1), weight: noise([NORM[1]], 2), bias: noise([NORM[1]], 3) }),
  build: (engine, { x, weight, bias }) => ({
    step: engine.record((...t) => layerNorm(t[0], { scale: t[1], shift: t[2] })),
    args: [x, weight, bias],
    error: ([y]) =>
      sampledError(y, (i) => {
        const [row, column] = [Math.floor(i / NORM[1]), i % NORM[1]];
        const values = Array.from(x.data.subarray(row * NORM[1], (row + 1) * NORM[1]));
        const mean = values.reduce((a, b) => a + b, 0) / NORM[1];
        const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / NORM[1];
        return ((x.data[i] - mean) / Math.sqrt(variance + 1e-5)) * weight.data[column] + bias.data[column];
      }),
  }),
};

/** Ops that are limited by memory. */
export const MEMORY: readonly Case[] = [elementwise, softmaxCrossEntropy, embeddingGradient, layerNorms];
