// How recurrent a model is, measured on the GPU: against loops in doubles, and against what theory promises.

import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { afterAll, describe, expect, test } from 'vitest';
import { array, crossEntropy, nn, sum, type HostArray, type Tensor } from '../../../src/index';
import {
  contractionOnData,
  gradientByLag,
  howLargeMustKBe,
  matrix,
  readWeights,
  sensitivityByLag,
  spectralNorm,
  truncationError,
  type HowLargeOptions,
  type RecurrentModel,
} from '../../../src/lab/index';
import { boundsFor } from '../../../src/optim/lstmBounds';
import { fromTorch, toTorch } from '../../../src/nn/layout';
import {
  advance,
  distance,
  hostStack,
  inputAt,
  zeroState,
  type HostStack,
  type Stack,
} from '../../harness/cells';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const parameterOf = (model: nn.Module, name: string) => model.namedParameters().get(name)!;

/** The recurrent weight with every singular value set to λ (above 1: an RNN that need not forget). */
async function orthogonal(model: nn.RNN, lambda: number): Promise<void> {
  const weight = parameterOf(model, 'weight_hh_l0');
  const n = model.hidden;
  const values = (await engine.read(weight)) as Float32Array;
  const svd = new SingularValueDecomposition(Matrix.from1DArray(n, n, Array.from(values)));
  const made = svd.leftSingularVectors.mmul(svd.rightSingularVectors.transpose()).mul(lambda);
  engine.write(weight, Float32Array.from(made.to1DArray()));
}

/** Rows and biases of every gate of an LSTM scaled down to bounds, on the host. */
async function within(model: nn.LSTM, lambda: number): Promise<void> {
  const { wi, wf, wz, wo, uf, bf } = boundsFor(lambda);
  const H = model.hidden;
  const clip = async (name: string, bounds: readonly (number | undefined)[]) => {
    const one = parameterOf(model, name);
    const values = toTorch(one, (await engine.read(one)) as Float32Array);
    const width = values.length / (4 * H);
    for (let row = 0; row < 4 * H; row++) {
      const part = values.subarray(row * width, (row + 1) * width);
      const total = part.reduce((most, v) => most + Math.abs(v), 0);
      const bound = bounds[Math.floor(row / H)] ?? Infinity;
      if (total > bound) part.forEach((v, i) => (part[i] = (v * bound) / total));
    }
    engine.write(one, fromTorch(one, values));
  };
  await clip('weight_hh_l0', [wi, wf, wz, wo]);
  await clip('weight_ih_l0', [undefined, uf]);
  await clip('bias_ih_l0', [undefined, bf / 2]);
  await clip('bias_hh_l0', [undefined, bf / 2]);
}

const inputs = (B: number, T: number, I: number, size = 1): HostArray =>
  array(
    [B, T, I],
    uniform(7, B * T * I).map((v) => size * v),
  );

