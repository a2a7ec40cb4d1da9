// The report of a machine without one: parts under a budget of time, checks in two families, and the Markdown.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runChecks, type Check } from '../../src/bench/checks';
import { GOLDEN_CHECKS } from '../../src/bench/golden/check';
import golden from '../../src/bench/golden/losses.json';
import { inTime, runParts, type Ended, type Part, type Sheet } from '../../src/bench/parts';
import { reportText } from '../../src/cli/bench/report/reportText';
import { torchPart } from '../../src/cli/bench/report/torchPart.node';
import { TORCH_ROWS } from '../../src/cli/bench/report/torchProgram';
import { CASES } from '../../src/bench/index';
import { readCommand } from '../../src/cli/commands';
import type { Engine } from '../../src/gpu/engine';
import { fail } from '../../src/graph/check';
import { complaint } from '../harness/complaint';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A clock that only parts move. */
function clockwork() {
  let seconds = 100;
  const part = (name: string, takes: number, more: Partial<Part> = {}): Part => ({
    ...{ name, about: `takes ${takes} s`, share: 1, least: 2 },
    run: async () => void (seconds += takes),
    ...more,
  });
  return { clock: () => seconds, pass: (more: number) => void (seconds += more), part };
}

const endings = (ended: readonly Ended[]) => ended.map(({ name, ending }) => `${name}: ${ending}`);

describe('parts', () => {
  test('each gets its share of what is left: what one does not use the next ones have', async () => {
    const { clock, part } = clockwork();
    const begun: string[] = [];
    const onBegin = (name: string, seconds: number) => begun.push(`${name} ${seconds}`);
    const parts = [part('a', 1), part('b', 2, { share: 2 }), part('c', 3)];
    const ended = await runParts(parts, { seconds: 41, clock, onBegin });
    expect(begun).toEqual(['a 10.25', `b ${(40 * 2) / 3}`, 'c 38']);
    expect(ended.map(({ seconds }) => seconds)).toEqual([1, 2, 3]);
  });

  test('what throws ends that part alone, with its reason and what it had found', async () => {
    const { clock, part } = clockwork();
    const broken = (name: string, why: () => never) =>
      part(name, 0, {
        run: async (sheet: Sheet) => {
          sheet.rows.push(['a row']);
          why();
        },
      });
    const parts = [
      broken('a', () => {
        throw new TypeError('x is not a function\n    at somewhere');
      }),
      broken('b', () => fail('op: 3 is too much.', { given: 'there are 2', fix: 'give 2.' })),
      part('c', 1),
    ];
    const seen: number[] = [];
    const ended = await runParts(parts, { seconds: 60, clock, onEnd: (soFar) => seen.push(soFar.length) });
    expect(endings(ended)).toEqual(['a: failed', 'b: failed', 'c: done']);
    expect(ended[0].rows).toEqual([['a row']]);
    expect(ended[0].findings).toEqual(['TypeError: x is not a function']);
    expect(ended[1].findings).toEqual(['op: 3 is too much. there are 2 fix: give 2.']);
    // What is written after each part outlives a crash of the next.
    expect(seen).toEqual([1, 2, 3]);
  });

  test('where one has used up the time, the rest is named as not run', async () => {
    const { clock, part } = clockwork();
    const ended = await runParts([part('a', 29), part('b', 1), part('c', 1)], { seconds: 30, clock });
    expect(endings(ended)).toEqual(['a: done', 'b: not run', 'c: not run']);
    expect(ended[1].notes).toEqual(['There was no time for it: it needs 2 s, and 0.5 s were left for it.']);
  });

  test('one that hangs is stopped, and what it would have done is named', async () => {
    const hangs: Part = {
      ...{ name: 'hangs', about: '', share: 1, least: 0 },
      run: async (sheet, time) =>
        inTime(
          ['one', 'two', 'three'],
          (name) => name,
          { sheet, time },
          async (name) => {
            if (name === 'two') await new Promise(() => {});
          },
        ),
    };
    let tidied = 0;
    const [ended] = await runParts([hangs], { seconds: 0.05, tidy: () => tidied++ });
    expect(ended).toMatchObject({ ending: 'out of time', left: ['two', 'three'], findings: [] });
    expect(tidied).toBe(1);
  });

  test('one that looks at its time leaves out what does not fit', async () => {
    const { clock, pass, part } = clockwork();
    const looks = part('looks', 0, {
      run: (sheet, time) =>
        inTime(
          ['one', 'two', 'three'],
          (name) => name,
          { sheet, time },
          async () => pass(5),
        ),
    });
    const [ended] = await runParts([looks], { seconds: 10, clock });
    expect(ended).toMatchObject({ ending: 'out of time', left: ['three'] });
  });
});

