// Which tensors of a step are stored in f16, and that every launch binds and declares each of them so.

import { describe, expect, test } from 'vitest';
import { defineOp } from '../../../src/graph/op';
import { onTape } from '../../../src/graph/tape';
import { Tensor, type Call, type Part } from '../../../src/graph/tensor';
import { LEAST } from '../../../src/graph/traits';
import type { Shape } from '../../../src/graph/shape';
import { only } from '../../../src/graph/options';
import { Embedding } from '../../../src/nn/embedding';
import { Linear } from '../../../src/nn/linear';
import { LSTM } from '../../../src/nn/recurrent';
import { Sequential } from '../../../src/nn/sequential';
import { TCN } from '../../../src/nn/tcn';
import { TRANSFORMER_RULES, TransformerLM } from '../../../src/nn/transformer/transformerLM';
import { add } from '../../../src/ops/elementwise/binary';
import { exp, tanh } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';
import { sum } from '../../../src/ops/reduce/reduce';
import { binaryCrossEntropy } from '../../../src/ops/loss/binaryCrossEntropy';
import { crossEntropy } from '../../../src/ops/loss/crossEntropy';
import { Adam } from '../../../src/optim/adam';
import { lossScale } from '../../../src/optim/lossScale';
import { explainPlan } from '../../../src/plan/explain';
import { halfPlan } from '../../../src/plan/half';
import { makePlan } from '../../../src/plan/makePlan';
import type { Plan } from '../../../src/plan/plan';
import { kernel } from '../../../src/wgsl/reflect';

const input = (shape: Shape, dtype: 'f32' | 'u32') => new Tensor(shape, dtype, { kind: 'input', name: 'x' });

interface Recorded {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly effects: readonly Call[];
}

function record(inputs: readonly Tensor[], body: (...x: Tensor[]) => Tensor): Recorded {
  const { result, tape } = onTape(true, () => body(...inputs));
  return { inputs, outputs: [result], effects: tape.effects };
}

const families = ['direct', 'workgroup'] as const;
const planned = (recorded: Recorded, family: (typeof families)[number] = 'direct', halves = true): Plan =>
  makePlan(recorded, { ...LEAST, chains: true, family, half: halves ? halfPlan : undefined });

/** Training steps of models of a common size. */
const STEPS: Readonly<Record<string, () => Recorded>> = {
  LSTM: () => {
    const model = new Sequential(new Embedding(64, 32), new LSTM(32, 64, { layers: 2 }), new Linear(64, 64));
    const adam = new Adam(model.parameters(), { learningRate: 1e-3 });
    return record([input([8, 32], 'u32'), input([8, 32], 'u32')], (x, y) =>
      lossScale(adam).minimize(crossEntropy(model.forward(x), y)),
    );
  },
  TCN: () => {
    const model = new Sequential(new TCN(16, [32, 32], { kernelSize: 3, dropout: 0.1 }), new Linear(32, 16));
    const adam = new Adam(model.parameters(), { learningRate: 1e-3, clipNorm: 1 });
    return record([input([8, 64, 16], 'f32'), input([8, 64, 16], 'f32')], (x, y) =>
      lossScale(adam).minimize(binaryCrossEntropy(model.forward(x), y)),
    );
  },
  Transformer: () => {
    const settings = { hidden: 32, levels: 2, heads: 2, length: 64 };
    const model = new TransformerLM(64, only(TRANSFORMER_RULES, settings));
    const adam = new Adam(model.parameters(), { learningRate: 1e-3 });
    return record([input([4, 64], 'u32'), input([4, 64], 'u32')], (x, y) =>
      lossScale(adam).minimize(model.loss(model.unroll(x).y, y)),
    );
  },
};

