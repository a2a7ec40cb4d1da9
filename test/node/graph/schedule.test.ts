// From what is wanted to which calls in which order: dead code, equal calls, epilogues, effects, in-place
// results. Read off plans, which need no GPU.

import { describe, expect, test } from 'vitest';
import { SeqgpuError } from '../../../src/graph/check';
import { assign } from '../../../src/graph/assign';
import { copyDispatch } from '../../../src/graph/copy';
import { gradient } from '../../../src/graph/gradient';
import { defineOp } from '../../../src/graph/op';
import { makePlan } from '../../../src/plan/makePlan';
import type { Plan } from '../../../src/plan/plan';
import { effect, isTraining, onTape } from '../../../src/graph/tape';
import { Parameter, State } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import type { Shape } from '../../../src/graph/shape';
import { LEAST } from '../../../src/graph/traits';
import { add, mul, sub } from '../../../src/ops/elementwise/binary';
import { embedding } from '../../../src/ops/embedding/embedding';
import { matmul } from '../../../src/ops/matmul/matmul';
import { sum } from '../../../src/ops/reduce/reduce';
import { exp, log, relu, scale, sigmoid, square, tanh } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';
import { Adam } from '../../../src/optim/adam';
import { SGD } from '../../../src/optim/sgd';
import { kernel } from '../../../src/wgsl/reflect';

const input = (shape: Shape) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });

/** Records `body` on inputs of these shapes and plans it. */
function planOf(shapes: readonly Shape[], body: (...x: Tensor[]) => Tensor | Tensor[] | void): Plan {
  const inputs = shapes.map(input);
  const { result, tape } = onTape(true, () => body(...inputs));
  const outputs = result instanceof Tensor ? [result] : [...(result ?? [])];
  return makePlan({ inputs, outputs, effects: tape.effects }, LEAST);
}

/** The op of every launch, in order. */
const launches = ({ dispatches }: Plan) => dispatches.map(({ label }) => label);

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message.replace(/(schedule\.test\.ts):\d+/g, '$1:LINE');
  }
  throw new Error('nothing was thrown');
}

describe('dead code', () => {
  test('is dropped', () => {
    const plan = planOf([[4]], (x) => {
      tanh(exp(x));
      return relu(x);
    });
    expect(launches(plan)).toEqual(['relu']);
  });

  test('nothing wanted, nothing launched', () => {
    expect(launches(planOf([[4]], (x) => void tanh(x)))).toEqual([]);
  });

  test('views are no launches', () => {
    expect(launches(planOf([[4, 6]], (x) => reshape(tanh(reshape(x, [24])), [3, 8])))).toEqual(['tanh']);
  });

  test('an input may be the result: a copy, since the result may be an input of the next step', () => {
    expect(launches(planOf([[4]], (x) => x))).toEqual(['copy']);
  });
});

