// Tuning on the adapter at hand, of a few small classes: what is chosen computes the same, is near the best of all that
// was measured, and is what the next `open` takes.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { cachedTable, measuredHere, tableText, writeCached } from '../../src/gpu/device/tuningCache.node';
import { least, type Patience } from '../../src/gpu/look/sweep';
import { tuneCall } from '../../src/gpu/look/tuneCall';
import {
  array,
  crossEntropy,
  nn,
  open,
  optim,
  Tuning,
  tuneStep,
  type Engine,
  type Tensor,
} from '../../src/index.node';
import { defineOp } from '../../src/graph/op';
import type { Dispatch } from '../../src/graph/tensor';
import { OPS, OPTIONS } from '../../src/cli/tune/only';
import { launchesOf, shapeClasses, tableModels } from '../../src/runs/shapeClasses';
import { TABLES } from '../../src/runs/tables';
import { kernel } from '../../src/wgsl/reflect';
import { writeFileSync } from 'node:fs';

const folder = mkdtempSync(join(tmpdir(), 'tune-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Few runs, of the first ways alone: larger tiles take seconds to compile on some adapters. */
const patience = (ways: number): Patience => {
  let begun = 0;
  return { rounds: [3, 8], enough: 10, misses: 2, left: () => ways - ++begun };
};

const B = 8;
const T = 12;
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i));
const symbols = (from: number) =>
  array(
    [B, T],
    Uint32Array.from({ length: B * T }, (_, i) => (i * 7 + from) % 11),
  );

/** The parameters of a small LSTM after a step. */
async function trained(engine: Engine) {
  const lstm = new nn.LSTM(16, 24);
  const head = new nn.Linear(24, 11);
  const table = new nn.Embedding(11, 16);
  const model = new nn.Sequential(table, lstm, head);
  const parameters = model.parameters();
  const sgd = new optim.SGD(parameters, { learningRate: 0.5 });
  for (const one of parameters) engine.write(one, values(one.size));
  const step = engine.train((ids: Tensor, wanted: Tensor) =>
    sgd.minimize(crossEntropy(model.forward(ids), wanted)),
  );
  const args = [symbols(0), symbols(3)] as const;
  const plan = step.plan(...args);
  await step(...args).item();
  const after = await Promise.all(parameters.map((one) => engine.read(one)));
  return { plan, step, args, after: after.map((one) => [...one]) };
}

test('a sweep over the calls of a step, and what open does with the table', async () => {
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('SEQGPU_TUNING', '');
  const engine = await open({ tuning: new Tuning() });
  const { plan, after } = await trained(engine);
  // One of each op.
  const classes = new Map(
    plan.dispatches.flatMap(({ choice, call }) =>
      choice ? [[call.op.name, { key: choice.key, call }] as const] : [],
    ),
  );
  expect([...classes.keys()].sort()).toEqual(['lstmSequence', 'lstmSequenceDx', 'matmul']);
  for (const { key, call } of classes.values()) {
    const { samples, tried } = await tuneCall(engine, call, patience(2));
    const ways = new Map([...samples.get(key)!].map(([id, ms]) => [id, least(ms)]));
    expect(tried, key).toBeGreaterThan(1);
    expect(ways.size, key).toBe(tried);
    const chosen = ways.get(engine.tuning[key])!;
    expect(Math.min(...ways.values()) / chosen, key).toBeGreaterThanOrEqual(0.95);
  }
  const here = await measuredHere(engine);
  const { icd: _icd, ...measuredOn } = here;
  const table = { ...measuredOn, date: '2026-11-29', kernels: engine.tuning };
  const path = writeCached(here, table);
  const kernels = engine.tuning;
  engine.destroy();

  const second = await open();
  expect(second.tuning).toEqual(kernels);
  const tuned = await trained(second);
  tuned.after.forEach((one, p) => one.forEach((value, i) => expect(value).toBeCloseTo(after[p][i], 4)));
  second.destroy();

  const none = await open({ tuning: new Tuning() });
  expect(none.tuning).toEqual({});
  none.destroy();
  vi.stubEnv('SEQGPU_TUNING', 'none');
  const asked = await open();
  expect(asked.tuning).toEqual({});
  asked.destroy();
  const foreign = join(folder, 'foreign.json');
  writeFileSync(foreign, tableText({ ...table, adapter: 'another' }));
  vi.stubEnv('SEQGPU_TUNING', foreign);
  await expect(open()).rejects.toThrow(/was measured on another adapter\.\n *there another, here /);
  vi.stubEnv('SEQGPU_TUNING', path);
  const named = await open();
  expect(named.tuning).toEqual(kernels);
  named.destroy();

  // What cannot be taken stops nobody.
  vi.stubEnv('SEQGPU_TUNING', '');
  writeFileSync(path, '{');
  const damaged = await open();
  expect(damaged.tuning).toEqual({});
  expect(cachedTable(here).refused).toMatch(/cannot be read/);
  damaged.destroy();
  vi.unstubAllEnvs();
});

