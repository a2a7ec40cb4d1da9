// Truncated backpropagation through time: every style's gradient against its definition in doubles, how far back each
// reaches, and what each can learn.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  crossEntropy,
  gradient,
  mean,
  mul,
  nn,
  optim,
  square,
  sum,
  type Tensor,
} from '../../../src/index';
import {
  carriedState,
  segment,
  segmentGradientByLag,
  segmentLoss,
  type GradientCut,
  type Switches,
} from '../../../src/lab/index';
import { toTorch } from '../../../src/nn/layout';
import type { LayerState } from '../../../src/nn/recurrent';
import type { Step } from '../../../src/gpu/step';
import { Random } from '../../../src/random';
import { advance, distance, hostStack, inputAt, zeroState, type HostStack } from '../../harness/cells';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const [B, T, I, H] = [2, 6, 2, 3];
const x = array([B, T, I], uniform(1, B * T * I));
const weights = array([B, T, H], uniform(2, B * T * H));

/** Where the gradient of the loss at t is cut: the first input that it reaches. */
const reach = (cut: GradientCut | undefined, t: number): number => {
  if (!cut) return 0;
  if (cut.style === 'chunked') return Math.floor(t / cut.n) * cut.n;
  return Math.max(0, (Math.floor(t / cut.k1) + 1) * cut.k1 - cut.k2);
};

/** ∂/∂parameters of Σ weight · h, each loss going back to its reach, by central differences. */
function slopes(host: HostStack, cut: GradientCut | undefined): number[][] {
  const before = Array.from({ length: B }, (_, b) => {
    const list = [zeroState(host)];
    for (let t = 0; t < T; t++) list.push(advance(host, inputAt(x.data, T, I, b, t), list[t]));
    return list;
  });
  const total = () => {
    let all = 0;
    for (let b = 0; b < B; b++) {
      for (let t = 0; t < T; t++) {
        const start = reach(cut, t);
        let state = before[b][start];
        for (let s = start; s <= t; s++) state = advance(host, inputAt(x.data, T, I, b, s), state);
        state.at(-1)!.h.forEach((h, j) => (all += h * weights.data[(b * T + t) * H + j]));
      }
    }
    return all;
  };
  return host.layers.flatMap((layer) =>
    layer.map((values) =>
      Array.from(values, (value, i) => {
        const at = (v: number) => ((values[i] = v), total());
        const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        values[i] = value;
        return slope;
      }),
    ),
  );
}

const chunked = (n: number): GradientCut => ({ style: 'chunked', n });
const williams = (k1: number, k2: number): GradientCut => ({ style: 'true', k1, k2 });
const cuts = [
  undefined,
  chunked(2),
  chunked(4),
  williams(1, 1),
  williams(1, 3),
  williams(2, 3),
  williams(3, 3),
];
const named = cuts.map((cut) => ({ name: JSON.stringify(cut) ?? 'none', cut }));

test.each(named)('gradients are those of the definition: $name', async ({ cut }) => {
  nn.seed(1);
  const model = new nn.RNN(I, H);
  const parameters = model.parameters();
  const step = engine.train((v: Tensor, w: Tensor) => {
    const y = segment(model, v, { cut });
    return [y, ...gradient(sum(mul(y, w)), parameters)];
  });
  const [y, ...found] = await Promise.all(step(x, weights).map((reading) => reading.read()));
  const whole = await engine
    .record((v: Tensor) => model.forward(v))(x)
    .read();
  expect(distance(y, whole)).toBeLessThan(1e-6);
  const wanted = slopes(await hostStack(engine, model), cut);
  found.forEach((values, i) => {
    const own = toTorch(parameters[i], values as Float32Array);
    expect(distance(own, wanted[i]), parameters[i].name).toBeLessThan(1e-5);
  });
});

