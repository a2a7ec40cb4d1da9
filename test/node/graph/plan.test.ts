// A plan as data: params blocks, workgroups, the device's limits, and the table of a training step. That table
// is a snapshot, so that a change of the number of launches shows in review.

import { describe, expect, test } from 'vitest';
import { SeqgpuError } from '../../../src/graph/check';
import { defineOp } from '../../../src/graph/op';
import { type Dispatch, Tensor } from '../../../src/graph/tensor';
import { explainPlan } from '../../../src/plan/explain';
import { makePlan } from '../../../src/plan/makePlan';
import { statesWritten, type Plan } from '../../../src/plan/plan';
import { onTape } from '../../../src/graph/tape';
import { Parameter, State } from '../../../src/graph/state';
import type { Shape } from '../../../src/graph/shape';
import { LEAST, type Traits } from '../../../src/graph/traits';
import { add, mul } from '../../../src/ops/elementwise/binary';
import { matmul } from '../../../src/ops/matmul/matmul';
import { mean } from '../../../src/ops/reduce/reduce';
import { exp, relu, scale, square, tanh } from '../../../src/ops/elementwise/unary';
import { Adam } from '../../../src/optim/adam';
import { kernel } from '../../../src/wgsl/reflect';

const input = (shape: Shape) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });

function planOf(
  shapes: readonly Shape[],
  body: (...x: Tensor[]) => Tensor | Tensor[] | void,
  traits: Partial<Traits> = {},
): Plan {
  const inputs = shapes.map(input);
  const { result, tape } = onTape(true, () => body(...inputs));
  const outputs = result instanceof Tensor ? [result] : [...(result ?? [])];
  return makePlan({ inputs, outputs, effects: tape.effects }, { ...LEAST, ...traits });
}

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message.replace(/(plan\.test\.ts):\d+/g, '$1:LINE');
  }
  throw new Error('nothing was thrown');
}

const MIXED = `struct Params { M : u32, shift : i32, factor : f32, C : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(4, 2)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = wid.y * groups.x + wid.x;
  y[i] = p.factor * x[i];
}`;
/** The same, but for how it finds its place. */
const placed = (place: string) => MIXED.replace('wid.y * groups.x + wid.x', place);

/** An op with one launch that the test chooses. */
const launched = (launch: Partial<Dispatch>, attrs: Record<string, unknown> = {}, code = MIXED) => {
  const one = kernel('mixed', code).with();
  const op = defineOp<'x', 'y', Record<string, unknown>>({
    name: 'launched',
    inputs: { x: 'M C' },
    outputs: { y: 'M C' },
    dispatch: () => ({ kernel: one, threads: [1], ...launch }),
  });
  return (x: Tensor) => op({ x }, attrs).y;
};
const PARAMS = { shift: -3, factor: 0.5 };