const OWN = `const TIMES = 1u;
const WORKGROUP = 64u;
struct Params { N : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(WORKGROUP) fn main(@builtin(global_invocation_id) id : vec3u) {
  if (id.x >= p.N) { return; }
  var sum = 0.0;
  for (var i = 0u; i < TIMES; i++) { sum += sin(x[(id.x + i) % p.N]); }
  y[id.x] = select(x[id.x], sum, sum > 1e30);
}`;
const own = kernel('own', OWN);

/** What a step of an op with these ways learns, and what it tells. */
async function tunedOwn(likeliest: Record<string, number>, others: readonly Record<string, number>[]) {
  const op = defineOp<'x', 'y'>({
    name: 'own',
    inputs: { x: 'N' },
    outputs: { y: 'N' },
    dispatch: (_t, { N }) => {
      const way = (constants: Record<string, number>): Dispatch => ({
        kernel: own.with(constants),
        threads: [N],
      });
      return { ...way(likeliest), alternatives: () => others.map(way) };
    },
  });
  const told: string[] = [];
  const engine = await open({ tuning: new Tuning(), log: (line) => told.push(line) });
  const step = engine.record((x: Tensor) => op({ x }, {}).y);
  const x = array([1024], values(1024));
  try {
    await tuneStep(step, x);
    expect(await step(x).read()).toEqual(x.data);
    return { learned: Object.values(engine.tuning), told };
  } finally {
    engine.destroy();
  }
}

test('the ways of an own kernel are tried, and the one that does a thousandth of the work is taken', async () => {
  const { learned, told } = await tunedOwn({ TIMES: 4000 }, [{ TIMES: 2000 }, { TIMES: 4 }]);
  expect(learned).toEqual(['own TIMES=4']);
  expect(told).toEqual([]);
});

test('a way that the adapter cannot run is told and left out; the likeliest must run', async () => {
  const ways: Record<string, number>[] = [{ TIMES: 4000, WORKGROUP: 65536 }, { TIMES: 4 }];
  const { learned, told } = await tunedOwn({ TIMES: 4000 }, ways);
  expect(learned).toEqual(['own TIMES=4']);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/own cannot run as own .*WORKGROUP=65536.* left out: .*own\.wgsl/);
  await expect(tunedOwn({ TIMES: 4, WORKGROUP: 65536 }, [{ TIMES: 4 }])).rejects.toThrow(/own\.wgsl/);
});

test('the classes of all models are called by ops and options that `tune --only` knows', async () => {
  const engine = await open({ tuning: new Tuning() });
  const classes = shapeClasses(
    tableModels(TABLES).map((model) => ({
      name: model.name,
      launches: launchesOf(engine, model, TABLES),
    })),
  );
  engine.destroy();
  const words = classes.flatMap(({ shapes }) => shapes.replace(/\[[^\]]*\]/g, '').split(/\s+/));
  expect([...new Set(classes.map(({ op }) => op))].sort()).toEqual([...OPS].sort());
  const options = new Set(words.filter((word) => /[a-z]/i.test(word)));
  expect([...options].filter((word) => !OPTIONS.includes(word))).toEqual([]);
}, 120_000);
