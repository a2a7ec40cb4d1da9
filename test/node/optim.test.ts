// Optimizers, constraints and projections as graphs and plans, without a device: what is launched with which numbers,
// what a projection computes (its graph evaluated in doubles), and what is refused.

import { describe, expect, test } from 'vitest';
import { dispose } from '../../src/graph/dispose';
import { array } from '../../src/graph/host';
import { type Call, Tensor } from '../../src/graph/tensor';
import { makePlan } from '../../src/plan/makePlan';
import type { Plan } from '../../src/plan/plan';
import { onTape } from '../../src/graph/tape';
import { Parameter } from '../../src/graph/state';
import type { Shape } from '../../src/graph/shape';
import { LEAST } from '../../src/graph/traits';
import { matrix, singularValues } from '../../src/lab/matrix';
import * as nn from '../../src/nn/index';
import { add, mul } from '../../src/ops/elementwise/binary';
import { mean } from '../../src/ops/reduce/reduce';
import * as optim from '../../src/optim/index';
import { signPolynomials } from '../../src/optim/signPolynomials';
import { Random } from '../../src/random';
import { stable } from '../../src/train/stable';
import { stubEngine } from '../harness/stubEngine';

const input = (shape: Shape) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });

/** A training step that minimizes a sum of the means of the parameters. */
function planOf(optimizer: optim.Optimizer, training = true, traits = LEAST): Plan {
  const x = input([1]);
  const { result, tape } = onTape(training, () =>
    optimizer.minimize(
      optimizer.flat.members.map((one) => mean(mul(one, x))).reduce((all, one) => add(all, one)),
    ),
  );
  return makePlan({ inputs: [x], outputs: [result], effects: tape.effects }, traits);
}

/** Kernels and their params by name. */
const launches = ({ dispatches, params }: Plan) =>
  dispatches.map(({ variant, paramsOffset, flops, workgroups, bindings }) => {
    const view = new DataView(params.buffer, params.byteOffset + paramsOffset);
    const values = variant.kernel.reflection.params.map(({ name, type, offset }) => [
      name,
      type === 'f32' ? view.getFloat32(offset, true) : view.getUint32(offset, true),
    ]);
    return {
      kernel: variant.kernel.name,
      constants: variant.constants,
      params: Object.fromEntries(values),
      flops,
      workgroups: workgroups.reduce((all, count) => all * count, 1),
      offsets: bindings.map(({ place }) => place.offset),
    };
  });

const parameter = (...shape: number[]) => new Parameter(shape, 'zeros');