describe('params', () => {
  const block = ({ params, dispatches }: Plan, i = 0) =>
    new DataView(params.buffer, params.byteOffset + dispatches[i].paramsOffset, 256);

  test('axes, options and params go where the struct has them, by name and type', () => {
    const plan = planOf([[5, 7]], launched({ params: { shift: -3 } }, { factor: 0.1, unused: 'text' }));
    const view = block(plan);
    expect(view.getUint32(0, true)).toBe(5);
    expect(view.getInt32(4, true)).toBe(-3);
    expect(view.getFloat32(8, true)).toBe(Math.fround(0.1));
    expect(view.getUint32(12, true)).toBe(7);
    expect(plan.params.length).toBe(256);
  });

  test('a param of the launch goes before an option, and that before an axis', () => {
    const attrs = { shift: 1, factor: 1, C: 20 };
    expect(block(planOf([[5, 7]], launched({}, attrs))).getUint32(12, true)).toBe(20);
    expect(block(planOf([[5, 7]], launched({ params: { C: 30 } }, attrs))).getUint32(12, true)).toBe(30);
  });

  test('equal blocks are shared, others start 256 bytes later', () => {
    const plan = planOf([[8], [9]], (a, b) => [tanh(exp(a)), relu(a), relu(b)]);
    const offsets = plan.dispatches.map(({ paramsOffset }) => paramsOffset);
    expect(new Set(offsets)).toEqual(new Set([0, 256]));
    expect(plan.params.length).toBe(512);
    for (const offset of offsets) expect(offset % 256).toBe(0);
  });

  test('a kernel without params has no block', () => {
    const bare = `@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = x[0]; }`;
    const plan = planOf([[1, 1]], launched({}, {}, bare));
    expect(plan.dispatches[0].paramsOffset).toBe(-1);
    expect(plan.params.length).toBe(0);
  });

  test('that are missing or do not fit', () => {
    expect(message(() => planOf([[2, 2]], launched({})))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl has a param shift that is not given.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE"
    `);
    const given = (params: Record<string, number>) =>
      message(() => planOf([[2, 2]], launched({ params: { ...PARAMS, ...params } }))).split('\n')[0];
    expect(given({ factor: NaN })).toMatchInlineSnapshot(
      `"launched: mixed.wgsl: param factor : f32 is NaN."`,
    );
    expect(() => given({ factor: -Infinity })).toThrow('nothing was thrown');
    expect(given({ M: -1 })).toMatchInlineSnapshot(`"launched: mixed.wgsl: param M : u32 is -1."`);
    expect(given({ M: 2.5 })).toMatchInlineSnapshot(`"launched: mixed.wgsl: param M : u32 is 2.5."`);
    expect(given({ shift: 2 ** 31 })).toMatchInlineSnapshot(
      `"launched: mixed.wgsl: param shift : i32 is 2147483648."`,
    );
    expect(given({ C: 2 ** 32 })).toMatchInlineSnapshot(
      `"launched: mixed.wgsl: param C : u32 is 4294967296."`,
    );
  });
});

describe('bindings', () => {
  test('by name, or by another name of the launch; whole vec4s; written or not', () => {
    const plan = planOf([[3, 3]], (x) => tanh(x));
    const [launch] = plan.dispatches;
    // What a step has no use for stands for x, too.
    expect([launch.bindings[0], launch.bindings.at(-1)]).toEqual([
      { binding: 1, place: plan.memory.place(plan.inputs[0]), size: 12, writes: false },
      { binding: 6, place: plan.memory.place(plan.outputs[0]), size: 12, writes: true },
    ]);
    expect(launch.bytes).toBe(96);
    const swapped = launched(
      { params: PARAMS, bind: {} },
      {},
      MIXED.replace('x :', 'q :').replace('x[', 'q['),
    );
    expect(message(() => planOf([[2, 2]], swapped))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl binds q, which launched does not have.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: bind: { q: … }."
    `);
  });

  test('a second uniform is what the host is asked for, and nothing that is computed', () => {
    const code = `struct Hyper { rate : f32 }\n@group(0) @binding(3) var<uniform> h : Hyper;\n${MIXED}`;
    const h = new Tensor([1], 'f32', { kind: 'feed', advance: () => {}, values: () => [1] });
    const plan = planOf([[2, 2]], launched({ params: PARAMS, bind: { h } }, {}, code));
    expect(plan.dispatches[0].bindings.at(-1)).toEqual({
      binding: 3,
      place: { home: { kind: 'feed', tensor: h }, offset: 0 },
      size: 4,
      writes: false,
    });
    const computed = (x: Tensor) => launched({ params: PARAMS, bind: { h: x } }, {}, code)(x);
    expect(message(() => planOf([[2, 2]], computed))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl binds h as a uniform, but the host is not asked for it.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: declare it as var<storage, read>; a uniform is what the host gives at every replay, as a learning rate."
    `);
  });

  test('must hold what the tensor holds, where they meet by name', () => {
    const integers = MIXED.replace('x : array<f32>', 'x : array<vec4u>').replace('x[i]', 'f32(x[i].x)');
    expect(message(() => planOf([[2, 2]], launched({ params: PARAMS }, {}, integers))))
      .toMatchInlineSnapshot(`
      "launched: mixed.wgsl declares x as u32, but it holds f32.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: declare x as array<f32>, or correct \`integers\` of launched."
    `);
    const bound = defineOp<'x', 'y'>({
      name: 'bits',
      inputs: { x: 'M C' },
      outputs: { y: 'M C' },
      dispatch: ({ x }) => ({
        kernel: kernel('mixed', integers).with(),
        bind: { x },
        params: PARAMS,
        threads: [1],
      }),
    });
    expect(planOf([[2, 2]], (x) => bound({ x }, {}).y).dispatches).toHaveLength(1);
  });

  test('an input is not written, a result that is read is', () => {
    const writes = MIXED.replace('storage, read>       x', 'storage, read_write> x');
    expect(message(() => planOf([[2, 2]], launched({ params: PARAMS }, {}, writes)))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl may write x, but that is an input of launched, which others read.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: declare x as var<storage, read>, or name it in inPlace."
    `);
    const two = defineOp<'x', 'y' | 'z'>({
      name: 'two',
      inputs: { x: 'M C' },
      outputs: { y: 'M C', z: 'M C' },
      dispatch: () => ({ kernel: kernel('mixed', MIXED).with(), params: PARAMS, threads: [1] }),
    });
    expect(message(() => planOf([[2, 2]], (x) => two({ x }, {}).z))).toMatchInlineSnapshot(`
      "two: no launch writes z: mixed.wgsl does not bind it.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: declare var<storage, read_write> z, or give it another name with bind: { …: z }."
    `);
    expect(planOf([[2, 2]], (x) => two({ x }, {}).y).dispatches).toHaveLength(1);
  });

  test('no tensor from outside of the op', () => {
    const outside = (x: Tensor) => launched({ params: PARAMS, bind: { x: exp(x) } })(x);
    expect(message(() => planOf([[2, 2]], outside))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl binds x to a tensor that is neither an input nor a result of launched.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: make it an input of launched."
    `);
  });

  test('of a part of a tensor', () => {
    const part = defineOp<'x', 'y'>({
      name: 'part',
      inputs: { x: 'M C' },
      outputs: { y: 'M C' },
      dispatch: ({ x, y }) => ({
        kernel: kernel('mixed', MIXED).with(),
        bind: { x: { tensor: x, offset: 64, size: 5 }, y },
        params: PARAMS,
        threads: [1],
      }),
    });
    const plan = planOf([[2, 64]], (x) => part({ x }, {}).y);
    expect(plan.dispatches[0].bindings[0]).toMatchObject({ place: { offset: 64 }, size: 8 });
  });
});

describe('workgroups', () => {
  const groups = (launch: Partial<Dispatch>, traits: Partial<Traits> = {}) =>
    planOf([[2, 2]], launched({ params: PARAMS, threads: undefined, ...launch }), traits).dispatches[0]
      .workgroups;

  test('cover the threads', () => {
    expect(groups({ threads: [1] })).toEqual([1, 1, 1]);
    expect(groups({ threads: [9, 3, 5] })).toEqual([3, 2, 5]);
  });

  test('as given', () => expect(groups({ workgroups: [9, 3] })).toEqual([9, 3, 1]));

  test('are whole numbers of at least 1, in one, two or three axes, given in one way', () => {
    const cases: [unknown, string][] = [
      [[0], '[0]'],
      [[-4], '[-4]'],
      [[4, 0], '[4, 0]'],
      [[1.5], '[1.5]'],
      [[NaN], '[NaN]'],
      [[Infinity], '[Infinity]'],
      [['4'], '["4"]'],
      [[4, undefined], '[4, undefined]'],
      [[], '[]'],
      [[1, 2, 3, 4], '[1, 2, 3, 4]'],
      [4, '4'],
    ];
    for (const [given, text] of cases) {
      for (const way of ['threads', 'workgroups']) {
        const lines = message(() => groups({ [way]: given })).split('\n');
        expect(lines[0]).toBe(`launched: a launch of mixed.wgsl has ${way} ${text}.`);
        expect(lines.at(-1)).toBe('    fix: give one to three whole numbers of at least 1, for x, y and z.');
      }
    }
    expect(message(() => groups({ threads: [4], workgroups: [1] }))).toMatchInlineSnapshot(`
      "launched: a launch of mixed.wgsl has threads [4] and workgroups [1].
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: give one of them, as threads: [y.size]."
    `);
  });

  test('a long row is folded into y, and covers everything', () => {
    for (const count of [65535, 65536, 65537, 131071, 1e6, 4_294_836_225]) {
      const [x, y, z] = groups({ workgroups: [count] });
      expect(Math.max(x, y, z)).toBeLessThanOrEqual(65535);
      expect(x * y).toBeGreaterThanOrEqual(count);
      expect(x * y - count).toBeLessThan(y);
    }
    expect(groups({ workgroups: [65535] })).toEqual([65535, 1, 1]);
    expect(groups({ threads: [4 * 65536, 1, 3] })).toEqual([32768, 2, 3]);
  });

  test('a kernel that does not find its place in a folded row is refused, and goes as it is where it fits', () => {
    const alone = placed('wid.x');
    const plan = (count: number) =>
      planOf([[2, 2]], launched({ params: PARAMS, threads: undefined, workgroups: [count] }, {}, alone));
    expect(plan(65535).dispatches[0].workgroups).toEqual([65535, 1, 1]);
    expect(message(() => plan(65536))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl needs a row of 65536 workgroups, 65535 are allowed, and it cannot be folded into y.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: ask for the place as \`wid.y * groups.x + wid.x\` or \`gid.y * groups.x * WORKGROUP + gid.x\`, where groups is @builtin(num_workgroups), and in no other way; or launch fewer workgroups."
    `);
    const low = planOf(
      [[2, 2]],
      launched({ params: PARAMS, threads: undefined, workgroups: [9] }, {}, alone),
      { longestRow: 3 },
    );
    expect(low.dispatches[0].workgroups).toEqual([9, 1, 1]);
  });

  test('a row that is longer than a test allows is folded; where nothing is guarded, evenly', () => {
    expect(groups({ workgroups: [7] }, { longestRow: 3 })).toEqual([3, 3, 1]);
    expect(groups({ workgroups: [10], whole: true }, { longestRow: 3 })).toEqual([2, 5, 1]);
    expect(groups({ workgroups: [7], whole: true }, { longestRow: 3 })).toEqual([1, 7, 1]);
  });

  test('what cannot be folded', () => {
    const wide = { maxWorkgroupsPerAxis: 100 };
    expect(message(() => groups({ workgroups: [101, 2] }, wide))).toMatchInlineSnapshot(`
      "launched: mixed.wgsl needs 101 × 2 × 1 workgroups, at most 100 an axis are allowed.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: make the tensors smaller."
    `);
    expect(message(() => groups({ workgroups: [10001] }, wide)).split('\n')[0]).toMatchInlineSnapshot(
      `"launched: mixed.wgsl needs 100 × 101 × 1 workgroups, at most 100 an axis are allowed."`,
    );
    expect(message(() => groups({}))).toMatchInlineSnapshot(`
      "launched: a launch of mixed.wgsl has neither threads nor workgroups.
          x [2, 2]
          rule: x [M, C]
          at test/node/graph/plan.test.ts:LINE
          fix: give one of them, as threads: [y.size]."
    `);
  });
});

