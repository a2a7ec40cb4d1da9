// Every kernel in a folded row: a row of more workgroups than an axis may have goes on in y, which happens to tensors of
// many millions of elements only. Here rows of more than two are folded, so that small ones show the same.

import { afterAll, describe, expect, test } from 'vitest';
import {
  accuracy,
  add,
  array,
  bernoulli,
  gradient,
  matmul,
  mean,
  mul,
  nn,
  optim,
  readAt,
  relu,
  reshape,
  sample,
  scale,
  square,
  sum,
  tanh,
  type Engine,
  type Tensor,
} from '../../src/index';
import { causalConvRing, causalConvStep } from '../../src/ops/conv/causalConvStep';
import { clusterTargets } from '../../src/ops/loss/clusterTargets';
import { makePlan } from '../../src/plan/makePlan';
import type { Plan } from '../../src/plan/plan';
import { summaryOf } from '../../src/graph/summary';
import { onTape } from '../../src/graph/tape';
import { Parameter } from '../../src/graph/state';
import { Tensor as Placeholder } from '../../src/graph/tensor';
import type { TypedArray } from '../../src/graph/shape';
import { openTestEngine, uniform } from '../harness/engine';
import { checkCase, differentiable, record } from '../harness/opCase';
import type { Case, Reference } from '../harness/reference';

const references = Object.entries(import.meta.glob<Reference>('../reference/*.ts', { eager: true }));
const shaders = Object.keys(import.meta.glob('../../shaders/*/*.wgsl', { query: '?raw' }));
const names = shaders.map((path) => path.replace(/.*\/(.*)\.wgsl/, '$1'));

const longestRow = 2;
const engines = {
  direct: await openTestEngine({ family: 'direct', quads: false, longestRow, poison: true }),
  quads: await openTestEngine({ family: 'direct', longestRow, poison: true }),
  workgroup: await openTestEngine({ family: 'workgroup', longestRow, poison: true }),
};
const plain = await openTestEngine({ family: 'workgroup' });
afterAll(() => [...Object.values(engines), plain].forEach((engine) => engine.destroy()));

const folded = new Set<string>();
const foldedIn = ({ dispatches }: Plan) =>
  dispatches.filter(({ workgroups }) => workgroups[1] > 1).map(({ variant }) => variant.kernel.name);

/** What a case would launch on an engine, without running it. */
function planOf(ref: Reference, c: Case, { traits }: Engine): Plan {
  const input = (shape: readonly number[], dtype: 'f32' | 'u32' = 'f32') =>
    new Placeholder(shape, dtype, { kind: 'input', name: 'x' });
  const inputs = c.shapes.map((shape, i) => input(shape, ref.integers?.includes(i) ? 'u32' : 'f32'));
  const incoming: Tensor[] = [];
  const given = ({ shape }: Tensor) => incoming[incoming.push(input(shape)) - 1];
  const { result } = onTape(false, () => record(ref, c, inputs, differentiable(ref, c), given));
  const outputs = [...result.outputs, ...result.grads];
  return makePlan({ inputs: [...inputs, ...incoming], outputs, effects: [] }, traits);
}

/** The first case of every op that folds a kernel which none before has. */
const needed = Object.entries(engines).map(([family, engine]) => {
  const cases = references.flatMap(([path, ref]) =>
    ref.cases.map((c) => ({ title: `${path.replace(/.*\/(.*)\.ts/, '$1')} ${c.name}`, ref, c })),
  );
  return {
    family,
    engine,
    cases: cases.filter(({ ref, c }) => {
      const fresh = foldedIn(planOf(ref, c, engine)).filter((name) => !folded.has(name));
      fresh.forEach((name) => folded.add(name));
      return fresh.length > 0;
    }),
  };
});

describe.each(needed)('$family', ({ engine, cases }) => {
  test.each(cases)('$title', ({ ref, c }) => checkCase(ref, c, engine));
});

