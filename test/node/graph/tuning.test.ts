// Which way a launch takes: the first, the measured one, or the one that is being tried.

import { expect, test } from 'vitest';
import { makePlan } from '../../../src/plan/makePlan';
import type { Plan } from '../../../src/plan/plan';
import { onTape } from '../../../src/graph/tape';
import { Tensor, type Dispatch } from '../../../src/graph/tensor';
import { LEAST } from '../../../src/graph/traits';
import { TRIALS, Tuning } from '../../../src/graph/tuning';
import { matmul } from '../../../src/ops/matmul/matmul';
import { defineOp } from '../../../src/graph/op';
import { kernel } from '../../../src/wgsl/reflect';

function planOf(tuning: Tuning | undefined, size: number, family: 'direct' | 'workgroup' = 'direct'): Plan {
  const inputs = [0, 1].map(() => new Tensor([size, size], 'f32', { kind: 'input', name: 'x' }));
  const { result } = onTape(false, () => matmul(inputs[0], inputs[1]));
  return makePlan({ inputs, outputs: [result], effects: [] }, { ...LEAST, family, tuning });
}

const idOf = (plan: Plan) => plan.dispatches[0].choice?.id;

test('without a measurement the first way is taken', () => {
  const [none, plan] = [planOf(undefined, 64), planOf(new Tuning(), 64)];
  expect(plan.dispatches[0].variant).toBe(none.dispatches[0].variant);
  expect(none.dispatches[0].choice).toBeUndefined();
  expect(plan.dispatches[0].choice?.key).toMatch(/^matmul /);
});

test('trials are different ways', () => {
  const tuning = new Tuning();
  const ids = Array.from({ length: TRIALS }, (_, trial) => {
    tuning.trial = trial;
    return idOf(planOf(tuning, 64));
  });
  expect(new Set(ids).size).toBe(TRIALS);
  expect(ids[0]).toBe(idOf(planOf(undefined, 64)) ?? ids[0]);
});

test('a GPU tries workgroup memory first, then registers', () => {
  const tuning = new Tuning();
  const ids = Array.from({ length: TRIALS }, (_, trial) => {
    tuning.trial = trial;
    return idOf(planOf(tuning, 256, 'workgroup'))?.split(' ')[0];
  });
  expect(ids).toEqual(['matmulTiled', 'matmulTiled', 'matmul', 'matmul']);
});

test('what was clearly faster is taken for the whole class of shapes, and survives JSON', () => {
  const tuning = new Tuning();
  const { key, id } = planOf(tuning, 64).dispatches[0].choice!;
  tuning.trial = 2;
  const other = idOf(planOf(tuning, 64))!;
  tuning.trial = null;
  const learned = (ms: number) => {
    tuning.learn(
      new Map([
        [
          key,
          new Map([
            [id, 10],
            [other, ms],
          ]),
        ],
      ]),
    );
    return new Tuning(JSON.parse(JSON.stringify(tuning)));
  };
  expect(idOf(planOf(learned(9.9), 64))).toBe(id);
  expect(idOf(planOf(learned(5), 64))).toBe(other);
  expect(idOf(planOf(learned(5), 70))).toBe(other);
  expect(idOf(planOf(learned(5), 16))).not.toBe(other);
});

test('a way that is no longer offered is not taken', () => {
  const { key } = planOf(new Tuning(), 64).dispatches[0].choice!;
  const tuning = new Tuning({ [key]: 'matmul TM=99 TN=99' });
  expect(planOf(tuning, 64).dispatches[0].variant).toBe(planOf(undefined, 64).dispatches[0].variant);
});

test('kernels of one name are measured apart: the key has the code, the same in another session', () => {
  const keyOf = (factor: number) => {
    const code = `@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = ${factor}.0 * x[0]; }`;
    const way: Dispatch = { kernel: kernel('matmul', code).with(), threads: [1] };
    const op = defineOp<'x', 'y'>({
      name: 'matmul',
      inputs: { x: 'N' },
      outputs: { y: 'N' },
      dispatch: () => ({ ...way, alternatives: () => [way] }),
    });
    const x = new Tensor([4], 'f32', { kind: 'input', name: 'x' });
    const outputs = [op({ x }, {}).y];
    const plan = makePlan({ inputs: [x], outputs, effects: [] }, { ...LEAST, tuning: new Tuning() });
    return plan.dispatches[0].choice!.key;
  };
  expect(keyOf(2)).toBe(keyOf(2));
  expect(keyOf(2)).not.toBe(keyOf(3));
});