describe('equal calls', () => {
  test('become one', () => {
    expect(launches(planOf([[4]], (x) => mul(tanh(x), tanh(x))))).toEqual(['tanh', 'mul']);
  });

  test('and so do calls on them', () => {
    const plan = planOf([[4]], (x) => [exp(square(tanh(x))), exp(square(tanh(x)))]);
    expect(launches(plan)).toEqual(['tanh', 'square', 'exp']);
    expect(plan.memory.place(plan.outputs[0])).toEqual(plan.memory.place(plan.outputs[1]));
  });

  test('not with other options', () => {
    expect(launches(planOf([[4]], (x) => mul(scale(x, 2), scale(x, 3))))).toEqual(['scale', 'scale', 'mul']);
  });

  test('not with options that only JSON takes for equal', () => {
    const limitOp = defineOp<'x', 'y', { at: number | (() => void) }>({
      name: 'limit',
      inputs: { x: '...' },
      outputs: { y: '...' },
      dispatch: ({ x, y }) => ({
        ...copyLaunch,
        bind: { x, y },
        params: { size: x.size },
        threads: [x.size],
      }),
    });
    const limit = (x: Tensor, at: number | (() => void)) => limitOp({ x }, { at }).y;
    for (const [a, b] of [
      [Infinity, -Infinity],
      [NaN, Infinity],
      [0, -0],
      [() => {}, () => {}],
    ] as const) {
      const plan = planOf([[4]], (x) => add(limit(x, a), limit(x, b)));
      expect(plan.dispatches.length).toBe(3);
    }
    expect(planOf([[4]], (x) => add(limit(x, Infinity), limit(x, Infinity))).dispatches.length).toBe(2);
  });

  test('not of two ops of one name', () => {
    const two = [1, 2].map(() =>
      defineOp<'x', 'y'>({
        name: 'mine',
        inputs: { x: '...' },
        outputs: { y: '...' },
        dispatch: ({ x, y }) => ({
          ...copyLaunch,
          bind: { x, y },
          params: { size: x.size },
          threads: [x.size],
        }),
      }),
    );
    const plan = planOf([[4]], (x) => add(two[0]({ x }, {}).y, two[1]({ x }, {}).y));
    expect(launches(plan)).toEqual(['mine', 'mine', 'add']);
  });

  test('not with inputs in other places', () => {
    expect(launches(planOf([[4], [4]], (a, b) => mul(sub(a, b), sub(b, a))))).toEqual(['sub', 'sub', 'mul']);
  });

  test('of a forward and a backward pass', () => {
    const w = new Parameter([4], 'zeros');
    const names = launches(planOf([[4]], (x) => gradient(sum(mul(square(w), square(x))), [w])));
    expect(names.filter((name) => name === 'square')).toHaveLength(1);
  });
});

const copyLaunch = {
  kernel: kernel(
    'mine',
    `struct Params { size : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) { if (gid.x < p.size) { y[gid.x] = x[gid.x]; } }`,
  ).with(),
};

describe('epilogues', () => {
  const shapes = [[8, 4], [4, 12], [12]];

  test('bias and activation become one launch with their product', () => {
    for (const [ACTIVATION, activation] of Object.entries({ RELU: relu, TANH: tanh, SIGMOID: sigmoid })) {
      const plan = planOf(shapes, (x, w, b) => activation(add(matmul(x, w), b)));
      expect(launches(plan)).toEqual(['matmul']);
      const { constants } = plan.dispatches[0].variant;
      expect([constants.BIAS, constants.ACTIVATION]).toEqual([1, constants[ACTIVATION]]);
    }
  });

  test('in either order of the sum', () => {
    expect(launches(planOf(shapes, (x, w, b) => add(b, matmul(x, w))))).toEqual(['matmul']);
  });

  test('the result is the one that was asked for', () => {
    const plan = planOf(shapes, (x, w, b) => relu(add(matmul(x, w), b)));
    const written = plan.dispatches[0].bindings.filter(({ writes }) => writes);
    expect(written.map(({ place }) => place)).toEqual([plan.memory.place(plan.outputs[0])]);
  });

  test('not an op that has none', () => {
    expect(launches(planOf(shapes, (x, w) => exp(matmul(x, w))))).toEqual(['matmul', 'exp']);
  });

  test('not a sum that is no bias', () => {
    const column = planOf(
      [
        [8, 4],
        [4, 12],
        [8, 1],
      ],
      (x, w, c) => add(matmul(x, w), c),
    );
    expect(launches(column)).toEqual(['matmul', 'add']);
    expect(launches(planOf(shapes, (x, w, b) => add(add(matmul(x, w), b), b)))).toEqual(['matmul', 'add']);
    expect(
      launches(
        planOf(
          [
            [8, 4],
            [4, 8],
          ],
          (x, w) => add(matmul(x, w), matmul(x, w)),
        ),
      ),
    ).toHaveLength(2);
  });

  test('not after an activation', () => {
    expect(launches(planOf(shapes, (x, w, b) => add(relu(matmul(x, w)), b)))).toEqual(['matmul', 'add']);
    expect(launches(planOf(shapes, (x, w) => tanh(relu(matmul(x, w)))))).toEqual(['matmul', 'tanh']);
  });

  test('not when somebody else reads what is between', () => {
    const names = launches(
      planOf(shapes, (x, w, b) => {
        const h = add(matmul(x, w), b);
        return mul(relu(h), exp(h));
      }),
    );
    expect(names).toEqual(['matmul', 'relu', 'exp', 'mul']);
    expect(
      launches(
        planOf(shapes, (x, w, b) => {
          const product = matmul(x, w);
          return mul(add(product, b), product);
        }),
      ),
    ).toEqual(['matmul', 'add', 'mul']);
  });

  test('not when what is between is a result, or goes to a state', () => {
    expect(
      launches(
        planOf(shapes, (x, w) => {
          const h = matmul(x, w);
          return [h, relu(h)];
        }),
      ),
    ).toEqual(['matmul', 'relu']);
    const state = new State([8, 12]);
    expect(
      launches(
        planOf(shapes, (x, w) => {
          const h = matmul(x, w);
          assign(state, h);
          return relu(h);
        }),
      ),
    ).toEqual(['matmul', 'relu', 'assign']);
  });

  test('a bias that is made after the product is ready before it', () => {
    const plan = planOf([[8, 4], [4, 12], [12]], (x, w, b) => {
      const product = matmul(x, w);
      return relu(add(product, exp(b)));
    });
    expect(launches(plan)).toEqual(['exp', 'matmul']);
  });

  test('two products, one bias each, and a residual sum in order', () => {
    const plan = planOf([[8, 8], [8, 8], [8]], (x, w, b) => {
      const h = relu(add(matmul(x, w), b));
      return relu(add(add(matmul(h, w), b), x));
    });
    expect(launches(plan)).toEqual(['matmul', 'matmul', 'add', 'relu']);
  });

  test('the backward pass reads the same result', () => {
    const w = new Parameter([4, 12], 'zeros');
    const plan = planOf([[8, 4]], (x) => gradient(sum(relu(matmul(x, w))), [w]));
    expect(launches(plan).filter((name) => name === 'relu')).toEqual([]);
    expect(launches(plan)).toContain('reluDx');
  });
});