describe('updates', () => {
  test.each([
    [
      'adam',
      16,
      (list: Parameter[], clipNorm: number) => new optim.Adam(list, { learningRate: 1, clipNorm }),
    ],
    [
      'adam',
      16,
      (list: Parameter[], clipNorm: number) => new optim.AdamW(list, { learningRate: 1, clipNorm }),
    ],
    ['sgd', 7, (list: Parameter[], clipNorm: number) => new optim.SGD(list, { learningRate: 1, clipNorm })],
    [
      'rmsProp',
      12,
      (list: Parameter[], clipNorm: number) => new optim.RMSprop(list, { learningRate: 1, clipNorm }),
    ],
  ] as const)(
    '%s is one launch over all parameters, which clips where that is asked for',
    (kernel, flops, make) => {
      for (const clipNorm of [0, 0.5]) {
        const optimizer = make([parameter(70), parameter(3)], clipNorm);
        // Each starts at a multiple of 64.
        expect(optimizer.flat.size).toBe(192);
        const found = launches(planOf(optimizer)).filter((one) => one.kernel === kernel);
        expect(found).toHaveLength(1);
        const [{ params, constants }] = found;
        expect(params).toMatchObject({ size: 192 });
        expect(constants).toMatchObject({ EACH: 1, CLIP: Number(clipNorm > 0) });
        expect(found[0].flops).toBe(flops * 192);
      }
    },
  );

  test('long updates are of long threads on a CPU adapter, and the rest of shorter ones', () => {
    const found = (family: 'direct' | 'workgroup', size: number) =>
      launches(planOf(new optim.SGD([parameter(size)], { learningRate: 1 }), true, { ...LEAST, family }))
        .filter(({ kernel }) => kernel === 'sgd')
        .map(({ constants: { EACH, WHOLE }, params, offsets: [offset], workgroups }) => {
          expect(WHOLE).toBe(Number(EACH > 1));
          expect(workgroups * 4 * 64 * EACH).toBe(params.size);
          return [EACH, offset, params.size];
        });
    expect(found('direct', 2 ** 20)).toEqual([[64, 0, 2 ** 20]]);
    expect(found('direct', 2 ** 20 + 77_824)).toEqual([
      [64, 0, 2 ** 20 + 65_536],
      [1, 2 ** 20 + 65_536, 12_288],
    ]);
    expect(found('direct', 2 ** 20 - 4096)).toEqual([[16, 0, 2 ** 20 - 4096]]);
    expect(found('workgroup', 2 ** 21)).toEqual([[16, 0, 2 ** 21]]);
  });

  test('the norm is taken in two launches: of parts, and of them', () => {
    const optimizer = new optim.SGD([parameter(5000)], { learningRate: 1, clipNorm: 1 });
    const norms = launches(planOf(optimizer)).filter(({ kernel }) => kernel === 'gradientNorm');
    const size = optimizer.flat.size;
    const [first, second] = norms.map(({ params }) => params);
    expect(norms).toHaveLength(2);
    expect(first).toMatchObject({ size, S: second.size });
    expect(second).toMatchObject({ S: 1, length: second.size });
    // Every vec4 is in a part, and no run of parts is empty.
    expect(first.S % first.stride).toBe(0);
    expect(first.length * first.S).toBeGreaterThanOrEqual(size / 4);
    expect(first.length * (first.S - first.stride)).toBeLessThan(size / 4);
    expect(norms.reduce((sum, { flops }) => sum + flops, 0)).toBe(2 * size);
  });

  test('the norm of what is too long for a binding is taken part by part, each to its own place', () => {
    const traits = { ...LEAST, maxBindingBytes: 2 ** 16 };
    const four = [1, 2, 3, 4].map(() => parameter(10_000));
    const plan = planOf(new optim.SGD(four, { learningRate: 1, clipNorm: 1 }), true, traits);
    const norms = launches(plan).filter(({ kernel }) => kernel === 'gradientNorm');
    const [parts, last] = [norms.slice(0, -1), norms.at(-1)!];
    expect(parts.map(({ params }) => params.size)).toEqual([16_384, 16_384, 7424]);
    let [read, written] = [0, 0];
    for (const { params, offsets, workgroups } of parts) {
      // Every vec4 is in a part.
      expect(params.S * params.length * 4).toBeGreaterThanOrEqual(params.size);
      expect(offsets).toEqual([read, written]);
      expect(workgroups).toBe(Math.ceil(params.S / 64));
      read += params.size;
      written += params.S;
    }
    expect(last.params).toMatchObject({ size: written, S: 1, length: written });
    // At most 4096 parts, however long it is.
    const long = launches(planOf(new optim.SGD([parameter(2 ** 21)], { learningRate: 1 })));
    const [first] = long.filter(({ kernel }) => kernel === 'gradientNorm');
    expect(first.params).toMatchObject({ size: 2 ** 21, S: 4096, length: 128 });
  });

  test('a guard decides on every attempt, with the betas of its optimizer', () => {
    const guard = (optimizer: optim.Optimizer) =>
      launches(planOf(optimizer)).find(({ kernel }) => kernel === 'updateGuard')!;
    const sgd = guard(new optim.SGD([parameter(2)], { learningRate: 1 }));
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect([sgd.params, sgd.workgroups]).toEqual([{ log1: -1e4, log2: -1e4, most: largest }, 1]);
    const adam = guard(new optim.Adam([parameter(2)], { learningRate: 1, betas: [0.5, 0.75] }));
    expect(adam.params).toMatchObject({
      log1: expect.closeTo(-Math.LN2, 6),
      log2: expect.closeTo(Math.log(0.75), 6),
    });
    // What is squared may be as large as a root of the largest number, where nothing clips it below.
    const mostOf = (make: typeof optim.Adam | typeof optim.RMSprop, clipNorm: number) =>
      guard(new make([parameter(2)], { learningRate: 1, clipNorm })).params.most;
    for (const make of [optim.Adam, optim.RMSprop]) {
      expect(mostOf(make, 0)).toBe(Math.fround(1.8e19));
      expect(mostOf(make, 1)).toBe(largest);
      expect(mostOf(make, 1.9e19)).toBe(Math.fround(1.8e19));
    }
    const optimizer = new optim.SGD([parameter(2)], { learningRate: 1 });
    const asked: (readonly number[])[] = [];
    const stub = stubEngine({
      step: (_batch, { 'updateGuard.attempt': attempt }) => asked.push(attempt),
      measure: () => [],
    });
    const step = stub.engine.train((x: Tensor) =>
      optimizer.minimize(mean(mul(optimizer.flat.members[0], x))),
    );
    for (let i = 0; i < 3; i++) step(array([1], [1]));
    expect(asked).toEqual([[1], [2], [3]]);
    expect(optimizer.steps).toBe(3);
  });

  test('what an optimizer has is freed with it, parameters are not', () => {
    for (const end of ['destroy', dispose] as const) {
      const mine = parameter(3);
      const adam = new optim.Adam([mine], { learningRate: 1 });
      adam[end]();
      const all = [adam.gradients, adam.skips, ...Object.values(adam.moments)];
      expect(all.map(({ destroyed }) => destroyed)).toEqual([true, true, true, true]);
      expect(mine.destroyed).toBe(false);
    }
  });

  test('moments and gradients are laid out like the parameters, and start at zero', () => {
    const adam = new optim.Adam([parameter(70), parameter(3)], { learningRate: 1 });
    for (const state of [adam.gradients, ...Object.values(adam.moments)]) {
      expect(state.shape).toEqual([192]);
      expect(state.initial).toBe('zeros');
    }
    expect(Object.keys(adam.moments)).toEqual(['exp_avg', 'exp_avg_sq']);
  });

  test('a parameter that is given twice is one', () => {
    const one = parameter(5);
    expect(new optim.SGD([one, one], { learningRate: 1 }).flat.members).toEqual([one]);
  });
});

