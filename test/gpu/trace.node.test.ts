// The access tracer on kernels whose requests are known by hand, and on the library's own.

import { afterAll, describe, expect, test } from 'vitest';
import { caseOf, traceCase, traceStep, type LaunchTrace, type SiteTrace } from '../../src/bench/index';
import {
  SeqgpuError,
  array,
  attention,
  causalConv,
  defineOp,
  gradient,
  matmul,
  type Engine,
  type Tensor,
} from '../../src/index';
import { kernel } from '../../src/wgsl/reflect';
import { openTestEngine, uniform } from '../harness/engine';

const engine: Engine = await openTestEngine({ family: 'workgroup' });
afterAll(() => engine.destroy());

const HEAD = `struct Params { N : u32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
`;
const MAIN = `@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(local_invocation_index) lane : u32)`;

const opOf = (name: string, code: string) => {
  const made = kernel(name, code);
  return defineOp<'x', 'y'>({
    name,
    inputs: { x: 'N' },
    outputs: { y: 'N' },
    dispatch: ({ x }) => ({ kernel: made.with(), threads: [x.size], params: { N: x.size } }),
    flops: ({ x }) => 2 * x.size,
  });
};

/** A kernel of one's own, on 1024 numbers. */
async function launchOf(name: string, code: string, size = 1024): Promise<LaunchTrace> {
  const op = opOf(name, code);
  const one = caseOf({ name, body: (x) => op({ x }, {}).y, args: [array([size], uniform(1, size))] });
  const { launches } = await traceCase(engine, one);
  return launches[0];
}

const traced = async (name: string, body: string, before = '', size?: number): Promise<LaunchTrace> =>
  launchOf(name, `${HEAD}${before}\n${MAIN} {\n${body}\n}`, size);

/** Cost and least cost of a request of 32 lanes, by the text of the access. */
const costs = ({ sites }: LaunchTrace, kind?: SiteTrace['kind']) =>
  Object.fromEntries(
    sites
      .filter((site) => site.costs[32] && (!kind || site.kind === kind))
      .map(({ text, costs: by }) => [text, [by[32]!.spent, by[32]!.ideal]]),
  );

describe('buffers', () => {
  test('a copy moves the sectors that it must, for subgroups of any size', async () => {
    const launch = await traced('copy', 'y[gid.x] = x[gid.x];');
    expect(
      launch.sites.map(({ line, text, kind, bytes, perThread }) => [line, text, kind, bytes, perThread]),
    ).toEqual([
      [8, 'y[gid.x]', 'write', 4, 1],
      [8, 'x[gid.x]', 'read', 4, 1],
    ]);
    for (const { costs: by } of launch.sites) {
      expect(by[16]).toEqual({ requests: 4, spent: 2, ideal: 2, efficiency: 1 });
      expect(by[32]).toEqual({ requests: 2, spent: 4, ideal: 4, efficiency: 1 });
      expect(by[64]).toEqual({ requests: 1, spent: 8, ideal: 8, efficiency: 1 });
    }
    expect(launch).toMatchObject({ workgroups: [16, 1, 1], threads: 1024, noted: 1, barriers: 0 });
    expect(launch.levels).toEqual({
      ...{ asked: 8192, requests: 8192, workgroups: 8192, memory: 8192, workgroupMemory: 0 },
    });
  });

  test('memory gives no more than is asked for, however much is bound', async () => {
    const launch = await traced('broadcast', 'y[gid.x] = x[gid.x % 8u];');
    expect(launch.levels.workgroups).toBe(16 * (32 + 256));
    expect(launch.levels.memory).toBe(16 * (32 + 256));
  });

  test('one element off is a sector more, and one address for all is one sector', async () => {
    const launch = await traced('off', 'y[gid.x] = x[gid.x + 1u] + x[7];');
    expect(costs(launch)).toEqual({ 'y[gid.x]': [4, 4], 'x[gid.x + 1u]': [5, 4], 'x[7]': [1, 1] });
  });

  test('a transposing copy writes a sector for each element', async () => {
    const body =
      'let row = gid.x / 32u; let column = gid.x % 32u; y[column * 32u + row] = x[row * 32u + column];';
    const launch = await traced('transposed', body);
    expect(costs(launch)).toEqual({ 'y[column * 32u + row]': [32, 4], 'x[row * 32u + column]': [4, 4] });
    // What a cache keeps of a workgroup's 2 rows: 32 sectors of y, and not 64.
    expect(launch.levels.workgroups).toBe(16 * (8 + 32) * 32);
    expect(launch.levels.requests).toBe(16 * 2 * (4 + 32) * 32);
  });

  test('a component of a vec4 is four bytes of it, a vec4 sixteen', async () => {
    const head = HEAD.replace('x : array<f32>', 'x : array<vec4f>');
    const body = 'y[gid.x] = x[gid.x / 4u][gid.x % 4u] + x[gid.x].w + dot(x[gid.x], x[gid.x].xyzw.xyzw);';
    const launch = await launchOf('vectors', `${head}${MAIN} {\n${body.replace('.xyzw.xyzw', '')}\n}`);
    expect(launch.sites.map(({ text, bytes }) => [text, bytes])).toEqual([
      ['y[gid.x]', 4],
      ['x[gid.x / 4u][gid.x % 4u]', 4],
      ['x[gid.x].w', 4],
      ['x[gid.x]', 16],
      ['x[gid.x]', 16],
    ]);
    expect(launch.sites.map(({ costs: by }) => [by[32]!.spent, by[32]!.ideal])).toEqual([
      ...[
        [4, 4],
        [4, 4],
        [16, 4],
        [16, 16],
        [16, 16],
      ],
    ]);
  });

  test('lanes that skip a turn of a loop are not taken for others that make it', async () => {
    const body = `var s = 0.0;
      for (var i = 0u; i < 4u; i++) { if ((lane + i) % 2u == 0u) { s += x[64u * i + lane]; } }
      y[gid.x] = s;`;
    const launch = await traced('skips', body);
    // 16 lanes, every other element: 4 sectors where 2 would do. By their count they would be 8.
    expect(costs(launch)['x[64u * i + lane]']).toEqual([4, 2]);
    expect(launch.sites.find(({ variable }) => variable === 'x')!.costs[32]!.requests).toBe(8);
  });

  test('a function that is called twice makes two requests, and a return in a loop ends nothing else', async () => {
    const before = `fn at(i : u32) -> f32 {
      for (var k = 0u; k < 8u; k++) { if (k == i % 3u) { return x[i + k]; } }
      return 0.0;
    }`;
    const launch = await traced('calls', 'y[gid.x] = at(0u) + at(32u * lane % 900u);', before);
    const { costs: by, perThread } = launch.sites.find(({ variable }) => variable === 'x')!;
    expect(perThread).toBe(2);
    // The first call: one address. The second: three ways by the rest of the division, 32 sectors in all.
    expect(by[32]!.requests).toBe(2 * (1 + 3));
  });
});