describe('effects', () => {
  test('come last, in their order, though recorded first', () => {
    const [a, b] = [new State([4], 'zeros', 'a'), new State([4], 'zeros', 'b')];
    const plan = planOf([[4]], (x) => {
      assign(a, tanh(x));
      assign(b, exp(x));
      return mul(a, square(x));
    });
    expect(launches(plan)).toEqual(['tanh', 'exp', 'square', 'mul', 'assign', 'assign']);
  });

  test('keep alive what they need and nothing else', () => {
    const state = new State([4]);
    expect(launches(planOf([[4]], (x) => assign(state, tanh(x))))).toEqual(['tanh', 'assign']);
  });

  test('a state that is also returned is returned as it was before', () => {
    const state = new State([4]);
    const plan = planOf([[4]], (x) => {
      assign(state, tanh(x));
      return [state, reshape(state, [2, 2])];
    });
    expect(launches(plan)).toEqual(['tanh', 'copy', 'copy', 'assign']);
    for (const output of plan.outputs) expect(plan.memory.place(output).home.kind).toBe('slot');
    expect(launches(planOf([[4]], () => state))).toEqual(['copy']);
  });

  test('one must not use what another has overwritten', () => {
    const [a, b] = [new State([4], 'zeros', 'a'), new State([4], 'zeros', 'b')];
    const swapped = () =>
      planOf([], () => {
        assign(a, b);
        assign(b, a);
      });
    expect(message(swapped)).toMatchInlineSnapshot(`
      "assign: a is used after assign has overwritten it in the same step.
          at test/node/graph/schedule.test.ts:LINE
          fix: write a state once in a step, and read it before."
    `);
    const twice = () =>
      planOf([[4]], (x) => {
        assign(a, x);
        assign(a, tanh(x));
      });
    expect(message(twice)).toMatchInlineSnapshot(`
      "assign: a is used after assign has overwritten it in the same step.
          at test/node/graph/schedule.test.ts:LINE
          fix: write a state once in a step, and read it before."
    `);
  });

  test('nor a view of it', () => {
    const [a, b] = [new State([4], 'zeros', 'a'), new State([2, 2], 'zeros', 'b')];
    const body = (x: Tensor) => {
      assign(a, x);
      assign(b, reshape(a, [2, 2]));
    };
    expect(() => planOf([[4]], body)).toThrow(/is used after assign has overwritten it/);
  });

  test('nor a parameter that an optimizer has overwritten as a part of its buffer', () => {
    const [p, q] = [new Parameter([4], 'zeros'), new Parameter([4], 'zeros')];
    const slow = new State([4], 'zeros', 'slow');
    const sgd = new SGD([p, q], { learningRate: 1 });
    const loss = () => sum(mul(square(p), square(q)));
    const after = () => planOf([], () => (sgd.minimize(loss()), assign(slow, p)));
    expect(message(after)).toMatchInlineSnapshot(`
      "assign: parameter is used after sgd has overwritten it in the same step.
          at test/node/graph/schedule.test.ts:LINE
          fix: write a state once in a step, and read it before."
    `);
    const before = planOf([], () => (assign(slow, p), void sgd.minimize(loss())));
    expect(launches(before).slice(-3)).toEqual(['assign', 'updateGuard', 'sgd']);
    const average = planOf([], () => (sgd.minimize(loss()), assign(slow, add(slow, p))));
    expect(launches(average).slice(-2)).toEqual(['sgd', 'assign']);
    const twice = () => (sgd.minimize(loss()), void sgd.minimize(loss()));
    expect(message(() => planOf([], twice))).toMatchInlineSnapshot(`
      "SGD: this step has updated its parameters already.
          at test/node/graph/schedule.test.ts:LINE
          fix: minimize the sum of the losses, or give each loss its own optimizer."
    `);
  });

  test('what is computed from an effect’s result comes behind it, the rest before', () => {
    const [a, b] = [new State([4], 'zeros', 'a'), new State([4], 'zeros', 'b')];
    const writeOp = defineOp<'state' | 'x', 'after'>({
      name: 'write',
      inputs: { state: '...', x: '...' },
      outputs: { after: '...' },
      inPlace: { after: 'state' },
      dispatch: ({ x, after }) => copyDispatch(x, after),
    });
    const write = (state: Tensor, x: Tensor) => {
      const { after } = writeOp({ state, x }, {});
      effect(after, 'write');
      return after;
    };
    const plan = planOf([[4]], (x) => {
      const after = write(a, tanh(x));
      // Of the new value, and of the old one, which the step must have kept.
      assign(b, mul(exp(after), a));
      write(after, square(after));
      return sigmoid(a);
    });
    expect(launches(plan)).toEqual([
      ...['tanh', 'copy', 'sigmoid', 'write'],
      ...['exp', 'mul', 'square', 'assign', 'write'],
    ]);
    const places = plan.dispatches.filter(({ label }) => label === 'write');
    for (const { bindings } of places) expect(bindings[1].place.home).toEqual({ kind: 'state', state: a });
    const late = () => planOf([[4]], (x) => (write(a, tanh(x)), assign(b, a)));
    expect(late).toThrow(/assign: a is used after write has overwritten it/);
  });

  test('two parts of one buffer are two states', () => {
    const [p, q] = [new Parameter([4], 'zeros'), new Parameter([4], 'zeros')];
    new SGD([p, q], { learningRate: 1 });
    const plan = planOf([[4]], (x) => (assign(p, x), assign(q, x)));
    expect(launches(plan)).toEqual(['assign', 'assign']);
  });

  test('need a recording', () => {
    expect(message(() => assign(new State([4]), input([4])))).toMatchInlineSnapshot(`
      "assign changes a state, but nothing is being recorded.
          at test/node/graph/schedule.test.ts:LINE
          fix: call it inside a function for engine.train() or engine.record()."
    `);
    expect(message(() => onTape(false, () => onTape(false, () => 0)))).toMatchInlineSnapshot(`
      "A step was called inside a recorded function.
          at test/node/graph/schedule.test.ts:LINE
          fix: call it outside."
    `);
    const adam = new Adam([new Parameter([4], 'zeros')], { learningRate: 1e-3 });
    expect(message(() => onTape(false, () => adam.minimize(input([]))))).toMatchInlineSnapshot(`
      "minimize: this recording is not for training.
          at test/node/graph/schedule.test.ts:LINE
          fix: use engine.train(…) instead of engine.record(…)."
    `);
  });

  test('a recording that fails does not stay open', () => {
    expect(() => onTape(true, () => gradient(input([4]), []))).toThrow(SeqgpuError);
    expect(onTape(true, isTraining).result).toBe(true);
    expect(isTraining()).toBe(false);
  });
});