describe('what is refused', () => {
  const sgd = (list: Parameter[], options: Partial<optim.SGDOptions> = {}) =>
    new optim.SGD(list, { learningRate: 1, ...options });

  test('no parameters, those of another optimizer, rates below 0', () => {
    expect(() => sgd([])).toThrow(
      /there are no parameters[^]*optim\.test\.ts:\d+[^]*pass model\.parameters\(\)/,
    );
    const model = new nn.Linear(1, 1);
    for (const [given, name] of [
      [model, 'a Linear'],
      [model.parameters, 'a function'],
      [undefined, 'undefined'],
    ])
      expect(() => sgd(given as never)).toThrow(`there are no parameters in ${String(name)}.`);
    const taken = parameter(2);
    sgd([taken]);
    expect(() => sgd([taken])).toThrow(/already belongs to another optimizer[^]*to one optimizer/);
    expect(() => sgd([parameter(2)], { learningRate: -1 })).toThrow(/learningRate is -1/);
    expect(() => sgd([parameter(2)], { learningRate: NaN })).toThrow(/learningRate is NaN/);
    expect(() => sgd([parameter(2)], { learningRate: 0 })).not.toThrow();
  });

  test('updates outside training', () => {
    expect(() => planOf(sgd([parameter(2)]), false)).toThrow(
      /this recording is not for training[^]*engine\.train/,
    );
    const other = sgd([parameter(2)]);
    expect(() => onTape(false, () => other.apply([input([2])]))).toThrow(/not for training/);
  });

  test('gradients that are not of the parameters', () => {
    const optimizer = sgd([parameter(2), parameter(3)]);
    const apply = (...shapes: Shape[]) => onTape(true, () => optimizer.apply(shapes.map(input)));
    expect(() => apply([2], [4])).toThrow(/the gradients are \[2\] \[4\], the parameters \[2\] \[3\]/);
    expect(() => apply([2])).toThrow('the gradients are [2], the parameters [2] [3]');
    expect(() => apply([2], [3])).not.toThrow();
  });

  test('constraints on strangers, and two on one', () => {
    const mine = parameter(2, 2);
    const one = optim.spectralNorm(mine, 1);
    expect(() => sgd([parameter(2)], { constraints: [one] })).toThrow(
      /not among the parameters[^]*give the optimizer both/,
    );
    expect(() => sgd([mine], { constraints: [one, optim.spectralNorm(mine, 2)] })).toThrow(
      /two constraints are on/,
    );
    expect(() => sgd([mine], { constraints: [one] })).not.toThrow();
  });

  test('what is no constraint', () => {
    const plain = { name: 'mine', parameters: [], project: () => [] };
    for (const one of [plain, null, 1] as never[]) {
      expect(() => sgd([parameter(2)], { constraints: [one] })).toThrow(
        /constraints is .*\n.*\n.*spectralNorm, gateNorms or new Constraint/,
      );
    }
    const mine = parameter(2);
    const own = new optim.Constraint('mine', [mine], ([w]) => [w]);
    expect(sgd([mine], { constraints: [own] }).constraints).toEqual([own]);
  });

  test('layers that cannot be made stable', () => {
    expect(() => stable(new nn.RNN(2, 2), { lambda: 1.1 })).toThrow(/lambda is 1\.1[^]*at most 1/);
    expect(() => stable(new nn.RNN(2, 2), { lambda: 0 })).toThrow('lambda is 0');
    expect(() => stable(new nn.RNN(2, 2), {})).toThrow(/an RNN needs λ[^]*0\.99/);
    expect(() => stable(new nn.LSTM(2, 2), {})).toThrow('an LSTM needs λ or bounds');
    expect(() => stable(new nn.GRU(2, 2), { lambda: 0.9 })).toThrow(
      /GRU cannot be made stable: no projection is known/,
    );
    expect(() => stable(new nn.Linear(2, 2), { lambda: 0.9 })).toThrow(
      /Linear cannot be made stable: there is no recurrence/,
    );
    expect(stable(new nn.RNN(2, 2), { lambda: 1 })).toHaveLength(1);
    expect(stable(new nn.LSTM(2, 2), { bounds: optim.PAPER_V4 })).toHaveLength(1);
  });

  test('matrices that are not square, and λ that is not above 0', () => {
    const clip = (shape: Shape, lambda: number) =>
      onTape(false, () => optim.clipSpectrum(input(shape), lambda));
    expect(() => clip([2, 3], 1)).toThrow(/w is \[2, 3\] and λ 1[^]*square matrix/);
    expect(() => clip([2, 2, 2], 1)).toThrow('w is [2, 2, 2]');
    expect(() => clip([2, 2], 0)).toThrow('λ 0');
    expect(() => clip([2, 2], NaN)).toThrow('λ NaN');
    expect(() => optim.spectralNorm(parameter(2, 2), 0)).toThrow('λ is 0');
    for (const passes of [0, 3, true, '1'] as never[]) {
      expect(() => optim.spectralNorm(parameter(2, 2), 1, { passes })).toThrow(/passes[^]*1 or 2/);
    }
    for (const passes of [1, 2] as const) {
      expect(() => optim.spectralNorm(parameter(2, 2), 1, { passes })).not.toThrow();
    }
  });
});