test.each([
  ['LSTM', nn.LSTM],
  ['GRU', nn.GRU],
] as const)('true with k2 ≥ T is full backpropagation (%s)', async (_name, Kind) => {
  nn.seed(2);
  const model = new Kind(I, H, { layers: 2 });
  const step = engine.train((v: Tensor, w: Tensor) =>
    [undefined, williams(1, T), williams(2, T + 3), williams(1, T - 1)].flatMap((cut) =>
      gradient(sum(mul(segment(model, v, { cut }), w)), model.parameters()),
    ),
  );
  const all = await Promise.all(step(x, weights).map((reading) => reading.read()));
  const n = model.parameters().length;
  for (let i = 0; i < n; i++) {
    for (const other of [1, 2]) expect(distance(all[other * n + i], all[i])).toBeLessThan(2e-6);
  }
  // One input fewer is another gradient.
  expect(Math.max(...Array.from({ length: n }, (_, i) => distance(all[3 * n + i], all[i])))).toBeGreaterThan(
    1e-4,
  );
});

test('what each style leaves of the gradient, by lag', async () => {
  nn.seed(3);
  const model = new nn.LSTM(I, H);
  const loss = (y: Tensor, targets: Tensor) => mean(square(mul(y, targets)));
  const byLag = (switches: Switches) =>
    segmentGradientByLag(engine, model, { loss, ...switches })(x, weights);
  const full = await byLag({});
  expect(full).toHaveLength(T);
  expect(Math.min(...full)).toBeGreaterThan(0);
  // Every loss goes back 3 inputs: as much as all of the gradient, up to there.
  const exact = await byLag({ cut: williams(1, 3) });
  exact.forEach((norm, lag) => expect(norm / full[lag]).toBeCloseTo(lag < 3 ? 1 : 0, 4));
  // Of chunks of 3 only the last loss does.
  const pieces = await byLag({ cut: chunked(3) });
  expect(pieces[0] / full[0]).toBeCloseTo(1, 4);
  for (const lag of [1, 2]) {
    expect(pieces[lag] / full[lag]).toBeLessThan(0.95);
    expect(pieces[lag]).toBeGreaterThan(0);
  }
  expect(pieces.slice(3)).toEqual([0, 0, 0]);
  // The model that sees three inputs has their gradient; cut to two, it keeps its outputs.
  const window = await byLag({ context: 3 });
  expect(window.map((norm) => norm > 0)).toEqual([true, true, true, false, false, false]);
  const shorter = await byLag({ context: 3, cut: williams(1, 2) });
  expect(shorter.map((norm) => norm > 0)).toEqual([true, true, false, false, false, false]);
  expect(shorter[1] / window[1]).toBeCloseTo(1, 4);
});

describe('segments of a stream', () => {
  const S = 4;
  const part = (from: number, length: number, of = x) => {
    const C = of.shape[2];
    const data = Array.from({ length: B }, (_, b) =>
      Array.from(of.data.subarray((b * T + from) * C, (b * T + from + length) * C)),
    );
    return array([B, length, C], data.flat());
  };

  test('a carried state goes on where the segment before has ended', async () => {
    nn.seed(4);
    const model = new nn.LSTM(I, H, { layers: 2 });
    const whole = await engine
      .record((v: Tensor) => model.forward(v))(x)
      .read();
    for (const cut of [undefined, chunked(2), williams(1, 2)]) {
      const carry = carriedState(model, B);
      const step = engine.record((v: Tensor) => segment(model, v, { carry, cut }));
      const parts = [await step(part(0, 3)).read(), await step(part(3, 3)).read()];
      for (const [i, values] of parts.entries()) {
        const wanted = part(3 * i, 3, array([B, T, H], whole as Float32Array));
        expect(distance(values, wanted.data)).toBeLessThan(2e-6);
      }
    }
  });

  test('with k2 − k1 inputs that lead in, segments have the gradient of the whole stream', async () => {
    nn.seed(5);
    const model = new nn.RNN(I, H);
    const cut = williams(1, 3);
    const lead = 2;
    const sums = async (switches: Switches, v: ReturnType<typeof part>, w: ReturnType<typeof part>) => {
      const key = JSON.stringify([switches.lead, v.shape]);
      steps[key] ??= engine.train((a: Tensor, b: Tensor) => {
        const loss = segmentLoss(model, { ...switches, x: a, targets: b, loss: (y, t) => sum(mul(y, t)) });
        return gradient(loss, model.parameters());
      });
      return Promise.all(steps[key](v, w).map((reading) => reading.read()));
    };
    const steps: Record<string, Step<Tensor[]>> = {};
    const wanted = await sums({ cut }, x, weights);
    const carry = carriedState(model, B);
    // The first segment has no inputs before it: its first two losses are left to a segment of their own.
    const head = await sums({ cut }, part(0, lead), part(0, lead, weights));
    const one = await sums({ cut, lead, carry }, part(0, S), part(0, S, weights));
    const two = await sums({ cut, lead, carry }, part(2, S), part(2, S, weights));
    wanted.forEach((values, i) => {
      const joint = values.map((_, j) => head[i][j] + one[i][j] + two[i][j]);
      expect(distance(joint, values)).toBeLessThan(1e-5);
    });
  });
});

