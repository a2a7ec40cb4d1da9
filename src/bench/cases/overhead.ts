// Many small launches, each waiting for the one before: what a graph costs when its kernels cost nothing.

import type { Tensor } from '../../graph/tensor';
import { add, sub } from '../../ops/elementwise/binary';
import { matmul } from '../../ops/matmul/matmul';
import { array } from '../../graph/host';
import { apart, noise, sampledError, type Case } from '../case';

const ADDS = 1000;
const PRODUCTS = 200;
const SIZE = 32;

const adds: Case = {
  name: '1000 adds',
  about: `x + b, ${ADDS} times, 1024 elements, in one replay`,
  limit: 'dispatch',
  inputs: () => ({ x: noise([1024], 1), b: noise([1024], 2, 1e-3) }),
  build: (engine, { x, b }) => ({
    step: engine.record((start, term) => repeated(ADDS, start, (value) => add(value, term))),
    args: [x, b],
    error: ([y]) => sampledError(y, (i) => x.data[i] + ADDS * b.data[i]),
  }),
};

/** No two launches in a row have the same pipeline: the host has most to say. */
export const inTurns: Case = {
  name: 'adds and subs',
  about: `x + b - c, ${ADDS / 2} times, 1024 elements, in one replay: two pipelines in turns`,
  limit: 'dispatch',
  inputs: () => ({ x: noise([1024], 1), b: noise([1024], 2, 1e-3), c: noise([1024], 3, 1e-3) }),
  build: (engine, { x, b, c }) => ({
    step: engine.record((start, more, less) =>
      repeated(ADDS / 2, start, (value) => apart(sub(apart(add(value, more)), less))),
    ),
    args: [x, b, c],
    error: ([y]) => sampledError(y, (i) => x.data[i] + (ADDS / 2) * (b.data[i] - c.data[i])),
  }),
};

const products: Case = {
  name: '200 products',
  about: `x·r, ${PRODUCTS} times, ${SIZE}³, r a rotation, in one replay`,
  limit: 'dispatch',
  inputs: () => ({ x: noise([SIZE, SIZE], 1), r: array([SIZE, SIZE], rotation()) }),
  build: (engine, { x, r }) => ({
    step: engine.record((start, turn) => repeated(PRODUCTS, start, (value) => matmul(value, turn))),
    args: [x, r],
    error: ([y]) =>
      sampledError(y, (i) => {
        // Columns turn in pairs, so the whole way is one turn by 200 angles.
        const [row, column] = [Math.floor(i / SIZE), i % SIZE];
        const first = row * SIZE + column - (column % 2);
        const angle = PRODUCTS * angleOf(column);
        const [u, v] = [x.data[first], x.data[first + 1]];
        return column % 2
          ? v * Math.cos(angle) - u * Math.sin(angle)
          : u * Math.cos(angle) + v * Math.sin(angle);
      }),
  }),
};

const angleOf = (column: number): number => 0.1 * (1 + Math.floor(column / 2));

/** Pairs of columns turn, each pair by an angle of its own: values neither vanish nor explode. */
function rotation(): Float32Array {
  const r = new Float32Array(SIZE * SIZE);
  for (let i = 0; i < SIZE; i += 2) {
    const [c, s] = [Math.cos(angleOf(i)), Math.sin(angleOf(i))];
    r[i * SIZE + i] = c;
    r[i * SIZE + i + 1] = -s;
    r[(i + 1) * SIZE + i] = s;
    r[(i + 1) * SIZE + i + 1] = c;
  }
  return r;
}

function repeated(times: number, start: Tensor, body: (value: Tensor) => Tensor): Tensor {
  let value = start;
  for (let i = 0; i < times; i++) value = body(value);
  return value;
}

/** Steps of many small launches, where what a launch costs is all that counts. */
export const OVERHEADS: readonly Case[] = [adds, inTurns, products];
