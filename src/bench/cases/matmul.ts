// Matrix products: squares, each operand transposed, many small ones, and the shapes that models have.

import { matmul } from '../../ops/matmul/matmul';
import { noise, sampledError, type Case } from '../case';

interface Product {
  readonly name: string;
  readonly batch?: number;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

function product({ name, batch, M, K, N, transposeA = false, transposeB = false }: Product): Case {
  const lead = batch ? [batch] : [];
  return {
    name,
    about: `${batch ? `${batch} × ` : ''}[${M}, ${K}]${transposeA ? 'ᵀ' : ''}·[${K}, ${N}]${transposeB ? 'ᵀ' : ''}`,
    limit: 'fma',
    inputs: () => ({
      a: noise([...lead, ...(transposeA ? [K, M] : [M, K])], 1),
      b: noise([...lead, ...(transposeB ? [N, K] : [K, N])], 2),
    }),
    build(engine, { a, b }) {
      return {
        step: engine.record((x, y) => matmul(x, y, { transposeA, transposeB })),
        args: [a, b],
        error: ([y]) =>
          sampledError(y, (i) => {
            const s = Math.floor(i / (M * N));
            const m = Math.floor(i / N) % M;
            const n = i % N;
            let sum = 0;
            for (let k = 0; k < K; k++) {
              const left = a.data[s * M * K + (transposeA ? k * M + m : m * K + k)];
              sum += left * b.data[s * K * N + (transposeB ? n * K + k : k * N + n)];
            }
            return sum;
          }),
      };
    },
  };
}

const square = (size: number): Product => ({ name: `matmul ${size}`, M: size, K: size, N: size });

/** Products, square and as models have them. */
export const MATMULS: readonly Case[] = [
  ...[256, 512, 1024, 2048].map(square),
  { ...square(512), name: 'matmul 512 a·bᵀ', transposeB: true },
  { ...square(512), name: 'matmul 512 aᵀ·b', transposeA: true },
  { ...square(64), name: 'matmul 64 × 64³', batch: 64 },
  { name: 'matmul LSTM input', M: 2048, K: 128, N: 1024 },
  { name: 'matmul LSTM weights', M: 256, K: 2048, N: 1024, transposeA: true },
  { name: 'matmul LM head', M: 128, K: 256, N: 33278 },
  { name: 'matmul one row', M: 1, K: 1024, N: 4096 },
].map(product);
