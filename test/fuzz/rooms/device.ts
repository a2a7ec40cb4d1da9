// What lives on the device from step to step: states, places of them, counters, rings, caches; and draws.

import * as seqgpu from '../../../src/index';
import { type Bounded, exactly, plus } from '../bounded';
import {
  activated,
  attention,
  causalConv,
  joined,
  repeated,
  reshaped,
  sliced,
  type Form,
} from '../functions';
import type { Drawer, Moment, Options, Room } from '../program';
import { reference as bernoulliReference } from '../../reference/bernoulli';
import { reference as sampleReference } from '../../reference/sample';

const assign: Room = {
  often: 1,
  writes: true,
  draw(d) {
    const x = d.value();
    return x === null ? null : { inputs: [d.state(d.shapeOf(x)), x], options: {} };
  },
  exact: ([state, x]) => {
    if (state.shape.join() !== x.shape.join()) throw new Error('shapes');
    return { after: x };
  },
  build([state, x]) {
    seqgpu.assign(state as seqgpu.State, x);
    return {};
  },
  text: ([state, x]) => `assign(${state}, ${x})`,
};

/** Place (position + offset) mod L of the second axis, and what is before and behind it. */
function around(x: Bounded, position: Bounded, { offset }: Options): [number, number] {
  const L = x.shape[1];
  return [(((position.data[0] + Number(offset)) % L) + L) % L, L];
}

const OFFSETS = [0, 0, 1, -3];
const positionFor = (d: Drawer) => d.whole([1], 200);

const writeAt: Room = {
  often: 1,
  writes: true,
  draw(d) {
    const x = d.value((shape) => shape.length > 0 && shape.length < 4);
    if (x === null) return null;
    const [B, ...rest] = d.shapeOf(x);
    const state = d.state([B, d.extent(9), ...rest]);
    return {
      inputs: [state, positionFor(d), x],
      options: { offset: d.random.pick(OFFSETS) },
      result: 'after',
    };
  },
  exact([state, position, x], options) {
    const [at, L] = around(state, position, options);
    const row = reshaped(x, [x.shape[0], 1, ...x.shape.slice(1)]);
    const parts = [at > 0 && sliced(state, 1, 0, at), row, at + 1 < L && sliced(state, 1, at + 1, L)];
    const after = joined(
      parts.filter((part) => part !== false),
      1,
    );
    // Neither the old state nor the new row has a gradient.
    return { after: exactWith(after) };
  },
  build: ([state, position, x], { offset }) => ({
    after: seqgpu.writeAt(state as seqgpu.State, position, x, { offset: Number(offset) }),
  }),
  text: ([state, position, x], { offset }) => `writeAt(${state}, ${position}, ${x}, { offset: ${offset} })`,
};

/** The same numbers, through which no gradient flows. */
const exactWith = ({ shape, data, error }: Bounded): Bounded => {
  const y = exactly(shape, data);
  y.error.set(error);
  return y;
};

const readAt: Room = {
  often: 1,
  draw(d) {
    const x = d.value((shape) => shape.length > 1);
    return x === null ? null : { inputs: [x, positionFor(d)], options: { offset: d.random.pick(OFFSETS) } };
  },
  exact([x, position], options) {
    const [at] = around(x, position, options);
    return exactWith(reshaped(sliced(x, 1, at, at + 1), [x.shape[0], ...x.shape.slice(2)]));
  },
  build: ([x, position], { offset }) => seqgpu.readAt(x, position, { offset: Number(offset) }),
  text: ([x, position], { offset }) => `readAt(${x}, ${position}, { offset: ${offset} })`,
};

const advance: Room = {
  // Only at the end of a step: see generate.ts.
  often: 0,
  writes: true,
  whole: true,
  draw: () => null,
  exact: ([counter], { by }) => ({
    after: exactly(
      counter.shape,
      counter.data.map((n) => n + Number(by)),
    ),
  }),
  build: ([counter], { by }) => ({ after: seqgpu.advance(counter as seqgpu.State, Number(by)) }),
  text: ([counter], { by }) => `advance(${counter}, ${by})`,
};

const RING_FORMS: readonly Form[] = ['none', 'relu', 'tanh', 'sigmoid', 'glu', 'gtu', 'bilinear'];

const causalConvStep: Room = {
  often: 0.7,
  writes: true,
  draw(d) {
    const x = d.value((shape) => shape.length === 2);
    if (x === null) return null;
    const [B, C] = d.shapeOf(x);
    const [K, dilation, O] = [2 + d.random.below(2), d.random.pick([1, 3]), 2 * d.extent(33)];
    const ring = d.state([B, (K - 1) * dilation + 1, C]);
    const more = [[], [[O]], [[O], [B, O]]][d.random.below(3)].map((shape) => d.leaf(shape));
    const inputs = [ring, x, d.leaf([K, C, O]), positionFor(d), ...more];
    return { inputs, options: { activation: d.usual(RING_FORMS), dilation }, result: 'y' };
  },
  exact([ring, x, w, position, bias, side], { activation, dilation }) {
    const [at, L] = around(ring, position, { offset: 0 });
    const row = reshaped(x, [x.shape[0], 1, x.shape[1]]);
    // The ring from the oldest place on: behind the newest comes the oldest.
    const parts = [at + 1 < L && sliced(ring, 1, at + 1, L), at > 0 && sliced(ring, 1, 0, at), row];
    const past = joined(
      parts.filter((part) => part !== false),
      1,
    );
    const sums = sliced(causalConv(past, w, Number(dilation)), 1, L - 1, L);
    let y = reshaped(sums, [x.shape[0], w.shape[2]]);
    if (bias) y = plus(y, repeated(bias, y.shape));
    if (side) y = plus(y, side);
    const { after } = writeAt.exact([ring, position, x], { offset: 0 }, NEVER) as { after: Bounded };
    return { y: exactWith(activated(y, activation as Form)), after };
  },
  build: ([ring, x, w, position, bias, side], { activation }) => ({
    y: seqgpu.causalConvStep(x, w, ring as seqgpu.State, position, {
      bias,
      beside: side,
      activation: activation as Form,
    }),
  }),
  text: ([ring, x, w, position, bias, side], { activation }) =>
    `causalConvStep(${x}, ${w}, ${ring}, ${position}, { ${bias ? `bias: ${bias}, ` : ''}${
      side ? `beside: ${side}, ` : ''
    }activation: '${String(activation)}' })`,
};