describe('constraints', () => {
  test('of every layer of a stack, with its own weights', () => {
    const rnn = new nn.RNN(3, 4, { layers: 2 });
    const all = rnn.namedParameters();
    const constraints = stable(rnn, { lambda: 0.9 });
    expect(constraints.map(({ name, parameters }) => [name, ...parameters])).toEqual([
      ['spectralNorm', all.get('weight_hh_l0')],
      ['spectralNorm', all.get('weight_hh_l1')],
    ]);
    const lstm = new nn.LSTM(3, 4, { layers: 2 });
    const names = (list: readonly optim.Constraint[]) =>
      list.map((one) => one.parameters.map(({ name }) => name));
    lstm.namedParameters();
    const of = (l: number) => ['weight_hh', 'weight_ih', 'bias_ih', 'bias_hh'].map((name) => `${name}_l${l}`);
    expect(names(stable(lstm, { lambda: 0.9 }))).toEqual([of(0), of(1)]);
    expect(names(stable(lstm, { lambda: 0.9, variant: 'columns' }))).toEqual([
      of(0).slice(0, 2),
      of(1).slice(0, 2),
    ]);
  });

  test('take their parameters out of the updated buffer, and put them back in their places', () => {
    const [first, second] = [parameter(5), parameter(3, 3)];
    const constraints = [optim.spectralNorm(second, 1)];
    const plan = planOf(new optim.SGD([first, second], { learningRate: 1, constraints }));
    const kernels = plan.dispatches.map(({ variant }) => variant.kernel.name);
    const update = kernels.indexOf('sgd');
    expect(kernels.slice(0, update)).not.toContain('quintic');
    const behind = kernels.slice(update + 1);
    expect([behind[0], behind.at(-1)]).toEqual(['copy', 'copy']);
    expect(behind.filter((kernel) => kernel === 'matmul')).toHaveLength(36);
    expect(behind.filter((kernel) => kernel === 'quintic')).toHaveLength(11);
  });

  test('two of them write one behind the other, each to the place of its parameter', () => {
    const all = [parameter(2, 2), parameter(70), parameter(3, 3)];
    const constraints = [optim.spectralNorm(all[0], 1), optim.spectralNorm(all[2], 1)];
    const optimizer = new optim.SGD(all, { learningRate: 1, constraints });
    const { tape } = onTape(true, () => optimizer.apply([input([2, 2]), input([70]), input([3, 3])]));
    const [first, second] = tape.effects.filter(({ op }) => op.name === 'put');
    expect([first, second].map(({ attrs }) => attrs.offset)).toEqual([0, 192]);
    const { source } = second.inputs.flat;
    expect(source.kind === 'call' && source.call).toBe(first);
  });

  test('alone, as on initial values, they write every parameter that they are on', () => {
    const lstm = new nn.LSTM(2, 3);
    const constraints = stable(lstm, { lambda: 0.9 });
    const optimizer = new optim.SGD(lstm.parameters(), { learningRate: 1, constraints });
    const { tape } = onTape(false, () => optimizer.project());
    expect(tape.effects).toHaveLength(constraints[0].parameters.length);
    // A layer without biases has no more than its weights.
    const bare = optim.gateNorms({ wx: parameter(2, 12), wh: parameter(3, 12) }, optim.PAPER_V4);
    expect(bare.parameters).toHaveLength(2);
  });

  test('the kernels of a projection have a thread for every number', () => {
    const plan = (N: number) => {
      const x = input([N, N]);
      const { result } = onTape(false, () => optim.clipSpectrum(x, 1));
      return launches(makePlan({ inputs: [x], outputs: [result], effects: [] }, LEAST));
    };
    for (const [kernel, flops] of [
      ['quintic', 5],
      ['spectralShift', 4],
      ['spectralClip', 3],
    ] as const) {
      const [of4, of40] = [4, 40].map((N) => plan(N).filter((one) => one.kernel === kernel));
      expect(of40[0].flops).toBe(flops * 1600);
      expect(of4[0].workgroups).toBe(1);
      expect(of40[0].workgroups).toBe(Math.ceil(1600 / 64));
    }
    // The first polynomial alone divides by the norm.
    const scaled = plan(4).flatMap(({ kernel, constants }) =>
      kernel === 'quintic' ? [constants.SCALED] : [],
    );
    expect(scaled).toEqual([1, ...scaled.slice(1).map(() => 0)]);
  });

  test('a pass takes out what is outside by 16 times, the first of two by 10,000', () => {
    const bounds = (passes: 1 | 2) => {
      const { result } = onTape(false, () => optim.clipSpectrum(input([2, 2]), 2, { passes }));
      const found: unknown[] = [];
      const visit = ({ source }: Tensor): void => {
        if (source.kind !== 'call') return;
        if (source.call.op.name === 'spectralClip')
          found.unshift([source.call.attrs.most, source.call.attrs.lambda]);
        if (source.call.op.name === 'spectralClip') visit(source.call.inputs.w);
      };
      visit(result);
      return found;
    };
    const inside = expect.closeTo(2 * (1 - 5e-5), 12);
    expect(bounds(1)).toEqual([[16, inside]]);
    expect(bounds(2)).toEqual([
      [1e4, inside],
      [16, inside],
    ]);
  });

  test('bounds are inside of what they are for, also after rounding', () => {
    for (const lambda of [0.6, 0.9, 0.999]) {
      const forget = 0.5 + (lambda - 0.5) / 4;
      const found = optim.forgetBound(optim.boundsFor(lambda));
      expect(found).toBeLessThan(forget);
      expect(found).toBeGreaterThan(forget - 1e-5);
    }
    expect(optim.contraction({ ...optim.AUTHOR_CODE, wf: 0 })).toBe(Infinity);
  });

  test('polynomials near one are those of Newton and Schulz; what has none is refused', () => {
    expect(signPolynomials(0.9995, 1e-8)).toEqual([{ alpha: 1.875, beta: -1.25, gamma: 0.375 }]);
    expect(() => signPolynomials(NaN, 1e-5)).toThrow(/no minimax polynomial on \[NaN, 1\][^]*larger lowest/);
  });

  test('gates are clipped to their own bounds, biases to half of theirs each', () => {
    const lstm = new nn.LSTM(3, 4);
    const bounds = { wi: 0.1, wf: 0.2, wo: 0.3, wz: 0.4, uf: 0.5, bf: 0.6, x: 1 };
    const clipsOf = (variant: 'rows' | 'columns') => {
      const constraints = stable(lstm, { bounds, variant });
      const { result } = onTape(false, () =>
        constraints.flatMap((one) => one.project(one.parameters.map(({ shape }) => input(shape)))),
      );
      const inputs: Tensor[] = [];
      const visit = (x: Tensor): void => {
        if (x.source.kind === 'input' && !inputs.includes(x)) inputs.push(x);
        if (x.source.kind === 'call') Object.values(x.source.call.inputs).forEach(visit);
      };
      result.forEach(visit);
      const plan = makePlan({ inputs, outputs: result, effects: [] }, LEAST);
      return launches(plan)
        .filter(({ kernel }) => kernel === 'clipGates')
        .map(({ params: p, constants, flops }) => ({
          bounds: [p.bound0, p.bound1, p.bound2, p.bound3].map((bound) =>
            bound < 0 ? null : Number(bound.toPrecision(3)),
          ),
          lines: p.lines,
          across: constants.ACROSS,
          flops,
        }));
    };
    const forget = (bound: number) => [null, bound, null, null];
    // Gates in the order i, f, z, o; 4 inputs of 4 units, 3 inputs of 4 units, and biases of 16.
    expect(clipsOf('rows')).toEqual([
      { bounds: [0.1, 0.2, 0.4, 0.3], lines: 16, across: 0, flops: 2 * 64 },
      { bounds: forget(0.5), lines: 16, across: 0, flops: 2 * 48 },
      { bounds: forget(0.3), lines: 16, across: 0, flops: 2 * 16 },
      { bounds: forget(0.3), lines: 16, across: 0, flops: 2 * 16 },
    ]);
    expect(clipsOf('columns')).toEqual([
      { bounds: [0.1, 0.2, 0.4, 0.3], lines: 16, across: 1, flops: 2 * 64 },
      { bounds: forget(0.5), lines: 12, across: 1, flops: 2 * 48 },
    ]);
  });
});