describe('how large must k be?', () => {
  const ks = [1, 2, 4, 8, 12, 16];

  test.each([0.5, 0.75, 0.95])('an RNN with λ = %f stays under the bound at every k', async (lambda) => {
    nn.seed(1);
    const model = new nn.RNN(3, 8);
    await orthogonal(model, lambda);
    const found = await howLargeMustKBe(engine, model, 0.05, inputs(3, 24, 3, 0.3), { ks });
    expect(found.bound.certificates[0].lambda).toBeCloseTo(lambda, 5);
    for (const { k, worst, bound, median } of found.measured.errors) {
      expect(worst, `k = ${k}`).toBeLessThanOrEqual(bound!);
      expect(worst, `k = ${k}`).toBeGreaterThan(0);
      expect(median).toBeLessThanOrEqual(worst);
    }
    const { errors, k } = found.measured;
    // A straight line on a logarithmic scale, of at most the slope of λ.
    const [first, last] = [errors[0], errors[5]];
    expect(Math.log(last.worst / first.worst) / 15).toBeLessThanOrEqual(Math.log(lambda) + 0.01);
    const wanted = ks.find((_, i) => errors.slice(i).every(({ worst }) => worst <= 0.05)) ?? null;
    expect(k).toBe(wanted);
    const promised = ks.find((one) => one >= found.bound.k!);
    expect(k ?? 24).toBeLessThanOrEqual(promised ?? 24);
    expect(found.text).toMatch(/^Theory promises 0\.05 from k = \d+ on\./);
  });

  test('an LSTM within bounds stays under its bound, in state and output', async () => {
    nn.seed(2);
    const model = new nn.LSTM(3, 6);
    await within(model, 0.8);
    for (const of of ['state', 'output'] as const) {
      const found = await howLargeMustKBe(engine, model, 1e-3, inputs(2, 20, 3), { ks, of });
      const [certificate] = found.bound.certificates;
      expect(certificate.lambda).toBeLessThanOrEqual(0.8);
      expect(certificate.stable).toBe(true);
      for (const { worst, bound } of found.measured.errors) expect(worst).toBeLessThanOrEqual(bound!);
      expect(found.measured.k).not.toBe(null);
      expect(found.measured.k!).toBeLessThan(found.bound.k!);
    }
  });

  test('an unstable RNN has no bound and does not forget, and the answer says so', async () => {
    nn.seed(3);
    const model = new nn.RNN(3, 8);
    await orthogonal(model, 3);
    for (const name of ['bias_ih_l0', 'bias_hh_l0'])
      engine.write(parameterOf(model, name), new Float32Array(8));
    const found = await howLargeMustKBe(engine, model, 0.1, inputs(3, 24, 3, 0.3), { ks });
    expect(found.bound.k).toBe(null);
    expect(found.measured.k).toBe(null);
    expect(found.measured.errors.at(-1)!.worst).toBeGreaterThan(1);
    expect(found.text).toBe(
      'There is no bound: λ = 3.000 of layer 0 is not below 1. On the data it is not reached up to k = 16.',
    );
  });

  test('errors are those of the definition, and vanish where k ≥ T', async () => {
    nn.seed(4);
    const model = new nn.LSTM(2, 5, { layers: 2 });
    const [B, T] = [2, 6];
    const x = inputs(B, T, 2);
    const host = await hostStack(engine, model);
    const all = states(host, x);
    const errors = await truncationError(engine, model, { ks: [2, 6], of: 'state' })(x);
    let worst = 0;
    for (let b = 0; b < B; b++) {
      for (let t = 2; t < T; t++) {
        let short = zeroState(host);
        for (let s = t - 1; s <= t; s++) short = advance(host, inputAt(x.data, T, 2, b, s), short);
        const [one, two] = [short[1], all[b][t + 1][1]].map(({ h, c }) => [...h, ...c]);
        worst = Math.max(worst, Math.hypot(...one.map((v, i) => v - two[i])));
      }
    }
    expect(errors[0].worst).toBeCloseTo(worst, 5);
    expect(errors[0].count).toBe(B * T);
    expect(errors[1].worst).toBeLessThan(1e-6);
  });

  test('the output of a model with a head needs the head’s Lipschitz constant, its state does not', async () => {
    nn.seed(9);
    const model = new nn.SequenceModel(3, 2, { model: 'rnn', hidden: 8, levels: 1 });
    await orthogonal((model as unknown as { rnn: nn.RNN }).rnn, 0.7);
    const x = inputs(2, 16, 3, 0.3);
    const ask = (options: HowLargeOptions) => howLargeMustKBe(engine, model, 0.01, x, { ks, ...options });
    expect((await ask({})).text).toMatch(
      /^There is no bound: pass outputLipschitz.*On the data k = \d+ is enough/,
    );
    const head = parameterOf(model, 'linear.weight');
    const values = toTorch(head, (await engine.read(head)) as Float32Array);
    const outputLipschitz = spectralNorm(matrix(2, 8, values));
    for (const options of [{ outputLipschitz }, { of: 'state' }] as const) {
      const { measured } = await ask(options);
      for (const { worst, bound } of measured.errors) expect(worst).toBeLessThanOrEqual(bound! + 1e-6);
      expect(measured.errors[0].worst).toBeGreaterThan(measured.errors[0].bound! / 50);
    }
    const words = new nn.LanguageModel(9, { model: 'rnn', embedding: 4, hidden: 6, levels: 1 });
    const ids = array([1, 4], Uint32Array.of(1, 2, 3, 4));
    await expect(howLargeMustKBe(engine, words, 0.1, ids, { outputLipschitz: 1 })).rejects.toThrow(
      /pass inputBound/,
    );
  });

  test('what cannot be answered is said', async () => {
    const model = new nn.RNN(3, 4);
    await expect(howLargeMustKBe(engine, model, 0, inputs(1, 4, 3))).rejects.toThrow(/ε is 0/);
    await expect(truncationError(engine, model, { ks: [0] })(inputs(1, 4, 3))).rejects.toThrow(
      /ks are \[0\]/,
    );
    await expect(readWeights(engine, new nn.Linear(2, 2))).rejects.toThrow(/0 recurrent parts/);
  });
});