describe('in place', () => {
  const bumpOp = defineOp<'x' | 'by', 'y'>({
    name: 'bump',
    inputs: { x: '...', by: '...' },
    outputs: { y: '...' },
    inPlace: { y: 'x' },
    dispatch: ({ y, by }) => ({
      kernel: bump.with(),
      bind: { y, by },
      params: { size: y.size },
      threads: [y.size],
    }),
  });
  const bump = kernel(
    'bump',
    `struct Params { size : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       by : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) { if (gid.x < p.size) { y[gid.x] += by[gid.x]; } }`,
  );
  const bumped = (x: Tensor, by: Tensor) => bumpOp({ x, by }, {}).y;

  test('of a fresh result that nobody else reads: no copy', () => {
    const plan = planOf([[4]], (x) => bumped(bumped(tanh(x), x), x));
    expect(launches(plan)).toEqual(['tanh', 'bump', 'bump']);
    expect(plan.memory.slots).toHaveLength(2);
  });

  test('never of an argument: the step may be repeated on it', () => {
    expect(launches(planOf([[4]], (x) => bumped(x, tanh(x))))).toEqual(['tanh', 'copy', 'bump']);
    expect(launches(planOf([[4]], (x) => exp(bumped(x, x))))).toEqual(['copy', 'bump', 'exp']);
  });

  test('a copy where others read it, before or after', () => {
    const body = (x: Tensor) => {
      const h = tanh(x);
      const result = bumped(h, x);
      return mul(result, exp(h));
    };
    expect(launches(planOf([[4]], body))).toEqual(['tanh', 'copy', 'bump', 'exp', 'mul']);
  });

  test("a copy of what is not the plan's to overwrite", () => {
    const state = new State([4]);
    expect(launches(planOf([[4]], (x) => [bumped(x, tanh(x)), x]))).toEqual([
      'tanh',
      ...['copy', 'bump'],
      'copy',
    ]);
    expect(launches(planOf([[4]], (x) => bumped(state, x)))).toEqual(['copy', 'bump']);
    expect(launches(planOf([[4]], (x) => bumped(reshape(x, [4]), x)))).toEqual(['copy', 'bump']);
    const result = planOf([[4]], (x) => {
      const h = tanh(x);
      return [h, bumped(h, x)];
    });
    expect(launches(result)).toEqual(['tanh', 'copy', 'bump']);
  });

  test('a copy of a view, whose memory others may read', () => {
    const body = (x: Tensor) => {
      const h = tanh(x);
      return [bumped(reshape(h, [2, 2]), reshape(x, [2, 2])), exp(h)];
    };
    expect(launches(planOf([[4]], body))).toContain('copy');
  });

  test('effects need none', () => {
    const state = new State([4]);
    const body = (x: Tensor) => effect(bumped(state, x), 'bump');
    const plan = planOf([[4]], body);
    expect(launches(plan)).toEqual(['bump']);
    expect(plan.dispatches[0].bindings[1].place).toEqual({ home: { kind: 'state', state }, offset: 0 });
    // Who asks for the result gets a copy.
    const after = planOf([[4]], (x) => {
      const written = bumped(state, x);
      effect(written, 'bump');
      return written;
    });
    expect(launches(after)).toEqual(['bump', 'copy']);
    expect(after.memory.place(after.outputs[0]).home.kind).toBe('slot');
  });
});