/** What the ops of a projection compute, in doubles; matrices row by row. */
function evaluate(result: Tensor, given: ReadonlyMap<Tensor, Float64Array>): Float64Array {
  const known = new Map<Tensor, Float64Array>(given);
  const valueOf = (x: Tensor): Float64Array => {
    if (!known.has(x)) {
      if (x.source.kind === 'constant') known.set(x, Float64Array.from(x.source.data));
      else if (x.source.kind === 'call')
        known.set(x, RULES[x.source.call.op.name](x.source.call, valueOf, x.source.output));
      else throw new Error(`no value for ${x.source.kind}`);
    }
    return known.get(x)!;
  };
  return valueOf(result);
}

type RuleOf = (call: Call, valueOf: (x: Tensor) => Float64Array, output: string) => Float64Array;
const each =
  (f: (a: number, b: number) => number): RuleOf =>
  ({ inputs: { a, b } }, valueOf) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    return left.map((value, i) => f(value, right[right.length === 1 ? 0 : i]));
  };
type At = (row: number, column: number) => number;
/** a·b of matrices [N, N]. */
const product = (N: number, a: At, b: At) =>
  Float64Array.from({ length: N * N }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < N; k++) sum += a(Math.floor(i / N), k) * b(k, i % N);
    return sum;
  });
