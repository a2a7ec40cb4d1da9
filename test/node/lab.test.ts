// What the lab computes on the host: certificates of stability, bounds on an LSTM, bounds on k, and its arithmetic.

import { describe, expect, test } from 'vitest';
import {
  AUTHOR_CODE,
  boundedK,
  boundsFor,
  contraction,
  forgetBound,
  howLargeMustKBe,
  largestRowSum,
  lstmCertificate,
  matrix,
  PAPER_V4,
  rnnCertificate,
  singularValues,
  spectralNorm,
  spread,
  truncationBound,
  type LSTMBounds,
  type LayerWeights,
} from '../../src/lab/index';
import { array } from '../../src/graph/host';
import * as nn from '../../src/nn/index';
import { fromTorch } from '../../src/nn/layout';
import { Random } from '../../src/random';
import { advance, type HostStack } from '../harness/cells';
import { stubEngine } from '../harness/stubEngine';

const normal = (random: Random, rows: number, columns: number, deviation = 1) =>
  matrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => deviation * random.normal()),
  );

/** Rows scaled to an absolute sum of exactly `bound`, gate by gate. */
function withRowSums(rows: number, columns: number, bounds: readonly number[], random: Random) {
  const { data } = normal(random, rows, columns);
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * columns, (row + 1) * columns);
    const sum = part.reduce((total, v) => total + Math.abs(v), 0);
    part.forEach((v, i) => (part[i] = (v / sum) * bounds[Math.floor((row / rows) * bounds.length)]));
  }
  return matrix(rows, columns, data);
}

const [I, H] = [3, 6];

/** An LSTM layer that uses its bounds up; what is not bounded is 1. */
function lstmWithin({ wi, wf, wz, wo, uf, bf }: LSTMBounds, random: Random): LayerWeights {
  return {
    recurrent: withRowSums(4 * H, H, [wi, wf, wz, wo], random),
    input: withRowSums(4 * H, I, [1, uf, 1, 1], random),
    bias: Float64Array.from({ length: 4 * H }, (_, i) => (i >= H && i < 2 * H ? bf : 1) * (i % 2 ? 1 : -1)),
  };
}

const hostOf = (kind: HostStack['kind'], layers: readonly LayerWeights[]): HostStack => ({
  kind,
  hidden: layers[0].recurrent.columns,
  layers: layers.map(({ input, recurrent, bias }) => {
    return [input.data, recurrent.data, bias, new Float64Array(bias.length)];
  }),
});

describe('bounds on an LSTM', () => {
  test('the published constants satisfy the proposition', () => {
    const zeroBias = { ...AUTHOR_CODE, bf: 0 };
    expect(forgetBound(zeroBias)).toBeCloseTo(0.59989, 5);
    expect(contraction(zeroBias)).toBeCloseTo(0.99324, 5);
    expect(forgetBound(PAPER_V4)).toBeCloseTo(0.63772, 5);
    expect(contraction(PAPER_V4)).toBeCloseTo(0.99605, 5);
    // The code leaves the forget bias free: it alone may open the gate for good.
    expect(contraction(AUTHOR_CODE)).toBe(Infinity);
  });

  test.each([0.501, 0.55, 0.75, 0.9, 0.99, 0.999])('those for λ = %f give λ, for any input', (lambda) => {
    for (const x of [0.5, 1, 4]) {
      const bounds = boundsFor(lambda, { x });
      expect(bounds.x).toBe(x);
      expect(contraction(bounds)).toBeLessThanOrEqual(lambda);
      expect(contraction(bounds)).toBeGreaterThan(lambda - 2e-6);
      expect(Math.min(...Object.values(bounds))).toBeGreaterThan(0);
      const certificate = lstmCertificate(lstmWithin(bounds, new Random(1)), x);
      expect(certificate.conditions.filter(({ holds }) => !holds)).toEqual([]);
    }
  });

  test('there are none for λ up to ½ or from 1 on', () => {
    for (const lambda of [0.5, 0.2, 1, NaN]) expect(() => boundsFor(lambda)).toThrow(/λ is .*\n.*½/);
    expect(() => boundsFor(0.9, { x: 0 })).toThrow(/x is 0/);
  });
});