describe('deep graphs', () => {
  /** Milliseconds of processor time, since the machine may be busy; the better of two. */
  const planned = (wanted: Parameters<typeof makePlan>[0]) => {
    const [one, two] = [0, 1].map(() => {
      const start = process.cpuUsage();
      const plan = makePlan(wanted, LEAST);
      const { user, system } = process.cpuUsage(start);
      return { plan, ms: (user + system) / 1000 };
    });
    return { plan: one.plan, ms: Math.min(one.ms, two.ms) };
  };

  test('a chain of 5,000 ops', () => {
    const x = input([8]);
    let y = x;
    for (let i = 0; i < 5000; i++) y = i % 2 ? tanh(y) : log(y);
    const { plan, ms } = planned({ inputs: [x], outputs: [y], effects: [] });
    expect(plan.dispatches).toHaveLength(5000);
    expect(plan.memory.slots.length).toBeLessThanOrEqual(3);
    expect(ms).toBeLessThan(1000);
  });

  test('a recurrence of 500 steps and its gradient, where everything lives until the way back', () => {
    const x = input([4, 8]);
    const [w, u] = [new Parameter([8, 8], 'zeros'), new Parameter([8, 8], 'zeros')];
    let h = x;
    for (let t = 0; t < 500; t++) h = tanh(add(matmul(h, w), matmul(scale(x, t), u)));
    const { plan, ms } = planned({ inputs: [x], outputs: gradient(sum(h), [w, u]), effects: [] });
    expect(plan.dispatches.length).toBeGreaterThan(4000);
    expect(ms).toBeLessThan(1000);
  });

  test('five hundred parameters', () => {
    const parameters = Array.from({ length: 500 }, (_, i) => new Parameter([4 + (i % 3)], 'zeros'));
    const sgd = new SGD(parameters, { learningRate: 1 });
    const loss = () => parameters.map((p) => sum(square(p))).reduce((a, b) => add(a, b));
    const { tape } = onTape(true, () => sgd.minimize(loss()));
    const { plan, ms } = planned({ inputs: [], outputs: [], effects: tape.effects });
    expect(launches(plan)).not.toContain('pack');
    expect(ms).toBeLessThan(1000);
  });

  test('a chain of 5,000 views', () => {
    const x = input([8]);
    let y = tanh(x);
    for (let i = 0; i < 5000; i++) y = reshape(y, i % 2 ? [8] : [2, 4]);
    const { plan, ms } = planned({ inputs: [x], outputs: [exp(y)], effects: [] });
    expect(launches(plan)).toEqual(['tanh', 'exp']);
    expect(ms).toBeLessThan(1000);
  });
});