describe('workgroup memory', () => {
  const tile = (pitch: number, read: string) => ({
    before: `var<workgroup> tile : array<f32, ${32 * pitch}>;`,
    body: `for (var i = lane; i < 1024u; i += 64u) { tile[i / 32u * ${pitch}u + i % 32u] = x[i]; }
      workgroupBarrier();
      y[gid.x] = tile[${read}];`,
  });

  test.each([
    ['rows', 32, 'lane', 1],
    ['columns', 32, '(lane % 32u) * 32u + lane / 32u', 32],
    ['columns of padded rows', 33, '(lane % 32u) * 33u + lane / 32u', 1],
    ['every other element', 32, '2u * lane', 2],
    ['one element', 32, '5u', 1],
  ])('%s of a pitch of %i', async (_what, pitch, read, conflicts) => {
    const { before, body } = tile(pitch, read);
    const launch = await traced('tile', body, before);
    const site = launch.sites.find(({ variable, kind }) => variable === 'tile' && kind === 'read')!;
    expect(site.costs[32]).toMatchObject({ requests: 2, spent: conflicts, ideal: 1 });
    expect(launch.barriers).toBe(1);
    expect(launch.needs.workgroupBytes).toBe(32 * pitch * 4);
    // Written 16 times by 2 subgroups, read once by each.
    expect(launch.levels.workgroupMemory).toBe(16 * 128 * (32 + 2 * conflicts));
  });

  test('vec4s of eight lanes are a turn, whichever lanes share them', async () => {
    const before = 'var<workgroup> tile : array<vec4f, 256>;';
    const body = `tile[lane] = vec4f(x[lane]);
      workgroupBarrier();
      y[gid.x] = dot(tile[lane], tile[4u * lane]) + tile[lane / 8u][0] + dot(tile[lane % 8u], tile[63u - lane]);`;
    const launch = await traced('quads', body, before);
    expect(costs(launch, 'read')).toMatchObject({
      ...{ 'tile[lane]': [4, 4], 'tile[4u * lane]': [16, 4], 'tile[lane / 8u][0]': [1, 1] },
      ...{ 'tile[lane % 8u]': [1, 1], 'tile[63u - lane]': [4, 4] },
    });
    expect(costs(launch, 'write')['tile[lane]']).toEqual([4, 4]);
  });

  test('atomic operations on one word wait for each other', async () => {
    const before = 'var<workgroup> bins : array<atomic<u32>, 64>;\nvar<workgroup> total : atomic<u32>;';
    const body = `atomicAdd(&bins[lane], 1u); atomicAdd(&bins[lane / 4u], 1u); atomicAdd(&total, 1u);
      workgroupBarrier();
      y[gid.x] = f32(atomicLoad(&total));`;
    const launch = await traced('bins', body, before);
    const atomics = launch.sites.filter(({ kind }) => kind === 'atomic');
    expect(atomics.map(({ text, costs: by }) => [text, by[32]!.spent, by[32]!.ideal])).toEqual([
      ...[
        ['bins[lane]', 1, 1],
        ['bins[lane / 4u]', 4, 1],
        ['total', 32, 1],
        ['total', 32, 1],
      ],
    ]);
  });

  test('a variable without an index is read and written, too', async () => {
    const launch = await traced(
      'scalar',
      'if (lane == 0u) { sum = x[0]; sum += 1.0; } workgroupBarrier(); y[gid.x] = sum;',
      'var<workgroup> sum : f32;',
    );
    const seen = launch.sites.filter(({ variable }) => variable === 'sum');
    expect(seen.map(({ kind, perThread }) => [kind, perThread])).toEqual([
      ...[
        ['write', 1 / 64],
        ['read', 1 / 64],
        ['write', 1 / 64],
        ['read', 1],
      ],
    ]);
  });
});