describe('limits', () => {
  test('the largest binding', () => {
    const large = () => planOf([[1024, 1024]], (x) => exp(x), { maxBindingBytes: 2 ** 20 });
    expect(message(large)).toMatchInlineSnapshot(`
      "exp: x needs 4 MiB, but this device binds at most 1 MiB (maxStorageBufferBindingSize).
          x [1024, 1024]
          rule: x [...]
          largest tensors of the step:
            exp.y [1024, 1024]  4096 KiB
          at test/node/graph/plan.test.ts:LINE
          fix: make the batch or the sequence smaller."
    `);
    const buffer = () => planOf([[1024, 1024]], (x) => exp(x), { maxBufferBytes: 2 ** 20 });
    expect(message(buffer).split('\n')[0]).toMatchInlineSnapshot(
      `"exp: x needs 4 MiB, but this device binds at most 1 MiB (maxStorageBufferBindingSize)."`,
    );
    expect(planOf([[512, 512]], (x) => exp(x), { maxBindingBytes: 2 ** 20 }).dispatches).toHaveLength(1);
  });

  test('a parameter that is too large is told before a batch that is', () => {
    const limit = 2 ** 20;
    const parameter = new Parameter([1024, 1024], 'zeros');
    const step = () => planOf([[2048, 1024]], (x) => matmul(exp(x), parameter), { maxBindingBytes: limit });
    expect(message(step)).toMatch(
      /^matmul: b needs 4 MiB, [^]*fix: make this parameter smaller, or two of it\.$/,
    );
  });

  test('what is very large is told in GiB', () => {
    const large = () => planOf([[2 ** 14, 2 ** 15]], (x) => exp(x), { maxBindingBytes: 2 ** 27 });
    expect(message(large)).toMatch(
      /^exp: x needs 2\.0 GiB, but this device binds at most 128 MiB [^]*exp\.y \[16384, 32768\] {2}2\.0 GiB\n/,
    );
  });

  test('parameters that fit a buffer but no binding are updated part by part', () => {
    const parameters = [[80, 256], [70, 256], [3]].map((shape) => new Parameter(shape, 'zeros'));
    const adam = new Adam(parameters, { learningRate: 1e-3, clipNorm: 1 });
    const step = () => adam.minimize(parameters.map((p) => mean(square(p))).reduce((a, b) => add(a, b)));
    const limit = 2 ** 17;
    const plan = planOf([], step, { maxBindingBytes: limit, maxBufferBytes: 2 * limit });
    const sizes = plan.dispatches.flatMap(({ bindings }) => bindings.map(({ size }) => 4 * size));
    expect(4 * adam.flat.size).toBeGreaterThan(limit);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
    const of = (name: string) => plan.dispatches.filter(({ label }) => label === name);
    const covered = of('adam').map(({ bindings }) => bindings[0].size);
    expect(covered.reduce((a, b) => a + b, 0)).toBe(adam.flat.size);
    expect(covered.length).toBe(2);
    expect(of('gradientNorm').length).toBe(3);
    const tight = () => planOf([], step, { maxBindingBytes: limit, maxBufferBytes: limit });
    expect(message(tight)).toMatch(
      /pack: .* needs 1 MiB, but a buffer of this device .*maxBufferSize[^]*fix: give the parameters to two optimizers/,
    );
  });

  test('the number of buffers', () => {
    const many = () => planOf([[4], [4]], (a, b) => add(a, b), { maxStorageBuffers: 2 });
    expect(message(many)).toMatchInlineSnapshot(`
      "add: binary.wgsl binds 3 buffers, this device at most 2.
          a [4]   b [4]
          at test/node/graph/plan.test.ts:LINE"
    `);
  });
});