/** The states of every sequence, before each input and after the last. */
function states(host: HostStack, { shape: [B, T, I], data }: HostArray) {
  return Array.from({ length: B }, (_, b) => {
    const list = [zeroState(host)];
    for (let t = 0; t < T; t++) list.push(advance(host, inputAt(data, T, I, b, t), list[t]));
    return list;
  });
}

describe('contraction on data', () => {
  test('pairs of visited states are those of the definition, over r steps', async () => {
    nn.seed(5);
    const model = new nn.LSTM(2, 4, { layers: 2 });
    const [B, T, steps] = [3, 6, 2];
    const x = inputs(B, T, 2);
    const host = await hostStack(engine, model);
    const all = states(host, x);
    const vector = (s: (typeof all)[0][0]) => s.flatMap(({ h, c }) => [...h, ...c]);
    const apart = (a: (typeof all)[0][0], b: (typeof all)[0][0]) => {
      const other = vector(b);
      return Math.hypot(...vector(a).map((v, i) => v - other[i]));
    };
    const ratios: number[] = [];
    for (let b = 0; b < B; b++) {
      for (let t = 1; t + steps <= T; t++) {
        const other = all[(b + 1) % B][t];
        let moved = other;
        for (let s = t; s < t + steps; s++) moved = advance(host, inputAt(x.data, T, 2, b, s), moved);
        ratios.push(apart(all[b][t + steps], moved) / apart(all[b][t], other));
      }
    }
    const found = await contractionOnData(engine, model, { steps })(x);
    expect(found.visited.count).toBe(ratios.length);
    expect(found.visited.worst).toBeCloseTo(Math.max(...ratios), 3);
    expect(found.visited.mean).toBeCloseTo(ratios.reduce((a, b) => a + b) / ratios.length, 3);
    expect(found.perturbed.map(({ noise }) => noise)).toEqual([0.01, 1]);
  });

  test('never above λ of a stable model; above 1 in one that is not', async () => {
    nn.seed(6);
    const model = new nn.RNN(2, 8);
    await orthogonal(model, 0.6);
    const measure = contractionOnData(engine, model);
    const x = inputs(2, 8, 2, 0.1);
    const stable = await measure(x);
    for (const { worst } of [stable.visited, ...stable.perturbed]) expect(worst).toBeLessThan(0.601);
    expect(stable.perturbed[0].worst).toBeGreaterThan(0.4);
    await orthogonal(model, 2);
    expect((await measure(x)).perturbed[0].worst).toBeGreaterThan(1);
    const lstm = new nn.LSTM(2, 5);
    await within(lstm, 0.7);
    const largest = await contractionOnData(engine, lstm, { norm: 'largest' })(inputs(2, 8, 2));
    for (const { worst } of [largest.visited, ...largest.perturbed]) expect(worst).toBeLessThan(0.7);
    expect(() => contractionOnData(engine, model, { steps: 0 })).toThrow(/steps is 0/);
    await expect(contractionOnData(engine, model, { steps: 8 })(x)).rejects.toThrow(/8 inputs are too few/);
  });
});

const KINDS = { RNN: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM };

/** The model run from a state over inputs: the top layer's h. */
const outputOf = (host: HostStack, from: ReturnType<typeof zeroState>, xs: readonly number[][]) =>
  xs.reduce((state, x) => advance(host, x, state), from).at(-1)!.h;