describe('what a thread needs', () => {
  test('an array that only a run can index is listed; one that a written-out loop indexes is not', async () => {
    const body = `var kept : array<f32, 8>;
      var spilled : array<f32, 4>;
      // @unroll
      for (var i = 0u; i < 8u; i++) { kept[i] = x[i]; }
      for (var i = 0u; i < 4u; i++) { spilled[i] = x[i]; }
      var s = 0.0;
      // @unroll
      for (var i = 0u; i < 8u; i++) { s += kept[i]; }
      y[gid.x] = s + spilled[lane % 4u];`;
    const { needs } = await traced('arrays', body);
    expect(needs.privateArrays).toMatchObject([{ name: 'spilled', bytes: 16, index: 'i' }]);
    // The eight, the sum, the lane and the place of the result, which is a vec3.
    expect(needs.registers).toBeGreaterThanOrEqual(10);
    expect(needs.registers).toBeLessThanOrEqual(16);
  });
});

describe('of the library', () => {
  test('a product in tiles: every site of its inputs is whole, and a GPU is limited by what it says', async () => {
    const [a, b] = [array([64, 64], uniform(1, 4096)), array([64, 64], uniform(2, 4096))];
    const step = engine.record((x, y) => matmul(x, y));
    const before = await step(a, b).read();
    const { launches } = await traceStep(step, {}, a, b);
    expect(await step(a, b).read()).toEqual(before);
    const [launch] = launches;
    expect(launch.kernel).toBe('matmulTiled');
    expect(launch.noted).toBe(1);
    expect(launch.flops).toBe(2 * 64 ** 3);
    const read = launch.sites.filter(({ kind, costs: by }) => kind === 'read' && by[32]);
    expect(read.map(({ text, costs: by }) => [text, by[32]!.efficiency])).toEqual(
      read.map(({ text }) => [text, 1]),
    );
    expect(new Set(read.map(({ variable }) => variable))).toEqual(new Set(['a', 'b', 'left', 'right']));
    for (const { ofPeak, ofIdeal, us } of launch.gpus) {
      expect(us).toBeGreaterThan(0);
      expect(ofPeak).toBeGreaterThan(0);
      expect(ofPeak).toBeLessThanOrEqual(1);
      expect(ofIdeal).toBeLessThanOrEqual(1);
    }
    step.destroy();
  });

  /** What the sites of a step's launches cost: the least of the buffers, the most conflicts, the sites of either. */
  async function worst(run: (...all: Tensor[]) => Tensor | Tensor[], ...shapes: number[][]) {
    const step = engine.record((...all: Tensor[]) => [run(...all)].flat());
    const given = shapes.map((shape, i) =>
      array(
        shape,
        uniform(
          i + 1,
          shape.reduce((size, extent) => size * extent, 1),
        ),
      ),
    );
    const { launches } = await traceStep(step, {}, ...given);
    step.destroy();
    return launches.map(({ kernel: name, sites, needs }) => {
      const of = (space: SiteTrace['space']) =>
        sites.flatMap((site) => (site.space === space ? Object.values(site.costs) : []));
      const buffers = of('storage').map(({ efficiency }) => efficiency);
      const conflicts = of('workgroup').map(({ efficiency }) => 1 / efficiency);
      const written = new Set(sites.filter((site) => site.costs[32]).map(({ variable }) => variable));
      return {
        name,
        least: Math.min(...buffers),
        most: Math.max(...conflicts),
        variables: [...written].sort(),
        spilled: needs.privateArrays,
      };
    });
  }

  test.each<[string, (...all: Tensor[]) => Tensor, number[][]]>([
    ['a·b + bias', (a, b, bias) => matmul(a, b, { bias }), [[64, 32], [32, 128], [128]]],
    [
      'aᵀ·b',
      (a, b) => matmul(a, b, { transposeA: true }),
      [
        [32, 64],
        [32, 64],
      ],
    ],
    [
      'a·bᵀ',
      (a, b) => matmul(a, b, { transposeB: true }),
      [
        [64, 32],
        [64, 32],
      ],
    ],
    [
      'many, tiles of 64',
      (a, b) => matmul(a, b),
      [
        [150, 64, 32],
        [150, 32, 64],
      ],
    ],
  ])('the tiled product moves whole sectors, and no bank conflicts: %s', async (_what, run, shapes) => {
    const [{ name, least, most, variables }] = await worst(run, ...shapes);
    expect(name).toBe('matmulTiled');
    expect(variables).toEqual(expect.arrayContaining(['a', 'b', 'left', 'right', 'y']));
    expect(variables.includes('bias')).toBe(shapes.length > 2);
    expect(least).toBeGreaterThanOrEqual(0.9);
    expect(most).toBeLessThanOrEqual(1.1);
  });

  test('at the edge of a tile, eight columns are a sector', async () => {
    const [{ least }] = await worst((a, b) => matmul(a, b), [40, 32], [32, 40]);
    expect(least).toBeGreaterThanOrEqual(0.9);
  });

  test('rows that are no multiple of a sector are still read and stored side by side', async () => {
    const step = engine.record((a: Tensor, b: Tensor) => matmul(a, b));
    const given = [array([64, 35], uniform(1, 64 * 35)), array([35, 514], uniform(2, 35 * 514))] as const;
    const { launches } = await traceStep(step, {}, ...given);
    step.destroy();
    const of = (name: string) => {
      const sites = launches[0].sites.filter(({ variable }) => variable === name);
      return sites.flatMap(({ costs: { 32: cost } }) => (cost ? [[cost.spent, cost.ideal]] : []));
    };
    // A row begins anywhere: one sector more at most, where a number for every four columns took eighteen.
    const [[spent, ideal]] = of('y');
    expect(ideal).toBe(4);
    expect(spent).toBeLessThanOrEqual(5);
    // Two vec4s hold four neighbours, which took four requests of a fifth of their sectors each.
    for (const sites of [of('a'), of('b')]) {
      expect(sites.length).toBe(2);
      for (const [read, least] of sites) expect(least / read).toBeGreaterThanOrEqual(0.8);
    }
  });

  test('a convolution moves whole sectors, and no bank conflicts: forward, to its input, to its weights', async () => {
    const run = (x: Tensor, w: Tensor, bias: Tensor, dy: Tensor) => {
      const y = causalConv(x, w, { dilation: 3, bias });
      return [y, ...gradient(y, [x, w], dy)];
    };
    const found = await worst(run, [2, 64, 32], [3, 32, 64], [64], [2, 64, 64]);
    const names = ['causalConvTiled', 'causalConvDxTiled', 'causalConvDwTiled'];
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    for (const { name, least, most } of found.filter((one) => names.includes(one.name))) {
      expect(least, name).toBeGreaterThanOrEqual(0.9);
      expect(most, name).toBeLessThanOrEqual(1.1);
    }
  });

  test.each([
    [32, false],
    [32, true],
    [64, true],
    [136, false],
  ])(
    'attention in tiles moves whole sectors, no bank conflicts, nothing spilled: %i columns, causal %s',
    async (d, causal) => {
      const found = await worst(
        (q, k, v, dy) => {
          const y = attention(q, k, v, { heads: 2, causal });
          return [y, ...gradient(y, [q, k, v], dy)];
        },
        ...[
          [2, 64, 2 * d],
          [2, 96, 2 * d],
          [2, 96, 2 * d],
          [2, 64, 2 * d],
        ],
      );
      expect(found.map(({ name }) => name)).toEqual([
        'attentionTiled',
        'attentionDqTiled',
        'attentionDkvTiled',
      ]);
      for (const { name, least, most, spilled } of found) {
        expect(least, name).toBeGreaterThanOrEqual(0.9);
        expect(most, name).toBeLessThanOrEqual(1.1);
        expect(spilled, name).toEqual([]);
      }
    },
  );

  test('what it cannot follow it refuses, with the line', async () => {
    const before =
      'var<workgroup> t : array<f32, 4>;\nfn f(q : ptr<workgroup, array<f32, 4>>) -> f32 { return (*q)[0]; }';
    const refused = await traced('pointer', 'y[gid.x] = f(&t);', before).catch((error) => error);
    expect(refused).toBeInstanceOf(SeqgpuError);
    expect(refused.message).toMatch(/pointer\.wgsl:9: a pointer to t is handed on\./);
  });
});
