// y[…,m,n] = act( Σ_k a[…,m,k] · b[…,k,n] + bias[n] )

import { matmul, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly tA?: boolean;
  readonly tB?: boolean;
  readonly bias?: boolean;
  readonly activation?: 'relu' | 'tanh' | 'sigmoid';
}

export const op = ([a, b, bias]: readonly Tensor[], { tA, tB, activation }: Options) =>
  matmul(a, b, { transposeA: tA, transposeB: tB, bias, activation });

export function reference([a, b, bias]: readonly Doubles[], { tA, tB, activation }: Options): Doubles {
  const [m, K] = tA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const N = b.shape.at(tB ? -2 : -1)!;
  const y = zeros(...a.shape.slice(0, -2), m, N);
  const f = {
    relu: (v: number) => Math.max(v, 0),
    tanh: Math.tanh,
    sigmoid: (v: number) => 1 / (1 + Math.exp(-v)),
  };
  for (let i = 0; i < y.data.length; i++) {
    const [s, r, n] = [Math.floor(i / (m * N)), Math.floor(i / N) % m, i % N];
    let sum = bias ? bias.data[n] : 0;
    for (let k = 0; k < K; k++) {
      const inA = s * m * K + (tA ? k * m + r : r * K + k);
      const inB = (b.shape.length > 2 ? s * K * N : 0) + (tB ? n * K + k : k * N + n);
      sum += a.data[inA] * b.data[inB];
    }
    y.data[i] = activation ? f[activation](sum) : sum;
  }
  return y;
}

const plain = (M: number, K: number, N: number, options: Options = {}): Case => ({
  name: `${M}×${K}×${N} ${JSON.stringify(options)}`,
  shapes: [options.tA ? [K, M] : [M, K], options.tB ? [N, K] : [K, N], ...(options.bias ? [[N]] : [])],
  options,
});

const sizes = [1, 3, 7, 8, 9, 15, 16, 17, 33];
const transposes: Options[] = [{}, { tA: true }, { tB: true }, { tA: true, tB: true }];

export const cases: Case[] = [
  ...sizes.map((n) => plain(n, n, n)),
  ...transposes.flatMap((t) => [
    plain(16, 32, 64, t),
    plain(5, 6, 7, t),
    plain(64, 4, 12, t),
    plain(1, 70, 3, t),
  ]),
  ...transposes.map((t) => plain(130, 67, 66, t)),
  // Edges of the workgroup tiles, of 32 and 64, and of their slabs of 16.
  ...transposes.flatMap((t) => [plain(31, 15, 33, t), plain(36, 20, 32, t), plain(32, 16, 31, t)]),
  plain(65, 1, 3300),
  plain(17, 9, 21, { bias: true }),
  plain(12, 8, 16, { bias: true, activation: 'tanh' }),
  plain(12, 8, 16, { activation: 'sigmoid' }),
  plain(9, 5, 6, { bias: true, activation: 'relu' }),
  // Thin products, here or on the way back: K is cut into parts.
  plain(3, 2000, 5, { tA: true }),
  ...transposes.map((t) => plain(700, 6, 9, t)),
  plain(1030, 12, 20),
  {
    name: 'batched',
    shapes: [
      [3, 5, 6],
      [3, 6, 7],
    ],
    options: {},
  },
  {
    name: 'batched, transposed',
    shapes: [
      [2, 3, 6, 5],
      [2, 3, 7, 6],
    ],
    options: { tA: true, tB: true },
  },
  { name: 'batched, with a bias', shapes: [[3, 5, 6], [3, 6, 7], [7]], options: { activation: 'tanh' } },
  { name: 'one b for all', shapes: [[4, 5, 6], [6, 9], [9]], options: {} },
];
