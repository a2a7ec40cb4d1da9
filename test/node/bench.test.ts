// The bench without a GPU: its words, what it measures by a clock that is made up, its files, and the README's region.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { CASES, bench, METRICS, choose } from '../../src/bench/index';
import type { Case } from '../../src/bench/case';
import { measure } from '../../src/bench/measure';
import type { Engine } from '../../src/gpu/engine';
import { fileName, inReadme, prepareOut, readResult } from '../../src/cli/bench/benchFile.node';
import { letTake } from '../../src/gpu/step';
import { PROGRAMS, bundleSize } from '../../src/cli/bench/bundleSize.node';
import { readCommand } from '../../src/cli/commands';
import { first, report, row } from '../fixtures/benchReport';
import { messageOf } from '../harness/message';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const complaint = (line: string) => messageOf(() => readCommand(line.split(' ').filter(Boolean)));

describe('words', () => {
  test('an unknown case lists the known ones', () => {
    const message = complaint('bench --only matmul,tarnsformer');
    expect(message).toContain('bench: no case has "tarnsformer" in its name.\n    known: matmul 256, ');
    expect(message).toContain('200 products, host per launch, LSTM training step / kernels, ');
    expect(message).toContain(
      'Adam / Adam by ops, gated convolutions / LSTM, time to first result, bundle size\n',
    );
  });

  test('an empty word', () => {
    expect(complaint('bench --only=')).toContain('--only: "" does not fit.');
    expect(complaint('bench --only=a,,b')).toContain('texts that are not empty');
  });

  test('a word that is no flag', () => {
    expect(complaint('bench matmul')).toMatchInlineSnapshot(`
      "bench: "matmul" is too much.
          fix: for cases by name, --only "matmul"."
    `);
  });

  test('a kernel of one’s own has its places', () => {
    expect(complaint('bench mine.wgsl')).toMatch(
      /"mine\.wgsl" is too much\.\n {4}fix: --page has .* benchKernel of/,
    );
  });

  test('rounds', () => {
    expect(complaint('bench --rounds 0')).toContain('whole number of at least 1');
  });

  test('what stands alone', () => {
    expect(complaint('bench --page --json')).toContain('--page and --json exclude each other');
    expect(complaint('bench --readme --quick')).toContain('--readme and --quick exclude each other');
    expect(complaint('bench --trace matmul --quick')).toContain('--trace and --quick exclude each other');
    expect(complaint('bench --trace matmul --lanes 8')).toContain('--lanes 8 is no subgroup of a GPU');
    expect(complaint('bench --trace matmull')).toMatch(/no case has "matmull" in its name.*matmul 256/s);
    expect(complaint('bench --lanes 16')).toContain('--lanes is about --trace');
  });

  test('cases by parts of their names, in any case of letters', () => {
    const { cases, metrics, firstResult, bundleSize: asked } = choose(CASES, ['ADAM', 'matmul 10', 'bundle']);
    expect(cases.map(({ name }) => name)).toEqual(['matmul 1024', 'Adam', 'Adam by ops']);
    expect(metrics.map(({ name }) => name)).toEqual(['Adam / Adam by ops']);
    expect({ firstResult, asked }).toEqual({ firstResult: false, asked: true });
    expect(choose(CASES)).toEqual({ cases: CASES, metrics: METRICS, firstResult: true, bundleSize: true });
  });

  test('names tell the cases apart', () => {
    const names = [...CASES, ...METRICS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('measuring', () => {
  const LAUNCHES = [
    { flops: 3e9, bytes: 1e9 },
    { flops: 1e9, bytes: 2e9 },
  ];
  interface Scripted {
    /** Of one run, of every sample. */
    readonly ms: readonly number[];
    readonly profile?: object;
  }
  /** An engine whose steps, in the order in which they are made, take what a script says. */
  function clockwork(...list: readonly Scripted[]) {
    let made = 0;
    const makeStep = () => {
      const { ms, profile } = list[made++];
      let sample = 0;
      const time = async (times: number) => times * ms[Math.min(sample++, ms.length - 1)];
      const step = Object.assign(() => [], { plan: () => ({ dispatches: LAUNCHES }) });
      const looked = async (tool: string, times: number) => (tool === 'timeStep' ? time(times) : profile);
      letTake(step, (_, tool, [times]) => looked(tool, times as number) as never);
      return step;
    };
    const rest = {
      name: 'clockwork',
      idle: async () => {},
      write: () => {},
      train: makeStep,
      record: makeStep,
    };
    return Object.assign(Object.create(null), rest) as Engine;
  }
  /** Ceilings: a run of the multiply-adds takes 2 ms, of the copy 4 ms, of a launch 0.05 ms. */
  const probing = [{ ms: [2] }, { ms: [4] }, { ms: [0.05] }];
  const caseOf = (limit: Case['limit'], more: Partial<Case> = {}): Case => ({
    ...{ name: limit, about: '', limit, inputs: () => ({}) },
    build: (engine) => ({ step: engine.record(() => {}) as never, args: [], error: () => 1e-6 }),
    ...more,
  });

  test('two cases of one name are refused before anything is opened', async () => {
    const open = vi.fn<() => Promise<Engine>>();
    const run = bench({ cases: [caseOf('fma'), caseOf('copy'), caseOf('fma')], runtime: 'a test', open });
    await expect(run).rejects.toThrow('bench: two cases are called "fma"');
    expect(open).not.toHaveBeenCalled();
  });

  test('times, FLOP/s, bytes and the share of the ceiling', async () => {
    const profile = { rows: [{ kernel: 'matmul', launches: 2, ms: 7 }] };
    // The first sample says how many runs make one; then three rounds.
    const engine = clockwork({ ms: [10, 10, 8, 12], profile }, ...probing);
    const { ceiling, rows } = await measure(engine, [caseOf('fma')], { rounds: 3 });
    expect(ceiling.copy).toBeCloseTo((2 ** 22 * 8) / 4e6, 9);
    expect(ceiling.dispatch).toBeCloseTo(50, 9);
    expect(ceiling.fma).toBeGreaterThan(0);
    const [one] = rows;
    expect([one.ms, one.min, one.max]).toEqual([10, 8, 12]);
    // 4 GFLOP and 3 GB in 8 ms.
    expect(one.gflops).toBeCloseTo(500, 9);
    expect(one.gbps).toBeCloseTo(375, 9);
    expect(one.ofCeiling).toBeCloseTo(500 / ceiling.fma, 9);
    expect(one).toMatchObject({ dispatches: 2, error: 1e-6, kernels: profile.rows });
  });

  test('the ceiling is that of the limit, at the fastest that the adapter was', async () => {
    const slow = { ms: [16, 20] };
    const engine = clockwork({ ms: [10] }, { ms: [10] }, { ms: [10] }, { ms: [4, 2] }, slow, {
      ms: [0.05, 0.1],
    });
    const cases = [caseOf('copy'), caseOf('dispatch'), caseOf('copy', { bytes: 1e9 })];
    const { ceiling, rows } = await measure(engine, cases, { rounds: 2, kernels: false });
    expect(ceiling.copy).toBeCloseTo((2 ** 22 * 8) / 16e6, 9);
    expect(rows[0].ofCeiling).toBeCloseTo(300 / ceiling.copy, 9);
    expect(rows[1].ofCeiling).toBeCloseTo((2 * 50) / 1000 / 10, 9);
    expect(rows[2].ofCeiling).toBeCloseTo(100 / ceiling.copy, 9);
    expect(rows[2].gbps).toBeCloseTo(100, 9);
    expect(rows[0].kernels).toEqual([]);
  });

  test('wrong results end it', async () => {
    const wrong = caseOf('fma', {
      build: (engine) => ({ step: engine.record(() => {}) as never, args: [], error: () => NaN }),
    });
    await expect(measure(clockwork({ ms: [1] }), [wrong])).rejects.toThrow('fma gives wrong results');
  });

  const sampleOf = async (name: string, ...list: readonly Scripted[]) =>
    METRICS.find((one) => one.name === name)!.prepare(clockwork(...list))();

  test('metrics: ratios have ours above and what it is compared with below', async () => {
    const profile = { stepMs: 12, kernelMs: 8, rows: [] };
    // 8 ms of kernels and two launches of 1 ms each.
    for (const name of ['LSTM training step / kernels', 'TCN training step / kernels']) {
      const found = await sampleOf(name, { ms: [1], profile }, { ms: [1] }, { ms: [1] }, { ms: [1] });
      expect(found).toBeCloseTo(1.2, 9);
    }
    const [atOnce, byOps] = [
      { rows: [{ kernel: 'adam', ms: 2 }], kernelMs: 3 },
      { rows: [], kernelMs: 8 },
    ];
    const adam = await sampleOf(
      'Adam / Adam by ops',
      { ms: [1], profile: atOnce },
      { ms: [1], profile: byOps },
    );
    expect(adam).toBeCloseTo(0.25, 9);
    const gated = await sampleOf('gated convolutions / LSTM', { ms: [1] }, { ms: [5] });
    expect(gated).toBeCloseTo(0.2, 9);
  });

  test('metrics: the fastest of the calls but the first, by its launches, in µs', async () => {
    let now = 0;
    // The first call takes half as long.
    const ticks = [0, 0.5];
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += ticks.shift() ?? 1));
    const found = await sampleOf('host per launch', { ms: [1] }).finally(() => clock.mockRestore());
    expect(found).toBeCloseTo(1000 / 2, 6);
  });
});

describe('files', () => {
  test('are named by date, adapter and runtime', () => {
    expect(fileName(report())).toBe('2026-11-24-acme-one-node.json');
    const path = prepareOut(folder)(report(row));
    expect(readResult(path)).toEqual(report(row));
    expect(prepareOut(join(folder, 'b.json'))(report(row))).toMatch(/b\.json$/);
  });

  test('that are not there', () => {
    expect(messageOf(() => readResult(join(folder, 'none.json')))).toContain('there is no file');
    expect(messageOf(() => prepareOut(join(folder, 'none/a.json')))).toContain('there is no folder');
  });

  test("the README's region is replaced, and only it", () => {
    const readme = readFileSync(new URL('../../examples/bench/README.md', import.meta.url), 'utf8');
    const [before, after] = [
      inReadme(readme, report(row), 'x/a.json'),
      inReadme(readme, report(first), 'x/b.json'),
    ];
    expect(before).not.toBe(readme);
    expect(inReadme(after, report(row), 'x/a.json')).toBe(before);
    expect(messageOf(() => inReadme('no marks', report(row), 'a.json'))).toContain(
      'no place for the results',
    );
  });

  test('a bundle is minified, gzipped and counted', async () => {
    const entry = join(folder, 'index.js');
    writeFileSync(join(folder, 'part.js'), 'export const part = "a part";\n');
    writeFileSync(entry, `export { part } from './part.js';\n${'// a long comment\n'.repeat(1000)}`);
    const found = await bundleSize(PROGRAMS.all, entry);
    expect(found).toHaveProperty('bytes');
    expect((found as { bytes: number }).bytes).toBeLessThan(200);
    expect(await bundleSize(PROGRAMS.all, join(folder, 'none.js'))).toHaveProperty('missing');
  });

  test('a page downloads what it uses', async () => {
    const sizes = Object.fromEntries(
      await Promise.all(
        Object.entries(PROGRAMS).map(async ([what, program]) => {
          const found = await bundleSize(program, 'dist/index.js');
          return [what, 'bytes' in found ? found.bytes / 1024 : found.missing];
        }),
      ),
    );
    expect(sizes['a product']).toBeLessThan(32);
    for (const what of ['one LSTM', 'one TCN']) expect(sizes[what], what).toBeLessThan(50);
  });
});