const NEVER: Moment = { training: false, key: [0, 0], draw: () => 0 };

const cachedAttention: Room = {
  often: 0.6,
  blind: true,
  draw(d) {
    const heads = d.usual([1, 2]);
    const C = heads * 4 * d.usual([1, 2, 3, 4]);
    const found = d.value((shape) => shape.length === 3 && shape[2] === C);
    const q = found ?? d.leaf([d.extent(5), d.random.pick([1, 1, 3]), C], -2, 2);
    const [B, Q] = d.shapeOf(q);
    const T = Q + d.extent(40);
    const position = d.given([1], Q - 1 + d.random.below(2 * T), undefined);
    return { inputs: [q, d.leaf([B, T, 2 * C], -2, 2), position], options: { heads } };
  },
  exact([q, kv, position], { heads }) {
    const [, T, W] = kv.shape;
    const filled = Math.min(T, position.data[0] + 1);
    if (filled < q.shape[1]) throw new Error('queries before the first position');
    const newest = position.data[0] % T;
    // From the oldest filled row on.
    const first = filled < T ? 0 : newest + 1;
    const order = first < T && first > 0 ? [sliced(kv, 1, first, T), sliced(kv, 1, 0, first)] : [kv];
    const seen = sliced(joined(order, 1), 1, 0, filled);
    const C = W / 2;
    return exactWith(
      attention(q, sliced(seen, 2, 0, C), sliced(seen, 2, C, W), { heads: Number(heads), causal: true }),
    );
  },
  build: ([q, kv, position], { heads }) => seqgpu.cachedAttention(q, kv, position, { heads: Number(heads) }),
  text: ([q, kv, position], { heads }) => `cachedAttention(${q}, ${kv}, ${position}, { heads: ${heads} })`,
};

const seeds = (d: Drawer): number[] => [d.whole([1], 1e6), d.whole([1], 1e6)];

/** A draw is determinate where errors cannot change it: it is the same for values a little apart. */
function determinate(x: Bounded, draw: (x: Bounded) => ArrayLike<number>): boolean {
  const wanted = Array.from(draw(x)).join();
  return [1, 2, 3, 4].every((turn) => {
    const data = x.data.map(
      (v, i) => v + Math.sin(i * turn + turn) * (8 * x.error[i] + 4e-6 * (1 + Math.abs(v))),
    );
    return Array.from(draw(exactly(x.shape, data))).join() === wanted;
  });
}

const TEMPERATURES = [1, 0.5];

const bernoulliAt = (inputs: readonly Bounded[], { temperature }: Options, call: number) =>
  bernoulliReference(inputs, { temperature: Number(temperature), call });

const bernoulli: Room = {
  often: 0.7,
  draw(d) {
    const x = d.value();
    return x === null
      ? null
      : { inputs: [x, ...seeds(d)], options: { temperature: d.random.pick(TEMPERATURES) } };
  },
  exact(inputs, options, { draw }) {
    const call = draw();
    const drawn = (x: Bounded) => bernoulliAt([x, ...inputs.slice(1)], options, call).data;
    if (!determinate(inputs[0], drawn)) throw new Error('a draw hangs on rounding');
    return exactly(inputs[0].shape, drawn(inputs[0]));
  },
  build: ([x, seed, counter], { temperature }) =>
    seqgpu.bernoulli(x, { seed, counter, temperature: Number(temperature) }),
  text: ([x, seed, counter], { temperature }) =>
    `bernoulli(${x}, { seed: ${seed}, counter: ${counter}, temperature: ${temperature} })`,
};

const sample: Room = {
  often: 0.7,
  whole: true,
  draw(d) {
    const x = d.value((shape) => shape.length > 0);
    if (x === null) return null;
    const topK = d.random.chance(0.3) ? 2 : undefined;
    const topP = d.random.chance(0.3) ? 0.7 : undefined;
    return { inputs: [x, ...seeds(d)], options: { temperature: d.random.pick([1, 0.5, 0]), topK, topP } };
  },
  exact(inputs, { temperature, topK, topP }, { draw }) {
    const options = { temperature, topK, topP, call: draw() } as Parameters<typeof sampleReference>[1];
    const drawn = (x: Bounded) => sampleReference([x, ...inputs.slice(1)], options).data;
    if (!determinate(inputs[0], drawn)) throw new Error('a draw hangs on rounding');
    return exactly(inputs[0].shape.slice(0, -1), drawn(inputs[0]));
  },
  build: ([x, seed, counter], { temperature, topK, topP }) =>
    seqgpu.sample(x, { seed, counter, temperature, topK, topP } as seqgpu.SampleOptions),
  text: ([x, seed, counter], options) =>
    `sample(${x}, { seed: ${seed}, counter: ${counter}, ...${JSON.stringify(options)} })`,
};

export const device: Readonly<Record<string, Room>> = {
  assign,
  writeAt,
  readAt,
  advance,
  causalConvStep,
  cachedAttention,
  bernoulli,
  sample,
};
