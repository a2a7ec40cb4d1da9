// Constraints on parameters: the spectral projection against an SVD of ml-matrix, the bounds on an LSTM's gates
// against plain loops, and both as part of a training step.

import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  nn,
  optim,
  profileStep,
  square,
  stable,
  sum,
  type Engine,
  type Parameter,
  type Tensor,
} from '../../../src/index';
import { toTorch } from '../../../src/nn/layout';
import { openTestEngine, uniform } from '../../harness/engine';

const engines = await Promise.all(
  (['direct', 'workgroup'] as const).map((family) => openTestEngine({ family })),
);
const [engine] = engines;
afterAll(() => engines.forEach((one) => one.destroy()));

const svd = (w: ArrayLike<number>, n: number) =>
  new SingularValueDecomposition(Matrix.from1DArray(n, n, Array.from(w)), { autoTranspose: true });
const normOf = (w: ArrayLike<number>) => Math.sqrt(Array.from(w).reduce((total, x) => total + x * x, 0));
const spectralNormOf = (w: ArrayLike<number>, n: number) => svd(w, n).diagonal[0];

/** Every singular value above λ replaced by λ, in doubles. */
function clipped(w: ArrayLike<number>, n: number, lambda: number): number[] {
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = svd(w, n);
  const s = Matrix.diag(diagonal.map((value) => Math.min(value, lambda)));
  return u.mmul(s).mmul(v.transpose()).to1DArray();
}

async function project(device: Engine, w: Float32Array, n: number, lambda: number, passes?: 1 | 2) {
  const step = device.record((x: Tensor) => optim.clipSpectrum(x, lambda, { passes }));
  return (await step(array([n, n], w)).read()) as Float32Array;
}

const times = (factor: number, w: Float32Array) => w.map((x) => factor * x);

/** Sum of `rank` outer products. */
function lowRank(n: number, rank: number): Float32Array {
  const [a, b] = [uniform(3, n * rank), uniform(4, n * rank)];
  return Float32Array.from({ length: n * n }, (_, i) => {
    let total = 0;
    for (let r = 0; r < rank; r++) total += a[Math.floor(i / n) * rank + r] * b[(i % n) * rank + r];
    return total / 4;
  });
}

/** Singular values spread evenly from `from` to `to`. */
function spread(n: number, from: number, to: number): Float32Array {
  const { leftSingularVectors: u, rightSingularVectors: v } = svd(uniform(5, n * n), n);
  const s = Matrix.diag(Array.from({ length: n }, (_, i) => from + ((to - from) * i) / Math.max(1, n - 1)));
  return Float32Array.from(u.mmul(s).mmul(v.transpose()).to1DArray());
}