/** Embedding, a recurrent layer and a head. */
class Echo extends nn.Module {
  readonly encoder = new nn.Embedding(4, 4);
  readonly lstm = new nn.LSTM(4, 16);
  readonly decoder = new nn.Linear(16, 4);

  zeroState = (batch: number) => this.lstm.zeroState(batch);

  unroll(ids: Tensor, states: readonly LayerState[]) {
    const { y, states: after } = this.lstm.unroll(this.encoder.forward(ids), states);
    return { y: this.decoder.forward(y), states: after };
  }

  override forward(ids: Tensor): Tensor {
    return this.unroll(ids, this.zeroState(ids.shape[0])).y;
  }
}

test('an echo after d inputs is not learned in chunks of d, but in chunks of 2d, and by true truncation', async () => {
  const [batch, length, d, steps] = [8, 12, 3, 120];
  const learned = async (cut: GradientCut): Promise<number> => {
    nn.seed(2);
    const model = new Echo();
    const adam = new optim.Adam(model.parameters(), { learningRate: 3e-2 });
    const carry = carriedState(model, batch);
    const step = engine.train((ids: Tensor, targets: Tensor) =>
      adam.minimize(segmentLoss(model, { x: ids, targets, loss: crossEntropy, carry, cut })),
    );
    const random = new Random(2);
    const streams = Array.from({ length: batch }, () => Array.from({ length: d }, () => random.integer(4)));
    let late = 0;
    for (let i = 1; i <= steps; i++) {
      for (const stream of streams) {
        stream.splice(0, stream.length - d);
        for (let t = 0; t < length; t++) stream.push(random.integer(4));
      }
      const ids = Uint32Array.from(streams.flatMap((stream) => stream.slice(d)));
      const targets = Uint32Array.from(streams.flatMap((stream) => stream.slice(0, length)));
      const loss = step(array([batch, length], ids), array([batch, length], targets));
      if (i > steps - 5) late += (await loss.item()) / 5;
    }
    return late;
  };
  const [short, long, exact] = [
    await learned(chunked(d)),
    await learned(chunked(2 * d)),
    await learned(williams(1, d + 1)),
  ];
  // Guessing costs ln 4 = 1.39.
  expect(short).toBeGreaterThan(1.2);
  expect(long).toBeLessThan(0.95);
  expect(exact).toBeLessThan(0.95);
});

test('switches that do not go together are refused', () => {
  const model = new nn.RNN(I, H);
  const record = (switches: Switches) => () =>
    engine.record((v: Tensor) => segment(model, v, switches)).plan(x);
  expect(record({ cut: chunked(0) })).toThrow(/chunks are 0 long/);
  expect(record({ cut: williams(3, 2) })).toThrow(/k1 is 3 and k2 2.*\n.*\n.*1 ≤ k1 ≤ k2/);
  expect(record({ cut: williams(4, 4) })).toThrow(/6 inputs are no multiple of k1 = 4/);
  expect(record({ lead: 6 })).toThrow(/lead is 6 of 6 inputs/);
  expect(record({ context: 3, cut: chunked(2) })).toThrow(/there are no chunks/);
  const carry = carriedState(model, B);
  expect(record({ context: 3, carry })).toThrow(/carries no state.*\n.*\n.*lead: 2/);
});
