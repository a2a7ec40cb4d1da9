// y[m,n] = Σ_k a[k,m] · b[k,n], symmetric: here b is half of a

import { scale, type Tensor } from '../../src/index';
import { symmetricProduct } from '../../src/optim/symmetricProduct';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([a]: readonly Tensor[]) => symmetricProduct(a, scale(a, 0.5));

export function reference([a]: readonly Doubles[]): Doubles {
  const [N] = a.shape;
  const y = zeros(N, N);
  for (let m = 0; m < N; m++) {
    for (let n = 0; n < N; n++) {
      for (let k = 0; k < N; k++) y.data[m * N + n] += (a.data[k * N + m] * a.data[k * N + n]) / 2;
    }
  }
  return y;
}

export const differentiable = [];

const square = (N: number): Case => ({ name: `${N} by ${N}`, shapes: [[N, N]] });

// Of 17 on, squares of 16 in several rows; an odd and an even number of them; edges inside and at the end of a square.
export const cases: Case[] = [1, 4, 7, 12, 16, 17, 20, 32, 36, 48, 64, 76].map(square);