describe('clipSpectrum', () => {
  const cases: [string, number, Float32Array, number][] = [
    ['one value', 1, Float32Array.of(-1.7), 0.9],
    ['an initial weight', 33, times(1 / Math.sqrt(33), uniform(1, 33 * 33)), 0.5],
    ['random', 64, times(0.3, uniform(2, 64 * 64)), 1],
    ['rank 3', 41, lowRank(41, 3), 0.7],
    ['inside already', 40, spread(40, 0.1, 0.8), 0.9],
    ['nearly all above', 48, spread(48, 0.9, 5), 0.95],
    ['all at λ', 32, spread(32, 0.99, 1.01), 1],
    ['zeros', 6, new Float32Array(36), 0.5],
  ];

  test.each(cases)('%s, %i wide, is the Euclidean projection', async (_name, n, w, lambda) => {
    const expected = clipped(w, n, lambda);
    for (const device of engines) {
      const found = await project(device, w, n, lambda);
      const error = normOf(found.map((x, i) => x - expected[i]));
      expect(error).toBeLessThanOrEqual(1e-3 * normOf(w));
      expect(spectralNormOf(found, n)).toBeLessThanOrEqual(lambda + 1e-4);
    }
  });

  test('two passes suit a matrix that is a hundred times too large', async () => {
    const w = spread(50, 0.2, 100);
    const found = await project(engine, w, 50, 1, 2);
    expect(spectralNormOf(found, 50)).toBeLessThanOrEqual(1 + 1e-4);
    const expected = clipped(w, 50, 1);
    expect(normOf(found.map((x, i) => x - expected[i]))).toBeLessThanOrEqual(1e-3 * normOf(w));
  });

  test.each([1e-20, 1e-5, 1e5, 1e20])('of size %d', async (size) => {
    const n = 24;
    const [even, identity] = [
      spread(n, 0.9, 1.1),
      Float32Array.from({ length: n * n }, (_, i) => +(i % (n + 1) === 0)),
    ];
    for (const w of [even, identity]) {
      for (const device of engines) {
        for (const passes of [1, 2] as const) {
          // Beside a bound of its own size, and of one.
          const found = await project(device, times(size, w), n, size, passes);
          const expected = clipped(w, n, 1);
          expect(normOf(found.map((x, i) => x / size - expected[i]))).toBeLessThanOrEqual(1e-3);
          const within = await project(device, times(size, w), n, 1, passes);
          // What is within stays; of what is far outside all is about at the bound.
          const wanted = size < 1 ? times(size, w) : clipped(w, n, 0.9).map((x) => x / 0.9);
          const error = normOf(within.map((x, i) => x - wanted[i]));
          expect(error).toBeLessThanOrEqual(size < 1 ? 0 : 0.02);
          expect(spectralNormOf(within, n)).toBeLessThanOrEqual(1 + 1e-4);
        }
      }
    }
  });

  test('NaN stays', async () => {
    const w = Float32Array.from({ length: 9 }, (_, i) => (i === 4 ? NaN : i));
    for (const device of engines)
      expect([...(await project(device, w, 3, 0.5))].some(Number.isNaN)).toBe(true);
  });

  test('what is no square matrix, or no bound, is refused', () => {
    const recorded = (shape: number[], lambda: number) => () =>
      engine.record((x: Tensor) => optim.clipSpectrum(x, lambda))(array(shape, new Float32Array(6)));
    expect(recorded([2, 3], 1)).toThrow(/clipSpectrum: w is \[2, 3\] and λ 1/);
    expect(recorded([6, 1], 1)).toThrow(/clipSpectrum/);
    const { weight } = new nn.Linear(3, 3);
    expect(() => optim.spectralNorm(weight, -1)).toThrow(/λ is -1/);
  });
});

const parametersOf = (layer: nn.RNN | nn.LSTM) => {
  const all = layer.namedParameters();
  const [wx, wh, bx, bh] = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) =>
    all.get(name)!,
  );
  return { wx, wh, bx, bh };
};

/** Values in PyTorch's order. */
const read = async (parameter: Parameter) =>
  toTorch(parameter, (await engine.read(parameter)) as Float32Array);