const topOf = ([norm]: Float64Array) => 1.0001 * norm ** 0.25;
const RULES: Readonly<Record<string, RuleOf>> = {
  add: each((a, b) => a + b),
  sub: each((a, b) => a - b),
  mul: each((a, b) => a * b),
  div: each((a, b) => a / b),
  clamp: ({ inputs: { x }, attrs }, valueOf) =>
    valueOf(x).map((value) => Math.min(Number(attrs.high), Math.max(Number(attrs.low), value))),
  scale: ({ inputs: { x }, attrs }, valueOf) =>
    valueOf(x).map((value) => value * Number(attrs.scale) + Number(attrs.shift)),
  reshape: ({ inputs: { x } }, valueOf) => valueOf(x),
  matmul({ inputs: { a, b }, attrs }, valueOf) {
    const N = b.shape[0];
    const [left, right] = [valueOf(a), valueOf(b)];
    expect(attrs).toMatchObject({ transposeA: false, transposeB: false });
    return product(
      N,
      (i, k) => left[i * N + k],
      (k, j) => right[k * N + j],
    );
  },
  symmetricProduct({ inputs: { a, b } }, valueOf) {
    const N = b.shape[0];
    const [left, right] = [valueOf(a), valueOf(b)];
    const y = product(
      N,
      (i, k) => left[k * N + i],
      (k, j) => right[k * N + j],
    );
    const most = Math.max(...y.map(Math.abs));
    y.forEach((v, i) => expect(Math.abs(v - y[(i % N) * N + Math.floor(i / N)])).toBeLessThan(1e-9 * most));
    return y;
  },
  gradientNorm: ({ inputs: { g } }, valueOf) => Float64Array.of(Math.hypot(...valueOf(g))),
  quintic({ inputs: { b, c, norm }, attrs }, valueOf) {
    const { alpha, beta, gamma, SCALED } = attrs as unknown as Record<string, number>;
    const N = b.shape[0];
    const s = SCALED ? 1 / topOf(valueOf(norm)) : 1;
    const [squares, fourths] = [valueOf(b), valueOf(c)];
    return squares.map(
      (v, i) => s * ((i % (N + 1) ? 0 : alpha) + beta * s ** 2 * v + gamma * s ** 4 * fourths[i]),
    );
  },
  spectralShift({ inputs: { h, norm, size }, attrs }, valueOf, output) {
    const N = h.shape[0];
    const x = valueOf(h);
    const top = topOf(valueOf(norm));
    const bound = Math.min(
      2 * top,
      Math.max(top / Number(attrs.most), Number(attrs.lambda) / valueOf(size)[0]),
    );
    const d = x.map((v, i) => (v + x[(i % N) * N + Math.floor(i / N)]) / 2 - (i % (N + 1) ? 0 : bound));
    return output === 'd' ? d : d.map((v) => v / Math.max(bound, top - bound));
  },
  spectralClip({ inputs: { w, above, norm, size }, attrs }, valueOf) {
    const [top, [length], over] = [topOf(valueOf(norm)), valueOf(size), valueOf(above)];
    const [bound, least] = [Number(attrs.lambda) / length, top / Number(attrs.most)];
    if (top <= bound) return valueOf(w);
    const much = Number(attrs.lambda) / least;
    return valueOf(w).map((v, i) =>
      bound < least ? much * (v / length - over[i] / 2) : v - (length * over[i]) / 2,
    );
  },
};