describe('checks', () => {
  const check = (name: string, run: Check['run']): Check => ({ name, allowed: 1e-3, run });
  const sheetOf = async (checks: readonly Check[]) => {
    const opened: string[] = [];
    const open = async (family: string) => {
      opened.push(family);
      const engine: Partial<Engine> = { destroy: () => {} };
      return Object.assign(Object.create(null), engine, { family, stats: { bytes: 0 } }) as Engine;
    };
    const run: Part['run'] = (sheet, time) => runChecks(checks, open, { sheet, time });
    const [ended] = await runParts([{ name: 'c', about: '', share: 1, least: 0, run }], { seconds: 9 });
    return { ...ended, opened };
  };
  const familyOf = (engine: Engine): unknown => Reflect.get(engine, 'family');

  test('all run in both families; what is wrong in one is told of that one', async () => {
    const found = await sheetOf([
      check('right', async () => 1e-6),
      check('wrong', async (engine) => (familyOf(engine) === 'direct' ? 1e-6 : 0.5)),
      check('no number', async () => NaN),
    ]);
    expect(found.ending).toBe('done');
    expect(found.rows).toEqual([
      ['right', '1.0e-6', '1.0e-6', '0.00100'],
      ['wrong', '1.0e-6', '5.0e-1', '0.00100'],
      ['no number', 'NaN', 'NaN', '0.00100'],
    ]);
    expect(found.findings).toEqual([
      'wrong (workgroup) is wrong: off by 5.0e-1, 0.00100 is allowed.',
      'no number (direct) is wrong: off by NaN, 0.00100 is allowed.',
      'no number (workgroup) is wrong: off by NaN, 0.00100 is allowed.',
    ]);
    expect(found.opened).toEqual(['direct', 'workgroup']);
  });

  test('one that throws is told, and the next has another engine', async () => {
    const found = await sheetOf([
      check('throws', async () => {
        throw new Error('the device was lost');
      }),
      check('right', async () => 0),
    ]);
    expect(found.rows[0]).toEqual(['throws', 'failed', 'failed', '0.00100']);
    expect(found.findings).toEqual([
      'throws (direct) failed: Error: the device was lost',
      'throws (workgroup) failed: Error: the device was lost',
    ]);
    expect(found.opened).toEqual(['direct', 'workgroup', 'direct', 'workgroup']);
  });
});

describe('the text', () => {
  const part: Ended = {
    ...{ name: 'rows', about: 'all rows', ending: 'out of time', seconds: 61 },
    ...{ head: ['case', 'ms'], rows: [['matmul', '2.50']], findings: ['a\n  b'], notes: ['a note'] },
    ...{ left: ['LSTM', 'TCN'], values: {} },
  };
  const whole = {
    ...{ program: 'seqgpu 0.1.0', date: '2026-11-29T10:00:00Z', adapter: 'a GPU', minutes: 9, seconds: 125 },
    machine: {
      node: 'v20',
      adapter: {
        features: ['a', 'b'],
        limits: { maxBufferSize: 5 },
        tuning: { path: '', refused: undefined },
      },
      adapters: [{ name: 'a GPU', software: false }, { name: null }],
      tried: [],
    },
  };

  test('says first what is wrong, then what there is', () => {
    expect(reportText({ ...whole, parts: [part] })).toMatchInlineSnapshot(`
      "# seqgpu on this machine

      a GPU; seqgpu 0.1.0; 2026-11-29; 2:05 min of 9 min.

      ## What is wrong

      - rows: a b

      ## The parts

      | part | ended       | time     | what it does |
      | ---- | ----------- | -------- | ------------ |
      | rows | out of time | 1:01 min | all rows     |

      ## The machine

      - node: v20
      - adapter.features: a, b
      - adapter.limits.maxBufferSize: 5
      - adapter.tuning.path: –
      - adapters.1.name: a GPU
      - adapters.1.software: false
      - adapters.2.name: –
      - tried: –

      ## rows

      | case   |   ms |
      | ------ | ---: |
      | matmul | 2.50 |

      - a note
      - No time was left for: LSTM, TCN.
      "
    `);
  });

  test('where nothing is wrong it says so', () => {
    expect(reportText({ ...whole, parts: [{ ...part, findings: [] }] })).toContain('Nothing was found.');
  });
});