test('a key tells apart what may want another way: op, kernel, options, and shapes by class', () => {
  const keyOf = (
    options: { transposeB?: boolean; activation?: 'relu' },
    size = 64,
    family: 'direct' | 'workgroup' = 'direct',
  ) => {
    const inputs = [0, 1].map(() => new Tensor([size, size], 'f32', { kind: 'input', name: 'x' }));
    const { result } = onTape(false, () => matmul(inputs[0], inputs[1], options));
    const plan = makePlan(
      { inputs, outputs: [result], effects: [] },
      { ...LEAST, family, tuning: new Tuning() },
    );
    return plan.dispatches[0].choice!.key;
  };
  const keys = [
    keyOf({}),
    keyOf({ transposeB: true }),
    keyOf({ activation: 'relu' }),
    keyOf({}, 256),
    keyOf({}, 64, 'workgroup'),
  ];
  expect(new Set(keys).size).toBe(5);
  expect(keyOf({}, 70)).toBe(keys[0]);
});

test('ways of one kernel go by the constants that the op declares, whatever these are called', () => {
  const code = `const ROWS = 1u;
@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { for (var i = 0u; i < ROWS; i++) { y[i] = x[i]; } }`;
  const rows = kernel('rows', code);
  const way = (ROWS: number): Dispatch => ({ kernel: rows.with({ ROWS }), threads: [1], tile: { ROWS } });
  const op = defineOp<'x', 'y'>({
    name: 'rows',
    inputs: { x: 'N' },
    outputs: { y: 'N' },
    dispatch: () => ({ ...way(1), alternatives: () => [way(2), way(4)] }),
  });
  const x = new Tensor([4], 'f32', { kind: 'input', name: 'x' });
  const outputs = [op({ x }, {}).y];
  const tuning = new Tuning();
  const tried = [0, 1, 2].map((trial) => {
    tuning.trial = trial;
    const [launch] = makePlan({ inputs: [x], outputs, effects: [] }, { ...LEAST, tuning }).dispatches;
    return [launch.choice!.id, launch.variant.constants.ROWS];
  });
  expect(tried).toEqual([
    ['rows ROWS=1', 1],
    ['rows ROWS=2', 2],
    ['rows ROWS=4', 4],
  ]);
});

test('an own kernel offers ways of any constants, and says no more of them than these', () => {
  const code = `const PER_THREAD = 1u;
const REVERSED = false;
const ORDER = UP;
const UP = 0u;
const DOWN = 1u;
@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { if (ORDER == UP && !REVERSED) { y[0] = x[0] * f32(PER_THREAD); } }`;
  const own = kernel('own', code);
  const way = (constants: Readonly<Record<string, number | boolean | string>>): Dispatch => ({
    kernel: own.with(constants),
    threads: [1],
  });
  // The second is there twice.
  const others: Readonly<Record<string, number | boolean | string>>[] = [
    { PER_THREAD: 4 },
    { PER_THREAD: 4 },
    { REVERSED: true },
    { ORDER: 'DOWN', PER_THREAD: 2 },
  ];
  const op = defineOp<'x', 'y'>({
    name: 'own',
    inputs: { x: 'N' },
    outputs: { y: 'N' },
    dispatch: () => ({ ...way({}), alternatives: () => others.map(way) }),
  });
  const x = new Tensor([4], 'f32', { kind: 'input', name: 'x' });
  const outputs = [op({ x }, {}).y];
  const planned = (tuning: Tuning) =>
    makePlan({ inputs: [x], outputs, effects: [] }, { ...LEAST, tuning }).dispatches[0];
  const tuning = new Tuning();
  const tried = [0, 1, 2, 3, 4].map((trial) => {
    tuning.trial = trial;
    const { choice, variant } = planned(tuning);
    expect(choice!.ways).toEqual([
      'own',
      'own PER_THREAD=4',
      'own REVERSED=true',
      'own ORDER=DOWN PER_THREAD=2',
    ]);
    return [choice!.id, variant.changes] as const;
  });
  expect(tried).toEqual([
    ['own', {}],
    ['own PER_THREAD=4', { PER_THREAD: 4 }],
    ['own REVERSED=true', { REVERSED: true }],
    ['own ORDER=DOWN PER_THREAD=2', { ORDER: 'DOWN', PER_THREAD: 2 }],
    ['own', {}],
  ]);
  tuning.trial = null;
  const { key } = planned(tuning).choice!;
  for (const [id, changes] of tried) {
    expect(planned(new Tuning({ [key]: String(id) })).variant.changes).toEqual(changes);
  }
});

test('a table is taken as it stands in its file, and what is none is refused', () => {
  const { key } = planOf(new Tuning(), 64).dispatches[0].choice!;
  const kernels = { [key]: 'matmul TM=4 TN=4' };
  const table = { adapter: 'an adapter', kernels, date: '2026-11-29' };
  expect(new Tuning(JSON.parse(JSON.stringify(table))).toJSON()).toEqual(kernels);
  expect(idOf(planOf(new Tuning(table), 64))).toBe('matmul TM=4 TN=4');
  for (const wrong of [
    null,
    3,
    [],
    'text',
    { kernels: 3 },
    { kernels: [] },
    { [key]: 3 },
    { rows: [], date: 'x' },
  ]) {
    expect(() => new Tuning(wrong as never)).toThrow(
      /^Tuning: this is no table of kernels\.[^]*engine\.tuning/,
    );
  }
});