describe('what a plan lists', () => {
  test('feeds, once, also when one is the result itself', () => {
    const feed = new Tensor([1], 'f32', { kind: 'feed', advance: () => {}, values: () => [1] });
    expect(planOf([[1]], (x) => add(mul(x, feed), feed)).feeds).toEqual([feed]);
    expect(planOf([], () => feed).feeds).toEqual([feed]);
  });

  test('the states that it writes, a flat buffer once', () => {
    const [p, q] = [new Parameter([3], 'zeros'), new Parameter([4], 'zeros')];
    const adam = new Adam([p, q], { learningRate: 1e-3 });
    const alone = new State([4], 'zeros', 'alone');
    const plan = planOf([], () => [adam.minimize(add(mean(square(p)), mean(square(q)))), exp(alone)]);
    expect([...statesWritten(plan)].map(({ name }) => name).sort()).toEqual([
      'first moment',
      'gradients',
      'parameters',
      'second moment',
      'skipped updates',
    ]);
  });

  test('no tensor of another recording', () => {
    const kept: Tensor[] = [];
    planOf([[4]], (x) => void kept.push(x, tanh(x)));
    expect(message(() => planOf([[4]], (x) => add(x, kept[0])))).toMatchInlineSnapshot(`
      "add: b [4] is an argument of another recording.
          at test/node/graph/plan.test.ts:LINE
          fix: pass it to this step as an argument, or keep it in a State with assign()."
    `);
    expect(() => planOf([[4]], (x) => add(x, kept[1]))).toThrow(
      /tanh: x \[4\] is an argument of another recording/,
    );
    expect(() => planOf([], () => kept[0])).toThrow(/argument of another recording/);
  });
});