describe('by lag', () => {
  const [B, T, I, H, lags] = [2, 7, 2, 4, 3];
  const x = inputs(B, T, I);
  const make = (name: 'RNN' | 'GRU' | 'LSTM'): Stack => (nn.seed(8), new KINDS[name](I, H, { layers: 2 }));
  const small = 1e-5;

  test.each(['RNN', 'GRU', 'LSTM'] as const)('gradients with respect to states (%s)', async (name) => {
    const model = make(name);
    const host = await hostStack(engine, model);
    const all = states(host, x);
    const targets = array(
      [B, T],
      Uint32Array.from({ length: B * T }, (_, i) => i % H),
    );
    const loss = (h: readonly number[], target: number) =>
      Math.log(h.reduce((total, v) => total + Math.exp(v), 0)) - h[target];
    const wanted = Array.from({ length: lags }, (_, i) => {
      let total = 0;
      for (let b = 0; b < B; b++) {
        for (let t = lags; t < T; t++) {
          const from = all[b][t - i];
          const xs = Array.from({ length: i + 1 }, (__, s) => inputAt(x.data, T, I, b, t - i + s));
          const at = (l: number, part: 'h' | 'c', j: number, by: number) => {
            const moved = from.map((s) => ({ h: [...s.h], c: [...s.c] }));
            moved[l][part][j] += by;
            return loss(outputOf(host, moved, xs), targets.data[b * T + t]);
          };
          const slopes = from.flatMap((_s, l) =>
            (name === 'LSTM' ? (['h', 'c'] as const) : (['h'] as const)).flatMap((part) =>
              Array.from(
                { length: H },
                (__, j) => (at(l, part, j, small) - at(l, part, j, -small)) / (2 * small),
              ),
            ),
          );
          total += Math.hypot(...slopes);
        }
      }
      return total / (B * (T - lags));
    });
    const found = await gradientByLag(engine, model, { loss: crossEntropy, lags })(x, targets);
    expect(distance(found, wanted)).toBeLessThan(1e-4);
  });

  test('sensitivity of outputs to inputs', async () => {
    const model = make('GRU');
    const host = await hostStack(engine, model);
    const wanted = Array.from({ length: lags + 1 }, (_, lag) => {
      let total = 0;
      for (let b = 0; b < B; b++) {
        for (let t = lags; t < T; t++) {
          const at = (i: number, by: number) => {
            const xs = Array.from({ length: T }, (__, s) => inputAt(x.data, T, I, b, s)).slice(0, t + 1);
            xs[t - lag][i] += by;
            return outputOf(host, zeroState(host), xs);
          };
          for (let i = 0; i < I; i++) {
            const [up, down] = [at(i, small), at(i, -small)];
            total += up.reduce((all, v, o) => all + ((v - down[o]) / (2 * small)) ** 2, 0);
          }
        }
      }
      return Math.sqrt(total / (B * (T - lags)));
    });
    // The signs of enough probes average to the Frobenius norm.
    const found = await sensitivityByLag(engine, model, { lags, probes: 16 })(x);
    found.forEach((value, lag) => expect(Math.abs(value / wanted[lag] - 1)).toBeLessThan(0.1));
  });

  test('a model that forgets faster has gradients that fall faster; a measurement follows the weights', async () => {
    const model = new nn.RNN(I, H);
    const loss = (y: Tensor, targets: Tensor) => crossEntropy(y, targets);
    const measure = gradientByLag(engine, model, { loss, lags, of: 'h' });
    const targets = array([B, T], new Uint32Array(B * T));
    const falls: number[] = [];
    for (const lambda of [0.3, 0.9]) {
      await orthogonal(model, lambda);
      expect(spectralNorm((await readWeights(engine, model)).layers[0].recurrent)).toBeCloseTo(lambda, 5);
      const norms = await measure(x, targets);
      falls.push(norms[2] / norms[0]);
      expect(norms[2] / norms[0]).toBeLessThanOrEqual(lambda ** 2 * 1.001);
    }
    expect(falls[0]).toBeLessThan(falls[1]);
  });

  test('what cannot be measured is refused', async () => {
    const model = make('RNN');
    const measure = gradientByLag(engine, model, { loss: (y) => sum(y), lags: 7 });
    await expect(measure(x, array([B, T], new Uint32Array(B * T)))).rejects.toThrow(
      /lags is 7, for 7 inputs/,
    );
    const ids = array([B, T], new Uint32Array(B * T));
    await expect(sensitivityByLag(engine, model, { lags: 1 })(ids)).rejects.toThrow(/holds ids/);
    const linear = new nn.Linear(I, H) as unknown as RecurrentModel;
    await expect(sensitivityByLag(engine, linear, { lags: 1 })(x)).rejects.toThrow(
      /Linear has no recurrence/,
    );
  });
});