describe('certificates', () => {
  test('no pair of states of a certified LSTM parts by more than λ in a step', () => {
    const random = new Random(2);
    for (const bounds of [{ ...AUTHOR_CODE, bf: 0 }, PAPER_V4, boundsFor(0.6)]) {
      const layer = lstmWithin(bounds, random);
      const { lambda, stable, F, largestState, norms, r } = lstmCertificate(layer, bounds.x);
      expect(stable).toBe(true);
      expect(lambda).toBeCloseTo(contraction(bounds), 10);
      for (const [name, value] of Object.entries(bounds)) {
        expect(norms[name as keyof LSTMBounds], name).toBeCloseTo(value, 10);
      }
      expect(largestState).toBeCloseTo(1 / (1 - F), 10);
      expect(Math.sqrt(2 * H) * lambda ** r!).toBeLessThan(1);
      expect(Math.sqrt(2 * H) * lambda ** (r! - 1)).toBeGreaterThanOrEqual(1);
      const host = hostOf('lstm', [layer]);
      let [most, mostByInput] = [0, 0];
      const { inputGain } = lstmCertificate(layer, bounds.x);
      const sign = () => (random.integer(2) ? 1 : -1);
      const apart = (a: readonly number[], b: readonly number[]) =>
        Math.max(...a.map((v, i) => Math.abs(v - b[i])));
      for (let trial = 0; trial < 400; trial++) {
        const x = Array.from({ length: I }, () => sign() * bounds.x);
        const state = () => {
          const c = Array.from({ length: H }, () => sign() * largestState * random.uniform());
          return { h: c.map((v) => Math.tanh(v) * random.uniform()), c };
        };
        const s = state();
        // Near and far pairs.
        const step = trial % 2 ? 1 : 1e-3;
        const u = state();
        const mixed = (a: number[], b: number[]) => a.map((v, i) => v + step * (b[i] - v));
        const t = { h: mixed(s.h, u.h), c: mixed(s.c, u.c) };
        const [[a], [b]] = [advance(host, x, [s]), advance(host, x, [t])];
        const both = ({ h, c }: { h: number[]; c: number[] }) => [...h, ...c];
        most = Math.max(most, apart(both(a), both(b)) / apart(both(s), both(t)));
        const moved = x.map((v) => v * (1 - random.uniform()));
        const [driven] = advance(host, moved, [s]);
        mostByInput = Math.max(mostByInput, apart(both(a), both(driven)) / apart(x, moved));
      }
      expect(most).toBeLessThanOrEqual(lambda);
      expect(mostByInput).toBeLessThanOrEqual(inputGain);
      // The trial is not vacuous: a bound half as large would be broken.
      expect(most).toBeGreaterThan(lambda / 2);
    }
  });

  test('what breaks a condition is named, with its numbers', () => {
    const layer = lstmWithin({ ...PAPER_V4, wi: 0.1, wo: 0.1, wf: 0.2, wz: 3 }, new Random(3));
    const { stable, lambda, r, conditions } = lstmCertificate(layer, PAPER_V4.x);
    expect(stable).toBe(false);
    expect(lambda).toBeGreaterThan(1);
    expect(r).toBe(null);
    const broken = conditions.filter(({ holds }) => !holds);
    expect(broken.map(({ name }) => name)).toEqual(['‖W_z‖_∞', '‖W_f‖_∞']);
    expect(broken[0].value).toBeCloseTo(3, 10);
    expect(broken[0].bound).toBeLessThan(0.1);
    expect(() => lstmCertificate({ ...layer, recurrent: matrix(H, H, new Float64Array(H * H)) }, 1)).toThrow(
      /four gates of H rows/,
    );
    expect(() => lstmCertificate(layer, NaN)).toThrow(/inputs are up to NaN/);
  });

  test('of a tanh RNN: λ is the spectral norm', () => {
    const random = new Random(4);
    const recurrent = normal(random, 5, 5);
    // The power method, as another way to it.
    let v = [1, 1, 1, 1, 1];
    const times = (a: readonly number[], at: (i: number, j: number) => number) =>
      a.map((_, i) => a.reduce((sum, one, j) => sum + at(i, j) * one, 0));
    for (let i = 0; i < 2000; i++) {
      const forth = times(v, (a, b) => recurrent.data[a * 5 + b]);
      const back = times(forth, (a, b) => recurrent.data[b * 5 + a]);
      v = back.map((one) => one / Math.hypot(...back));
    }
    const top = Math.hypot(...times(v, (a, b) => recurrent.data[a * 5 + b]));
    const layer = { recurrent, input: normal(random, 5, 2), bias: new Float64Array(5) };
    const unstable = rnnCertificate(layer, 1);
    expect(unstable.lambda).toBeCloseTo(top, 9);
    expect(unstable).toMatchObject({ stable: false, largestState: Math.sqrt(5) });
    const scaled = {
      ...layer,
      recurrent: matrix(
        5,
        5,
        recurrent.data.map((w) => (0.5 * w) / top),
      ),
    };
    const stable = rnnCertificate(scaled, 0.1);
    expect(stable.lambda).toBeCloseTo(0.5, 9);
    expect(stable.stable).toBe(true);
    // L_x B_x / (1 − λ)
    expect(stable.largestState).toBeCloseTo((spectralNorm(layer.input) * 0.1) / 0.5, 9);
  });
});