/** The results of a plan in slots, `op.output shape`: those in f16, and those in f32. */
function stored({ dispatches, memory }: Plan): { f16: string[]; f32: string[] } {
  const kinds = { f16: new Set<string>(), f32: new Set<string>() };
  for (const { op, outputs } of new Set(dispatches.map(({ call }) => call))) {
    for (const [name, y] of Object.entries(outputs)) {
      const { home, half } = memory.place(y);
      if (home.kind === 'slot') kinds[half ? 'f16' : 'f32'].add(`${op.name}.${name} ${y.shape.join('·')}`);
    }
  }
  return { f16: [...kinds.f16].sort(), f32: [...kinds.f32].sort() };
}

describe.each(families)('a training step (%s)', (family) => {
  test.each(Object.keys(STEPS))('%s: what is bound as halves is declared so, and nothing else', (name) => {
    const recorded = STEPS[name]();
    const plan = planned(recorded, family);
    const same = planned(recorded, family, false);
    expect(plan.dispatches.map(({ label }) => label)).toEqual(same.dispatches.map(({ label }) => label));
    let halves = 0;
    plan.dispatches.forEach(({ variant, bindings }, i) => {
      const whole = same.dispatches[i];
      const lines = variant.code.split('\n');
      bindings.forEach(({ binding, place, size }, at) => {
        const line = lines.find((one) => one.includes(`@binding(${binding})`))!;
        expect(/array<(?:vec[24]h|f16)>/.test(line), `${variant.kernel.name}: ${line}`).toBe(!!place.half);
        expect(size).toBe(whole.bindings[at].size / (place.half ? 2 : 1));
        halves += Number(place.half === true && place.home.kind === 'slot');
      });
      expect(variant.code === whole.variant.code).toBe(!bindings.some(({ place }) => place.half));
    });
    expect(halves).toBeGreaterThan(20);
    for (const x of [...plan.inputs, ...plan.outputs]) expect(plan.memory.place(x).half).toBeFalsy();
  });
});

describe('what is stored in f16', () => {
  test('of an LSTM', () => {
    expect(stored(planned(STEPS.LSTM())).f16).toMatchInlineSnapshot(`
      [
        "crossEntropyDx.dx 8·32·64",
        "delay.y 8·32·64",
        "embedding.y 8·32·256",
        "lstmSequence.cells 8·32·64",
        "lstmSequence.gates 8·32·256",
        "lstmSequence.y 8·32·64",
        "lstmSequenceDx.dxg 8·32·256",
        "matmul.y 64·256",
        "matmul.y 8·32·256",
        "matmul.y 8·32·64",
      ]
    `);
  });

  test('of a TCN', () => {
    expect(stored(planned(STEPS.TCN())).f16).toMatchInlineSnapshot(`
      [
        "accumulate·reluDx.y 8·64·32",
        "causalConv.y 8·64·32",
        "causalConvDx.dx 8·64·32",
        "dropout.y 8·64·32",
        "dropout·add·relu.y 8·64·32",
        "dropout·reluDx.y 8·64·32",
        "elementLossDx.dx 512·16",
        "matmul.y 8·64·16",
        "matmul.y 8·64·32",
        "reluDx.dx 8·64·32",
        "weightNorm.w 3·16·32",
        "weightNorm.w 3·32·32",
      ]
    `);
  });

  test('of a Transformer', () => {
    expect(stored(planned(STEPS.Transformer())).f16).toMatchInlineSnapshot(`
      [
        "accumulate.y 4·64·32",
        "accumulate·scale.y 4·64·32",
        "add.y 4·64·32",
        "crossEntropyDx.dx 4·64·64",
        "embedding.y 4·64·32",
        "layerNorm.y 4·64·32",
        "layerNormDx.dx 4·64·32",
        "matmul.y 4·64·128",
        "matmul.y 4·64·32",
        "matmul.y 4·64·64",
        "matmul.y 4·64·96",
        "reluDx.dx 4·64·128",
        "scale.y 4·64·32",
        "selfAttention.y 4·64·32",
        "selfAttentionDx.dx 4·64·96",
      ]
    `);
  });

  test.each(Object.entries({ LSTM: 0.6, TCN: 0.6, Transformer: 0.6 }))(
    'of a %s takes %d of the memory at most',
    (name, most) => {
      const recorded = STEPS[name]();
      const slots = ({ memory }: Plan) => memory.slots.reduce((a, b) => a + b, 0);
      const [f16, f32] = [planned(recorded), planned(recorded, 'direct', false)];
      expect(slots(f16) / slots(f32)).toBeLessThan(most);
      expect(explainPlan(f16)).toMatch(/\d+ of \d+ tensors in f16\. Largest:/);
      expect(explainPlan(f32)).not.toContain('f16');
    },
  );
});