describe('explain', () => {
  test('a training step of three layers', () => {
    const shapes: Shape[] = [[8, 32], [32], [32, 32], [32], [32, 4], [4]];
    const parameters = shapes.map((shape) => new Parameter(shape, 'zeros'));
    const [w1, b1, w2, b2, w3, b3] = parameters;
    const adam = new Adam(parameters, { learningRate: 1e-3, clipNorm: 1 });
    const plan = planOf(
      [
        [16, 8],
        [16, 4],
      ],
      (x, target) => {
        const h = tanh(add(matmul(x, w1), b1));
        const g = relu(add(matmul(h, w2), b2));
        return adam.minimize(mean(square(add(add(matmul(g, w3), b3), scale(target, -1)))));
      },
    );
    expect(explainPlan(plan)).toMatchInlineSnapshot(`
      "#   op            kernel            shapes                                                      workgroups  KiB  MFLOP  writes to
      0   matmul        matmul            [16, 8] [8, 32] [32] → [16, 32]                             4·1·1       3.6  0.01   slot 0
      1   matmul        matmul            [16, 32] [32, 32] [32] → [16, 32]                           4·1·1       8.1  0.03   slot 1
      2   matmul        matmul            [16, 32] [32, 4] [4] → [16, 4]                              1·1·1       2.8  0.00   slot 3
      3   scale         chain             [16, 4] → [16, 4]                                           1·1·1       0.5  0.00   slot 2
      4   add           binary            [16, 4] [16, 4] → [16, 4]                                   1·1·1       0.8  0.00   slot 6
      5   square        chain             [16, 4] → [16, 4]                                           1·1·1       0.5  0.00   slot 3
      6   reduceSum     reduceSum         [1, 64, 1] → [1, 1] []                                      1·1·1       0.3  0.00   slot 8
      7   reduceSumDx   reduceSumDx       [1, 1] → [1, 64, 1]                                         1·1·1       0.3  0.00   slot 3
      8   squareDx      chain             [16, 4] [16, 4] → [16, 4]                                   1·1·1       0.8  0.00   slot 7
      9   reduceSum     reduceSumWide     [1, 16, 4] → [1, 4] []                                      1·1·1       0.3  0.00   gradients
      10  matmul        matmul            [16, 4] [32, 4] → [16, 32]                                  4·1·1       2.8  0.00   slot 2
      11  matmul        matmul            [16, 32] [16, 4] → [32, 4]                                  1·1·1       2.8  0.00   gradients
      12  reluDx        fewSteps          [16, 32] [16, 32] → [16, 32]                                2·1·1       6.0  0.00   slot 3
      13  reduceSum     reduceSumWide     [1, 16, 32] → [1, 32] []                                    1·1·1       2.1  0.00   gradients
      14  matmul        matmul            [16, 32] [32, 32] → [16, 32]                                4·1·1       8.0  0.03   slot 2
      15  matmul        matmul            [16, 32] [16, 32] → [32, 32]                                4·1·1       8.0  0.03   gradients
      16  tanhDx        fewSteps          [16, 32] [16, 32] → [16, 32]                                2·1·1       6.0  0.00   slot 3
      17  reduceSum     reduceSumWide     [1, 16, 32] → [1, 32] []                                    1·1·1       2.1  0.00   gradients
      18  matmul        matmul            [16, 8] [16, 32] → [8, 32]                                  2·1·1       3.5  0.01   gradients
      19  gradientNorm  gradientNorm × 2  [1600] → [1] [64]                                           1·1·1       6.8  0.00   slot 7
      21  updateGuard   updateGuard       [1] [1] [2] → [4] [2]                                       1·1·1       0.1  0.00   skipped updates slot 7
      22  adam          adam              [1600] [1600] [1600] [1600] [4] [9] → [1600] [1600] [1600]  7·1·1       25   0.03   parameters first moment second moment
      23 dispatches; 9 slots, 9.5 KiB, 23 % of the 42 KiB without reuse. Largest:
        matmul.y [16, 32]  2.0 KiB
        reluDx.dx [16, 32]  2.0 KiB
        tanhDx.dx [16, 32]  2.0 KiB
        matmul.y [16, 4]  0.3 KiB
        scale.y [16, 4]  0.3 KiB"
    `);
  });

  test('joins the launches of a time loop that stand in a row', () => {
    const one = kernel('mixed', MIXED);
    const loop = defineOp<'x', 'y'>({
      name: 'loop',
      inputs: { x: 'T C' },
      outputs: { y: 'T C' },
      dispatch: (_t, { T, C }) => [
        ...Array.from({ length: T }, (_, t) => ({
          kernel: one.with(),
          params: { ...PARAMS, M: t },
          threads: [C],
        })),
      ],
      flops: ({ x }) => 1e4 * x.size,
    });
    const plan = planOf([[50, 8]], (x) => exp(loop({ x: tanh(x) }, {}).y));
    expect(plan.dispatches).toHaveLength(52);
    expect(explainPlan(plan)).toMatchInlineSnapshot(`
      "#   op    kernel      shapes             workgroups  KiB  MFLOP  writes to
      0   tanh  chain       [50, 8] → [50, 8]  2·1·1       3.1  0.00   slot 1
      1   loop  mixed × 50  [50, 8] → [50, 8]  2·1·1       156  4.00   slot 2
      51  exp   chain       [50, 8] → [50, 8]  2·1·1       3.1  0.00   slot 1
      52 dispatches; 3 slots, 5.3 KiB, 75 % of the 7.0 KiB without reuse. Largest:
        tanh.y [50, 8]  1.6 KiB
        loop.y [50, 8]  1.6 KiB
        exp.y [50, 8]  1.6 KiB"
    `);
  });

  test('an empty plan', () => {
    expect(() => explainPlan((() => null) as never)).toThrow(
      /explainPlan: a function is no plan\.[^]*step\.plan/,
    );
    expect(explainPlan(planOf([[4]], () => []))).toMatchInlineSnapshot(`
      "#  op  kernel  shapes  workgroups  KiB  MFLOP  writes to
      0 dispatches; 1 slots, 0.3 KiB, 100 % of the 0.3 KiB without reuse. Largest:"
    `);
  });
});