describe('the projection onto ‖W‖₂ ≤ λ, in doubles', () => {
  const N = 6;
  const random = new Random(3);
  const w = Float64Array.from({ length: N * N }, () => random.normal());
  const values = (data: ArrayLike<number>) => singularValues(matrix(N, N, data));
  const clipped = (scale: number, lambda: number, passes?: 1 | 2) => {
    const x = input([N, N]);
    const { result } = onTape(false, () => optim.clipSpectrum(x, lambda, passes ? { passes } : {}));
    return evaluate(result, new Map([[x, w.map((v) => v * scale)]]));
  };

  test('what is above λ becomes λ, what is below stays', () => {
    const before = values(w);
    const lambda = (before[2] + before[3]) / 2;
    const after = values(clipped(1, lambda));
    before.forEach((value, i) => expect(Math.abs(after[i] / Math.min(value, lambda) - 1)).toBeLessThan(2e-4));
    // Inside, not on the bound: more than rounding adds.
    expect(after[0]).toBeLessThan(lambda);
    expect(after[0]).toBeGreaterThan(lambda * (1 - 1e-4));
  });

  test('it is the nearest: a matrix within the bound stays, to the last digits', () => {
    const lambda = 2 * values(w)[0];
    clipped(1, lambda).forEach((value, i) => expect(value).toBeCloseTo(w[i], 4));
  });

  test('two passes for a matrix that is much too large', () => {
    const lambda = values(w)[0] / 2;
    const twice = values(clipped(50, lambda, 2));
    expect(twice[0] / lambda).toBeLessThan(1);
    expect(twice[0] / lambda).toBeGreaterThan(0.999);
  });
});