describe('a product with rows of a table', () => {
  const ids = (n: number) => new Tensor([1, n], 'u32', { kind: 'input', name: 'ids' });
  const planOfProduct = (n: number, body = (rows: Tensor, b: Tensor) => matmul(rows, b)): Plan => {
    const [which, table, b] = [ids(n), input([8, 4]), input([4, 6])];
    const { result } = onTape(false, () => body(embedding(which, table), b));
    return makePlan({ inputs: [which, table, b], outputs: [result], effects: [] }, LEAST);
  };
  const products = (plan: Plan) => plan.dispatches.map(({ label, flops }) => `${label} ${flops}`);

  test('is made of the table, where that has half as many rows', () => {
    expect(products(planOfProduct(16))).toEqual([`matmul ${2 * 8 * 4 * 6}`, 'embedding 0']);
    expect(products(planOfProduct(15))).toEqual(['embedding 0', `matmul ${2 * 15 * 4 * 6}`]);
  });

  test('which does not fit is refused with the shapes that were given', () => {
    expect(message(() => planOfProduct(16, (rows, b) => matmul(rows, b, { transposeB: true })))).toContain(
      'a [1, 16, 4]   b [4, 6]',
    );
    const bias = input([5]);
    expect(message(() => planOfProduct(16, (rows, b) => matmul(rows, b, { bias })))).toContain(
      'a [1, 16, 4]',
    );
  });
});
