// An op of one's own is told what is wrong with what its author or its caller gives, whatever that is.

import { describe, expect, test } from 'vitest';
import { defineOp, gradient, mean, Tensor, type Dispatch, type Op, type OpSpec } from '../../../src/index';
import { SeqgpuError } from '../../../src/graph/check';
import { LEAST } from '../../../src/graph/traits';
import { makePlan } from '../../../src/plan/makePlan';
import { kernel } from '../../../src/wgsl/reflect';

const twiceKernel = kernel(
  'twice',
  `@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < arrayLength(&y)) { y[gid.x] = 2.0 * x[gid.x]; }
}`,
);
const SPEC: OpSpec<'x', 'y', Record<never, never>> = {
  name: 'twice',
  inputs: { x: '...' },
  outputs: { y: '...' },
  dispatch: ({ y }) => ({ kernel: twiceKernel.with(), threads: [y.size] }),
};

const input = (shape: readonly number[] = [4]) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });

/** The op with other members, whatever their types. */
const twice = (more: Readonly<Record<string, unknown>>): Op<'x', 'y', Record<never, never>> =>
  defineOp({ ...SPEC, ...more });

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message.replace(/(ownOp\.test\.ts):\d+/g, '$1:LINE');
  }
  throw new Error('nothing was thrown');
}

/** What is said of the op while its step is planned. */
const planned = (more: Readonly<Record<string, unknown>>): string =>
  message(() => {
    const x = input();
    return makePlan({ inputs: [x], outputs: [twice(more)({ x }, {}).y], effects: [] }, LEAST);
  });

describe('a launch', () => {
  test('is what dispatch gives', () => {
    expect(planned({ dispatch: () => undefined })).toMatchInlineSnapshot(`
      "twice: its dispatch gives undefined.
          x [4]
          rule: x [...]
          at test/node/graph/ownOp.test.ts:LINE
          fix: return { kernel: own.with(), threads: [y.size] }, say, or a list of such launches."
    `);
    const launch = SPEC.dispatch({ x: input(), y: input() }, {}, {}, LEAST) as Dispatch;
    const said = (found: unknown) => planned({ dispatch: () => found }).split('\n')[0];
    expect(said([launch, undefined])).toBe('twice: its dispatch gives undefined.');
    expect(said(null)).toBe('twice: its dispatch gives null.');
    expect(said(Promise.resolve(launch))).toBe('twice: its dispatch gives a Promise.');
    expect(said({ ...launch, kernel: twiceKernel })).toBe(
      'twice: its dispatch gives a launch whose kernel is a Kernel.',
    );
    expect(said(twiceKernel.with())).toBe('twice: its dispatch gives a launch whose kernel is a Kernel.');
    expect(said([])).toBe('twice: its dispatch gives no launch.');
  });
});

describe('a gradient', () => {
  const back = (found: unknown) =>
    message(() => {
      const x = input();
      return gradient(mean(twice({ gradient: () => found })({ x }, {}).y), [x]);
    });

  test('is tensors, by the names of inputs', () => {
    expect(back(undefined)).toMatchInlineSnapshot(`
      "twice: its gradient gives undefined.
          at test/node/graph/ownOp.test.ts:LINE
          fix: return those of its inputs, as tensors: { x: … }."
    `);
    expect(back({ dx: input() }).split('\n')[0]).toBe('twice: its gradient gives dx, which is no input.');
    expect(back({ x: 3 }).split('\n')[0]).toBe('twice: its gradient of x is 3.');
    expect(back(input()).split('\n')[0]).toBe('twice: its gradient gives a Tensor.');
    expect(back({}).split('\n')[0]).toBe('twice: the gradient of x is needed, but twice does not define it.');
    expect(back({ x: null })).toBe(back({}));
  });
});

describe('a call', () => {
  test('names inputs that the op has', () => {
    const call = (given: unknown) => message(() => twice({})(given as { x: Tensor }, {}));
    expect(call({ x: input(), z: input() })).toMatchInlineSnapshot(`
      "twice has no input z.
          at test/node/graph/ownOp.test.ts:LINE
          fix: it has x: declare z in \`inputs\`, or leave it out."
    `);
    expect(call(undefined)).toMatchInlineSnapshot(`
      "twice: undefined is given where its inputs belong.
          at test/node/graph/ownOp.test.ts:LINE
          fix: pass { x }."
    `);
    expect(call(input()).split('\n')[0]).toBe('twice: a Tensor is given where its inputs belong.');
    expect(call({}).split('\n')[0]).toBe('twice: x is missing.');
    expect(twice({})({ x: input(), ...{ z: undefined } }, {}).y.shape).toEqual([4]);
  });

  test('has options, also where none are given', () => {
    const seen: unknown[] = [];
    const op = twice({ rules: (_d: unknown, attrs: unknown) => void seen.push(attrs) });
    Reflect.apply(op, undefined, [{ x: input() }]);
    expect(seen).toEqual([{}]);
  });
});

test('a specification has what it must, and nothing else', () => {
  expect(message(() => twice({ dispatch: undefined }))).toMatchInlineSnapshot(`
    "defineOp: dispatch is undefined.
        at test/node/graph/ownOp.test.ts:LINE
        fix: give a function."
  `);
  expect(message(() => twice({ grad: () => ({}) })).split('\n')[0]).toBe(
    'defineOp: there is no option grad.',
  );
  expect(message(() => twice({ gradient: {} })).split('\n')[0]).toBe('defineOp: gradient is {  }.');
});

test('what is right is as the author has it: `this`, and the gradient of an op that calls itself', () => {
  const own: Op<'x', 'y', { a: number }> = defineOp({
    name: 'own',
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ y }) => ({ kernel: twiceKernel.with(), threads: [y.size] }),
    rules(_d, { a }) {
      expect([a, this.name]).toEqual([7, 'own']);
    },
    gradient: ({ dy }, _d, attrs) => ({ x: own({ x: dy }, attrs).y }),
  });
  const x = input();
  const [dx] = gradient(mean(own({ x }, { a: 7 }).y), [x]);
  expect(dx.call?.op).toBe(own.op);
  expect(dx.shape).toEqual([4]);
});