describe('PyTorch', () => {
  const timed = async (python: string) => {
    const [ended] = await runParts([torchPart(new Map([['matmul 512', 2]]), python)], { seconds: 20 });
    return ended;
  };
  /** A python that says what it is told to. */
  const saying = (name: string, ...lines: string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!${process.execPath}\n${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const say = (told: object) => `console.log(${JSON.stringify(JSON.stringify(told))});`;
  const BEGUN = say({ torch: '2.0', device: 'a GPU' });

  test('its rows are rows of the bench', () => {
    const names = CASES.map(({ name }) => name);
    expect(TORCH_ROWS.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('where there is none, that is nothing wrong', async () => {
    const found = await timed(join(folder, 'no-python'));
    expect(found).toMatchObject({ ending: 'done', findings: [], left: [] });
    expect(found.notes[0]).toMatch(/^Not run: .*no-python does not run/);
    const without = await timed(saying('without', say({ missing: 'No module named torch' })));
    expect(without).toMatchObject({
      ending: 'done',
      findings: [],
      notes: [expect.stringContaining('has no torch')],
    });
  });

  test('its times stand beside ours; what it did not come to is named', async () => {
    const rows = ['matmul 512', 'matmul 1024'].map((name) => say({ name, ms: 5, min: 4, runs: 3 }));
    const found = await timed(saying('with', BEGUN, ...rows));
    expect(found.rows).toEqual([
      ['matmul 512', '5.00', '2.00', '2.50'],
      ['matmul 1024', '5.00', '–', '–'],
    ]);
    expect(found.left).toEqual([...TORCH_ROWS.slice(0, 3), 'matmul 2048']);
  });

  test('where it breaks, its last words are a finding', async () => {
    const found = await timed(
      saying('broken', BEGUN, "console.error('out of memory'); process.exitCode = 1;"),
    );
    expect(found.findings).toEqual([expect.stringMatching(/broken ended with 1: out of memory$/)]);
  });
});

describe('words', () => {
  test('what goes with --report, and what goes with nothing else', () => {
    expect(complaint('bench --report --minutes 1 --only rows --out a --json')).toBe('no complaint');
    expect(complaint('bench --report --quick')).toContain('--report and --quick exclude each other');
    expect(complaint('bench --minutes 5')).toContain('--minutes is about --report');
    expect(complaint('bench --data d')).toContain('--data is about --report');
    expect(complaint('bench --report --only corectness')).toMatch(/no part "corectness"[^]*correctness/);
    expect(complaint('bench --report --minutes 0')).toContain('at least 1');
  });

  test('a folder that has a report keeps it', async () => {
    const full = join(folder, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'report.md'), 'mine');
    const report = readCommand(['bench', '--report', '--only', 'ceilings', '--out', full]);
    await expect(report()).rejects.toThrow('has files that would be overwritten');
  });
});

test('a loss that is no number fails a model, however right the steps after it are', async () => {
  const [{ name, run }] = GOLDEN_CHECKS;
  const { losses, norms } = golden.models[name as keyof typeof golden.models];
  const errorOf = (first: number) => {
    let step = 0;
    const take = () => {
      const [loss, norm] = [step ? losses[step] : first, norms[step++]];
      return { loss: { item: async () => loss }, norm: { item: async () => norm } };
    };
    return run(Object.assign(Object.create(null), { write: () => {}, train: () => take }) as Engine);
  };
  expect(await errorOf(losses[0])).toBe(0);
  expect(await errorOf(NaN)).toBeNaN();
});