describe('in a training step', () => {
  const H = 12;
  const x = array([2, 5, 3], uniform(7, 30));

  test('a tanh RNN stays within λ, and steps as without where it is within', async () => {
    const lambda = 0.6;
    const weights: Float32Array[] = [];
    for (const bound of [lambda, 50]) {
      nn.seed(3);
      const rnn = new nn.RNN(3, H);
      const { wh } = parametersOf(rnn);
      const constraints = [optim.spectralNorm(wh, bound)];
      const adam = new optim.Adam(rnn.parameters(), { learningRate: 0.05, constraints });
      const step = engine.train((input: Tensor) => adam.minimize(sum(square(rnn.forward(input)))));
      // The first update from the same start, then projected, is what the other run has before any projection.
      await step(x).item();
      weights.push(await read(wh));
      if (bound === 50) continue;
      for (let i = 0; i < 5; i++) await step(x).item();
      expect(spectralNormOf(await read(wh), H)).toBeLessThanOrEqual(lambda + 1e-4);
      const { rows } = await profileStep(step, x);
      const own = rows.filter(({ op }) => op.startsWith('spectralNorm/'));
      expect(own.map(({ op }) => op)).toContain('spectralNorm/matmul');
      expect(own.reduce((count, { launches }) => count + launches, 0)).toBeLessThan(80);
    }
    const expected = clipped(weights[1], H, lambda);
    expect(spectralNormOf(weights[1], H)).toBeGreaterThan(lambda);
    weights[0].forEach((value, i) => expect(value).toBeCloseTo(expected[i], 3));
  });

  const bounds = { wi: 0.395, wf: 0.155, wo: 0.395, wz: 0.099, uf: 0.25, bf: 0.25, x: 1 };

  test('an LSTM stays within the bounds of its gates, by rows', async () => {
    const lstm = new nn.LSTM(3, H, { forgetBias: 2 });
    const layer = parametersOf(lstm);
    const constraints = [optim.gateNorms(layer, bounds)];
    const sgd = new optim.SGD(lstm.parameters(), { learningRate: 0.01, constraints });
    await engine
      .train((input: Tensor) => sgd.minimize(sum(square(lstm.forward(input)))))(x)
      .item();
    const [wh, wx, bx, bh] = await Promise.all([layer.wh, layer.wx, layer.bx, layer.bh].map(read));
    const rowSums = (w: Float32Array, gate: number, width: number) =>
      Array.from({ length: H }, (_, i) => {
        const row = w.subarray((gate * H + i) * width, (gate * H + i + 1) * width);
        return row.reduce((total, value) => total + Math.abs(value), 0);
      });
    const most = [bounds.wi, bounds.wf, bounds.wz, bounds.wo];
    most.forEach((bound, gate) => {
      for (const sum of rowSums(wh, gate, H)) expect(sum).toBeCloseTo(bound, 5);
    });
    for (const sum of rowSums(wx, 1, 3)) expect(sum).toBeLessThan(bounds.uf + 1e-6);
    // Nothing asks for the other gates' inputs to be small.
    expect(Math.max(...rowSums(wx, 0, 3))).toBeGreaterThan(bounds.uf);
    for (let i = H; i < 2 * H; i++) expect(bx[i] + bh[i]).toBeLessThanOrEqual(bounds.bf);
    expect(bx[H]).toBeCloseTo(bounds.bf / 2, 6);
    expect(Math.max(...bx.subarray(2 * H).map(Math.abs))).toBeGreaterThan(bounds.bf / 2);
  });

  test('by columns, as in the author’s code, sums become exactly the bounds', async () => {
    const lstm = new nn.LSTM(3, H);
    const layer = parametersOf(lstm);
    const constraints = [optim.gateNorms(layer, bounds, { variant: 'columns' })];
    const sgd = new optim.SGD(lstm.parameters(), { learningRate: 0.01, constraints });
    engine.record(() => sgd.project())();
    const wh = await read(layer.wh);
    [bounds.wi, bounds.wf, bounds.wz, bounds.wo].forEach((bound, gate) => {
      for (let j = 0; j < H; j++) {
        let sum = 0;
        for (let i = 0; i < H; i++) sum += Math.abs(wh[(gate * H + i) * H + j]);
        expect(sum).toBeCloseTo(bound, 5);
      }
    });
    const wx = await read(layer.wx);
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let i = H; i < 2 * H; i++) sum += Math.abs(wx[i * 3 + j]);
      expect(sum).toBeCloseTo(bounds.uf, 5);
    }
  });

  test('stable() finds the weights of every layer, and says what it cannot do', () => {
    const [rnn, lstm] = [new nn.RNN(3, H, { layers: 2 }), new nn.LSTM(3, H, { layers: 2 })];
    const names = (constraints: readonly optim.Constraint[]) =>
      constraints.map(({ name, parameters }) => [name, ...parameters.map((one) => one.name)].join(' '));
    expect(names(stable(rnn, { lambda: 1 }))).toEqual([
      'spectralNorm weight_hh_l0',
      'spectralNorm weight_hh_l1',
    ]);
    expect(names(stable(lstm, { bounds: optim.PAPER_V4 }))).toEqual([
      'gateNorms weight_hh_l0 weight_ih_l0 bias_ih_l0 bias_hh_l0',
      'gateNorms weight_hh_l1 weight_ih_l1 bias_ih_l1 bias_hh_l1',
    ]);
    for (const lambda of [0, -1, 1.01, NaN]) {
      expect(() => stable(rnn, { lambda })).toThrow(/stable: lambda is .*\n.*constraint\.test\.ts/);
    }
    expect(() => stable(new nn.GRU(3, H), { lambda: 0.9 })).toThrow(
      /GRU cannot be made stable: no projection/,
    );
    expect(() => stable(new nn.Linear(3, H), { lambda: 0.9 })).toThrow(/Linear .* no recurrence/);
    expect(() => stable(lstm, {})).toThrow(/needs λ or bounds/);
  });

  test('a constraint on a parameter of nobody, or two on one, are refused', () => {
    const [mine, other] = [new nn.Linear(3, 3), new nn.Linear(3, 3)];
    const made = (constraints: optim.Constraint[]) => () =>
      new optim.SGD(mine.parameters(), { learningRate: 1, constraints });
    mine.namedParameters();
    expect(made([optim.spectralNorm(other.weight, 1)])).toThrow(/not among the parameters/);
    const twice = optim.spectralNorm(mine.weight, 1);
    expect(made([twice, twice])).toThrow(/two constraints are on weight/);
  });
});