describe('bounds on k', () => {
  const options = { inputBound: 0.3, of: 'output', outputLipschitz: 2 } as const;
  const rnn = (lambda: number, random: Random): LayerWeights => {
    const w = normal(random, 6, 6);
    const input = normal(random, 6, 6, 0.2);
    return {
      recurrent: matrix(
        6,
        6,
        w.data.map((v) => (v * lambda) / spectralNorm(w)),
      ),
      input,
      bias: new Float64Array(6),
    };
  };

  test('of one layer is the closed form', () => {
    for (const lambda of [0.5, 0.9, 0.99]) {
      const layer = rnn(lambda, new Random(5));
      const bound = truncationBound({ kind: 'rnn', prefix: '', hidden: 6, layers: [layer] }, options);
      const reach = Math.min(Math.sqrt(6), (spectralNorm(layer.input) * 0.3) / (1 - lambda));
      const k = Math.ceil(Math.log((2 * reach) / 1e-3) / -Math.log(lambda));
      expect(boundedK(bound, 1e-3)).toBe(k);
      expect(bound.at!(7)).toBeCloseTo(2 * lambda ** 7 * reach, 9);
    }
  });

  test('of a stack is above what any truncation does, and comes down', () => {
    const random = new Random(6);
    const layers = [rnn(0.7, random), rnn(0.8, random)];
    const host = hostOf('rnn', layers);
    const bound = truncationBound(
      { kind: 'rnn', prefix: '', hidden: 6, layers },
      { ...options, outputLipschitz: 1 },
    );
    const inputs = Array.from({ length: 40 }, () => {
      const x = Array.from({ length: 6 }, () => random.normal());
      return x.map((v) => (0.3 * v) / Math.hypot(...x));
    });
    const zero = () => layers.map(() => ({ h: Array<number>(6).fill(0), c: Array<number>(6).fill(0) }));
    const run = (from: number) => inputs.slice(from).reduce((s, x) => advance(host, x, s), zero())[1].h;
    const whole = run(0);
    for (const k of [1, 2, 5, 10, 20]) {
      const error = Math.hypot(...run(40 - k).map((v, i) => v - whole[i]));
      expect(error).toBeLessThanOrEqual(bound.at!(k));
      expect(error).toBeGreaterThan(0);
    }
    const k = boundedK(bound, 1e-4)!;
    expect(bound.at!(k)).toBeLessThanOrEqual(1e-4);
    expect(bound.at!(k - 1)).toBeGreaterThan(1e-4);
  });

  /** Gates i, f, z, o of one unit: row sums 0.2, 0.1, 0.05, 0.3 and, from inputs, 0.3, 0.3, 0.4, 0.2. */
  const lstm: LayerWeights = {
    recurrent: matrix(4, 1, Float64Array.of(0.2, -0.1, 0.05, 0.3)),
    input: matrix(4, 2, Float64Array.of(0.1, 0.2, -0.2, 0.1, 0.4, 0, 0.1, -0.1)),
    bias: Float64Array.of(9, -0.5, 9, 9),
  };
  /** F of it for inputs up to x. */
  const forget = (x: number) => 1 / (1 + Math.exp(-(0.1 + 0.3 * x + 0.5)));

  test('of an LSTM, by hand: what its certificate says, and √H and √(2H) for its norm', () => {
    const F = forget(0.5);
    const certificate = lstmCertificate(lstm, 0.5);
    const lambda = F + 0.2 / 4 + 0.05 + 0.1 / (4 * (1 - F)) + 0.3 / 4;
    expect(certificate.F).toBeCloseTo(F, 12);
    expect(certificate.lambda).toBeCloseTo(lambda, 12);
    expect(certificate.inputGain).toBeCloseTo(0.3 / 4 + 0.4 + 0.3 / (4 * (1 - F)) + 0.2 / 4, 12);
    expect(certificate.largestState).toBeCloseTo(1 / (1 - F), 12);
    const wide = { kind: 'lstm', prefix: '', hidden: 9, layers: [lstm] } as const;
    const at = (of: 'output' | 'state', k: number) =>
      truncationBound(wide, { inputBound: 0.5, of, outputLipschitz: 2 }).at!(k);
    expect(at('output', 3)).toBeCloseTo((3 * 2 * lambda ** 3) / (1 - F), 9);
    expect(at('state', 3)).toBeCloseTo((Math.sqrt(18) * lambda ** 3) / (1 - F), 9);
  });

  test('of a stack of LSTMs: inputs of the layers above are up to 1, and what is below reaches up', () => {
    const above: LayerWeights = {
      ...lstm,
      input: matrix(4, 1, Float64Array.of(0.1, 0.1, 0.2, 0.1)),
      bias: new Float64Array(4),
    };
    const weights = { kind: 'lstm', prefix: '', hidden: 1, layers: [lstm, above] } as const;
    const { certificates, at } = truncationBound(weights, {
      inputBound: 0.5,
      of: 'output',
      outputLipschitz: 1,
    });
    const F = 1 / (1 + Math.exp(-(0.1 + 0.1)));
    expect(certificates[1]).toEqual(lstmCertificate(above, 1));
    const [one, two] = certificates;
    const gain = 0.1 / 4 + 0.2 + 0.1 / (4 * (1 - F)) + 0.1 / 4;
    const wanted = Math.min(
      two.largestState,
      two.lambda * two.largestState + gain * one.lambda * one.largestState,
    );
    expect(at!(1)).toBeCloseTo(wanted, 12);
    expect(at!(0)).toBeCloseTo(two.largestState, 12);
  });

  test('B_x of the data is the longest input of an RNN, the largest number of an LSTM', async () => {
    const x = array([1, 2, 2], Float32Array.of(0.1, 0, 0.3, -0.4));
    const boundFor = async (layer: nn.RNN | nn.LSTM, values: Readonly<Record<string, readonly number[]>>) => {
      const stub = stubEngine({ step: () => 0, measure: () => [new Float32Array(4)] });
      for (const [name, parameter] of layer.namedParameters()) {
        stub
          .values(parameter)
          .set(fromTorch(parameter, Float32Array.from(values[name] ?? new Float32Array(parameter.size))));
      }
      return (await howLargeMustKBe(stub.engine, layer, 0.01, x)).bound;
    };
    const unit = { weight_ih_l0: [1, 0, 0, 1], weight_hh_l0: [0.5, 0, 0, 0.5] };
    const rnnBound = await boundFor(new nn.RNN(2, 2), unit);
    // 0.5 / (1 − 0.5), where the largest number alone is 0.4.
    expect(rnnBound.at!(1)).toBeCloseTo(0.5 * 1, 6);
    const gates = { weight_ih_l0: [...lstm.input.data], weight_hh_l0: [...lstm.recurrent.data] };
    const lstmBound = await boundFor(new nn.LSTM(2, 1), gates);
    const F = 1 / (1 + Math.exp(-(0.1 + 0.3 * 0.4)));
    expect(lstmBound.certificates[0].largestState).toBeCloseTo(1 / (1 - F), 6);
    expect(lstmBound.k).toBe(boundedK(lstmBound, 0.01));
  });

  test('there is none for an unstable layer or a GRU, and it says so', () => {
    const layer = rnn(1.2, new Random(7));
    const bound = truncationBound({ kind: 'rnn', prefix: '', hidden: 6, layers: [layer] }, options);
    expect(bound.at).toBe(null);
    expect(bound.why).toBe('there is no bound: λ = 1.200 of layer 0 is not below 1.');
    expect(boundedK(bound, 0.1)).toBe(null);
    const gru = truncationBound({ kind: 'gru', prefix: '', hidden: 6, layers: [layer] }, options);
    expect(gru.why).toMatch(/none is known for a GRU/);
  });
});

test('singular values, norms and quantiles', () => {
  // [[3, 0], [4, 5]] has 3√5 and √5.
  const values = singularValues(matrix(2, 2, [3, 0, 4, 5]));
  expect(values[0]).toBeCloseTo(3 * Math.sqrt(5), 12);
  expect(values[1]).toBeCloseTo(Math.sqrt(5), 12);
  expect(singularValues(matrix(1, 3, [2, -1, 2]))[0]).toBeCloseTo(3, 12);
  expect(() => singularValues(matrix(1, 1, [NaN]))).toThrow(/not finite/);
  expect(() => matrix(2, 2, [1])).toThrow(/1 values do not fill/);
  expect(largestRowSum(matrix(2, 2, [1, -2, 0.5, 0.5]))).toBe(3);
  expect(spread([4, 1, 3, 2, 5])).toEqual({ count: 5, mean: 3, median: 3, p90: 4.6, p99: 4.96, worst: 5 });
  expect(spread([1, NaN]).worst).toBeNaN();
  expect(spread([])).toMatchObject({ count: 0, worst: NaN, median: NaN });
});