describe('in f32 stays', () => {
  const step = (body: (...x: Tensor[]) => Tensor, ...shapes: Shape[]) =>
    stored(
      planned(
        record(
          shapes.map((shape) => input(shape, 'f32')),
          body,
        ),
      ),
    );

  test('what comes into a step and what it returns', () => {
    expect(step((x) => reshape(tanh(exp(x)), [16, 32]), [32, 16])).toEqual({
      f16: [],
      f32: ['exp·tanh.y 32·16'],
    });
    expect(step((x) => layer(layer(layer(x))), [32, 16])).toEqual({
      f16: ['layer.y 32·16'],
      f32: ['layer.y 32·16'],
    });
  });

  test('what is small beside the largest', () => {
    const { f16, f32 } = step((x, y) => add(sum(layer(layer(x))), sum(layer(layer(y)))), [1024, 64], [8, 8]);
    expect(f16).toEqual(['layer.y 1024·64']);
    expect(f32).toContain('layer.y 8·8');
  });

  test('what an op calls exact, adds up in place, or nobody else reads', () => {
    for (const [op, kept] of [
      [layer, false],
      [exact, true],
      [adding, true],
    ] as const) {
      const { f16 } = step((x) => op(layer(op(x))), [32, 16]);
      expect(
        f16.some((name) => name.startsWith(op.name)),
        op.name,
      ).toBe(!kept);
    }
  });

  test('what is bound from a place where no half can begin', () => {
    for (const [rows, aligned] of [
      [4, false],
      [8, true],
    ] as const) {
      const { f16 } = step((x) => layer(parts(layer(x), rows)), [32, 16]);
      expect(f16.includes('layer.y 32·16'), `${rows} rows`).toBe(aligned);
    }
  });
});

const doubled = kernel(
  'doubled',
  `struct Params { size : u32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < p.size) { y[gid.x] = 2.0 * x[gid.x]; }
}`,
);
const added = kernel('added', doubled.reflection.code.replace('y[gid.x] = ', 'y[gid.x] += '));

const layerOf = (name: string, made = doubled, more: { readonly exact?: readonly 'y'[] } = {}) => {
  const op = defineOp<'x', 'y'>({
    name,
    inputs: { x: '...' },
    outputs: { y: '...' },
    ...more,
    dispatch: ({ x }) => ({ kernel: made.with(), params: { size: x.size }, threads: [x.size] }),
  });
  return Object.defineProperty((x: Tensor) => op({ x }, {}).y, 'name', { value: name });
};
const layer = layerOf('layer');
const exact = layerOf('exact', doubled, { exact: ['y'] });
const adding = layerOf('adding', added);

/** Doubles x in launches of so many rows. */
const partsOp = defineOp<'x', 'y', { rows: number }>({
  name: 'parts',
  inputs: { x: 'N C' },
  outputs: { y: 'N C' },
  dispatch: ({ x, y }, { N, C }, { rows }) =>
    Array.from({ length: N / rows }, (_, i) => {
      const part = (tensor: Tensor): Part => ({ tensor, offset: i * rows * C, size: rows * C });
      const bind = { x: part(x), y: part(y) };
      return { kernel: doubled.with(), bind, params: { size: rows * C }, threads: [rows * C] };
    }),
});
const parts = (x: Tensor, rows: number) => partsOp({ x }, { rows }).y;