describe('folded or not, the same bits', () => {
  /** Runs the same on both engines; the kernels are those of one family, so nothing may differ. */
  async function compare(run: (engine: Engine, note: (plan: Plan) => void) => Promise<TypedArray[]>) {
    const found = await run(engines.workgroup, (plan) => foldedIn(plan).forEach((name) => folded.add(name)));
    const wanted = await run(plain, (plan) => expect(foldedIn(plan)).toEqual([]));
    found.forEach((values, i) => expect([...values].every(Number.isFinite), `${i}`).toBe(true));
    expect(found).toEqual(wanted);
  }

  test.each([
    { Optimizer: optim.Adam, scaled: false },
    { Optimizer: optim.Adam, scaled: true },
    { Optimizer: optim.RMSprop, scaled: false },
    { Optimizer: optim.SGD, scaled: false },
  ])('$Optimizer.name with constraints, its loss scaled: $scaled', async ({ Optimizer, scaled }) => {
    await compare(async (engine, note) => {
      nn.seed(1);
      const lstm = new nn.LSTM(8, 48);
      const named = lstm.namedParameters();
      const of = (name: string) => named.get(`${name}_l0`)!;
      const layer = { wx: of('weight_ih'), wh: of('weight_hh'), bx: of('bias_ih'), bh: of('bias_hh') };
      const square64 = new Parameter([64, 64], (size) => uniform(3, size));
      const wide = new Parameter([8, 8192], (size) => uniform(4, size));
      const bounds = { wi: 0.2, wf: 0.2, wz: 0.2, wo: 0.2, uf: 0.2, bf: 0.2, x: 1 };
      const constraints = [optim.gateNorms(layer, bounds), optim.spectralNorm(square64, 0.5)];
      const parameters = [...lstm.parameters(), square64, wide];
      const optimizer = new Optimizer(parameters, { learningRate: 1e-2, clipNorm: 1, constraints });
      const step = engine.train((x: Tensor) => {
        const y = square(lstm.forward(x));
        const other = square(relu(scale(tanh(mul(wide, wide)), 0.5, 0.1)));
        const minimizing = scaled ? optim.lossScale(optimizer) : optimizer;
        return minimizing.minimize(add(add(mean(y), mean(square(square64))), mean(add(other, wide))));
      });
      const x = array([4, 3, 8], uniform(5, 96));
      note(step.plan(x));
      step(x);
      return Promise.all([step(x).read(), ...parameters.map((parameter) => engine.read(parameter))]);
    });
  });

  test('draws and reads', async () => {
    await compare(async (engine, note) => {
      const number = (n: number) =>
        new Placeholder([1], 'u32', { kind: 'constant', data: Uint32Array.of(n) });
      const [seed, counter] = [number(7), number(3)];
      const ring = causalConvRing(300, 70, 2);
      const shortRing = causalConvRing(12, 70, 2);
      const step = engine.record((logits: Tensor, targets: Tensor, w: Tensor, v: Tensor, few: Tensor) => {
        const products = add(sum(matmul(logits, v)), sum(square(matmul(logits, v))));
        const { head, tails } = clusterTargets(targets, [3, 9]);
        return {
          accuracy: accuracy(logits, targets),
          coins: bernoulli(logits, { seed, counter }),
          ids: sample(logits, { seed, counter, topK: 3 }),
          read: readAt(reshape(logits, [3, 10, 700]), counter),
          conv: causalConvStep(logits, w, ring, counter),
          convOfFew: causalConvStep(few, w, shortRing, counter),
          dx: gradient(products, [logits])[0],
          dtanh: gradient(sum(tanh(logits)), [logits])[0],
          ...{ head, tails, held: summaryOf(logits) },
        };
      });
      const targets = Uint32Array.from({ length: 300 }, (_, i) => (i * 7) % 9);
      const args = [
        array([300, 70], uniform(1, 21000)),
        array([300], targets),
        array([2, 70, 80], uniform(2, 11200)),
        array([70, 4], uniform(3, 280)),
        array([12, 70], uniform(4, 840)),
      ] as const;
      note(step.plan(...args));
      const results = Object.values(step(...args)).map((reading) => reading.read());
      return Promise.all(results);
    });
  });
});

test('an LSTM over a batch of many equal rows gives equal rows', async () => {
  nn.seed(1);
  const [lstm, B] = [new nn.LSTM(1, 1), 1050];
  const step = engines.workgroup.record((x: Tensor) => lstm.forward(x));
  const x = array([B, 1, 1], new Float32Array(B).fill(0.5));
  expect(foldedIn(step.plan(x))).toContain('lstmSequence');
  const y = await step(x).read();
  expect(y[0]).not.toBe(0);
  expect(new Set(y).size).toBe(1);
});

test('leaves no kernel out', () => {
  // One element; at most 64 threads; not the library's launches.
  const never = [
    'advance',
    'embeddingCount',
    'embeddingSort',
    'lossScale',
    'updateGuard',
    ...names.filter((name) => /Probe$/.test(name)),
  ];
  const quads = names.filter((name) => name.endsWith('Quad') && !engines.quads.traits.quads);
  expect(names.filter((name) => !folded.has(name)).sort()).toEqual([...never, ...quads].sort());
});
