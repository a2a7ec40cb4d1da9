// Which elementwise calls become one launch, and where a chain must end. Read off plans, which need no GPU.

import { describe, expect, test } from 'vitest';
import copyKernel from '../../../shaders/layout/copy.wgsl';
import { assign } from '../../../src/graph/assign';
import { accumulate, gradient } from '../../../src/graph/gradient';
import { defineOp } from '../../../src/graph/op';
import { makePlan } from '../../../src/plan/makePlan';
import type { Plan } from '../../../src/plan/plan';
import { onTape } from '../../../src/graph/tape';
import { State } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import type { Shape } from '../../../src/graph/shape';
import { LEAST } from '../../../src/graph/traits';
import { add, div, mul, sub } from '../../../src/ops/elementwise/binary';
import { matmul } from '../../../src/ops/matmul/matmul';
import { clamp, exp, relu, scale, square, tanh } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';

function planOf(shapes: readonly Shape[], body: (...x: Tensor[]) => Tensor | Tensor[] | void): Plan {
  const inputs = shapes.map((shape) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' }));
  const { result, tape } = onTape(true, () => body(...inputs));
  const outputs = result instanceof Tensor ? [result] : [...(result ?? [])];
  return makePlan({ inputs, outputs, effects: tape.effects }, { ...LEAST, chains: true });
}

const launches = ({ dispatches }: Plan) => dispatches.map(({ label }) => label);
/** The lines that stand in place of the mark. */
const steps = ({ dispatches }: Plan) =>
  dispatches
    .flatMap(({ variant }) => variant.code.match(/^ +v = \w+\(v\b.*;$/gm) ?? [])
    .map((line) => line.trim());

const four = [[4], [4], [4], [4], [4]];

describe('a chain', () => {
  test('is one launch, of the steps in their order', () => {
    const plan = planOf(four, (x, u) => relu(sub(u, scale(mul(x, u), 2, 1))));
    expect(launches(plan)).toEqual(['mul·scale·sub·relu']);
    expect(steps(plan)).toEqual([
      'v = mul(v, u[0]);',
      'v = scale(v, p.m0, p.n0);',
      'v = subFrom(v, u[0]);',
      'v = reluOf(v);',
    ]);
    // Five arguments and the result: nothing between them.
    expect(plan.memory.slots.length).toBeLessThanOrEqual(6);
  });

  test('is of the kernel with few steps where these are enough, whatever else there is', () => {
    const kernels = ({ dispatches }: Plan) => dispatches.map(({ variant }) => variant.kernel.name);
    expect(kernels(planOf(four, (x, u) => accumulate(accumulate(x, u), u)))).toEqual(['fewSteps']);
    const mixed = [
      planOf(four, (x, u) => accumulate(relu(x), u)),
      planOf(four, (x, u) => relu(accumulate(x, u))),
    ];
    expect(mixed.map(kernels)).toEqual([['chain'], ['chain']]);
    expect(mixed.map(steps)).toEqual([
      ['v = reluOf(v);', 'v = add(v, u[0]);'],
      ['v = add(v, u[0]);', 'v = reluOf(v);'],
    ]);
  });

  test('takes no step that its kernel does not have', () => {
    const cube = (does: string) =>
      defineOp<'x', 'y'>({
        name: 'cube',
        anyType: true,
        inputs: { x: '...' },
        outputs: { y: '...' },
        dispatch: () => ({ kernel: copyKernel.with(), threads: [1], params: { size: 4 } }),
        link: () => ({ does }),
      });
    const plan = (does: string) => planOf(four, (x, u) => cube(does)({ x: accumulate(x, u) }, {}).y);
    expect(launches(plan('cubeOf'))).toEqual(['accumulate', 'cube']);
    expect(launches(plan('tanhDx'))).toEqual(['accumulate·cube']);
  });

  test('counts every tensor once, and the operations of all', () => {
    const [launch] = planOf(four, (x, u) => add(add(x, u), u)).dispatches;
    expect(launch.bytes).toBe(3 * 4 * 4);
    expect(launch.flops).toBe(2 * 4);
  });

  test('may be long: 128 steps a launch', () => {
    const plan = planOf(four, (x, u) => Array.from({ length: 300 }).reduce<Tensor>((v) => add(v, u), x));
    expect(launches(plan)).toEqual(['add×128', 'add×128', 'add×44']);
  });

  test('of many ops is named by the first', () => {
    const plan = planOf(four, (x) => relu(exp(tanh(square(clamp(x, 0, 1))))));
    expect(launches(plan)).toEqual(['clamp·square·tanh·…']);
  });

  test('begins behind a product with its epilogue', () => {
    const plan = planOf(
      [
        [4, 4],
        [4, 4],
        [4, 4],
      ],
      (x, w, u) => relu(add(relu(matmul(x, w)), u)),
    );
    expect(launches(plan)).toEqual(['matmul', 'add·relu']);
  });

  test('runs through the way back', () => {
    const plan = planOf(four, (x, u, dy) => gradient(tanh(add(relu(x), u)), [x], dy));
    // What tanh and ReLU gave is read again on the way back, and ends a chain.
    expect(launches(plan)).toEqual(['relu', 'add·tanh', 'tanhDx·reluDx']);
  });

  test('joins where two meet: one goes on, the other ends', () => {
    const plan = planOf(four, (x, u) => add(exp(tanh(x)), square(relu(u))));
    expect(launches(plan)).toEqual(['relu·square', 'tanh·exp·add']);
  });
});

describe('a chain ends', () => {
  test('at a value that somebody else reads', () => {
    expect(launches(planOf(four, (x) => mul(tanh(x), exp(tanh(x))))).sort()).toEqual(['exp·mul', 'tanh']);
    expect(launches(planOf(four, (x) => [tanh(x), exp(tanh(x))]))).toEqual(['tanh', 'exp']);
    expect(launches(planOf(four, (x) => square(tanh(x))))).toEqual(['tanh·square']);
    expect(launches(planOf(four, (x) => mul(tanh(x), tanh(x))))).toEqual(['tanh', 'mul']);
  });

  test('at a value that a state keeps', () => {
    const state = new State([4], 'zeros', 'state');
    const plan = planOf(four, (x) => {
      const y = tanh(relu(x));
      assign(state, y);
      return exp(y);
    });
    expect(launches(plan)).toEqual(['relu·tanh', 'exp', 'assign']);
  });

  test('at another shape', () => {
    expect(launches(planOf([[4]], (x) => exp(reshape(tanh(x), [2, 2]))))).toEqual(['tanh', 'exp']);
    expect(launches(planOf([[2, 4], [4]], (x, u) => relu(add(tanh(x), u))))).toEqual(['tanh', 'add', 'relu']);
  });

  test('at the fourth tensor beside the value, and the fifth pair of numbers', () => {
    const tensors = planOf(four, (x, a, b, c, d) => tanh(div(mul(sub(add(x, a), b), c), d)));
    expect(launches(tensors)).toEqual(['add·sub·mul', 'div·tanh']);
    const numbers = planOf(four, (x) => tanh([1, 2, 3, 4, 5].reduce((v, n) => scale(v, n), x)));
    expect(launches(numbers)).toEqual(['scale×4', 'scale·tanh']);
  });
});
