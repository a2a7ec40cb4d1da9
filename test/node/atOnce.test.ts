// Cells of a study that run beside each other on this machine, each in a process of its own.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkAtOnce, placesOf } from '../../src/cli/study/runAtOnce.node';
import { runLocally, type Local, type LocalState } from '../../src/queue/local.node';
import type { AnyStudy, Cell, Setup } from '../../src/runs/study';
import { TrialLog, type Line } from '../../src/runs/trials';

const SETUP: Setup = { budget: 'small', seed: 1 };
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'seqgpu-at-once-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Does {
  readonly ms?: number;
  readonly fails?: string;
  readonly dies?: number;
  /** Ends when this one has begun. */
  readonly until?: string;
  readonly after?: string;
}
type Cells = readonly Cell<Does>[];

const cell = (id: string, settings: Does = { ms: 150 }): Cell<Does> => ({ id, settings });

/** Runs cells two at once; a cell is there when the one that it is after is finished. */
function running(cells: Cells, lines: Line[] = [], more: Partial<Local> = {}) {
  const study: Pick<AnyStudy, 'name' | 'cells'> = {
    name: 'stub',
    cells: (_, results) => cells.filter(({ settings: { after } }) => !after || results.has(after)),
  };
  return runLocally({
    log: new TrialLog(study as AnyStudy, SETUP, lines),
    about: { title: 'stub', study: 'stub', sums: {}, version: 'test' },
    places: placesOf(2, {}, 4),
    checkpoints: join(folder, 'cells'),
    child: { module: 'test/harness/localChild.mjs', words: [join(folder, 'log')] },
    patience: 60,
    signal: new AbortController().signal,
    keep: (line) => void lines.push(line),
    ...more,
  });
}

const said = (): string[][] =>
  readFileSync(join(folder, 'log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));

test('two at once and no more, each with its share of the cores, all of them once', async () => {
  const lines: Line[] = [];
  const states: LocalState[] = [];
  const ids = ['a', 'b', 'c', 'd', 'e'];
  await running(
    ids.map((id) => cell(id)),
    lines,
    { onState: ({ shares, ...rest }) => void states.push({ ...rest, shares: new Map(shares) }) },
  );
  expect(lines.map((line) => line.cell).sort()).toEqual(ids);
  let [now, most] = [0, 0];
  for (const [what] of said()) {
    now += what === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  expect([now, most]).toEqual([0, 2]);
  const begun = said().filter(([what]) => what === 'begin');
  expect(new Set(begun.map(([, , gpu]) => gpu))).toEqual(new Set(['0', '1']));
  expect(begun.every(([, , , threads]) => threads === '2')).toBe(true);
  expect(states.at(-1)).toEqual({ done: 5, all: 5, shares: new Map() });
  expect(states.some(({ shares }) => [...shares.values()].includes(0.5))).toBe(true);
});

test('a cell gets what the cells came to that its settings name, when those are finished', async () => {
  const lines: Line[] = [];
  await running([cell('late', { ms: 0, after: 'first' }), cell('first'), cell('other')], lines);
  const late = lines.find((line) => line.cell === 'late')!;
  expect(late.result).toEqual({ of: 'late', from: [['first', { of: 'first', from: [] }]] });
});

test('those that failed are named when all others are finished; only they are run again', async () => {
  const lines: Line[] = [];
  const bad = [cell('throws', { fails: 'no such file' }), cell('falls', { dies: 3 })];
  const all = [...bad, cell('a'), cell('b')];
  await expect(running(all, lines)).rejects.toThrow(
    /2 trials failed; all others are finished.*throws: no such file.*falls: its process ended with code 3/s,
  );
  expect(lines.map((line) => line.cell).sort()).toEqual(['a', 'b']);
  await expect(running(all, lines)).rejects.toThrow('2 trials failed');
  expect(said().filter(([, id]) => id === 'a')).toHaveLength(2);
  const failed = (why: string) => ({ why });
  await running(all, lines, { failed });
  const results = new Map(lines.map((line) => [line.cell, line.result]));
  expect(results.get('throws')).toEqual({ why: 'no such file' });
});

test('asked to end, it ends its processes, keeps what is finished, and goes on where they were', async () => {
  const lines: Line[] = [];
  const stop = new AbortController();
  const all = [cell('quick', { ms: 0 }), cell('slow', { ms: 1500 }), cell('slower', { ms: 1500 })];
  const ended = running(all, lines, {
    signal: stop.signal,
    onState: ({ done, shares }) => {
      if (done === 1 && [...shares.values()].every((share) => share === 0.5)) stop.abort(new Error('asked'));
    },
  });
  await expect(ended).rejects.toThrow('asked');
  expect(lines.map((line) => line.cell)).toEqual(['quick']);
  await running(all, lines);
  expect(lines.map((line) => line.cell).sort()).toEqual(['quick', 'slow', 'slower']);
  const again = said().filter(([what, id]) => what === 'begin' && id.startsWith('slow'));
  expect(again.map(([, , , , kept]) => kept)).toEqual(['false', 'false', 'true', 'true']);
});

test('what cannot be kept ends it, when its processes have ended', async () => {
  const full = () => {
    throw new Error('no space left');
  };
  const all = [cell('a', { until: 'b' }), cell('b', { ms: 60_000 })];
  await expect(running(all, [], { keep: full })).rejects.toThrow('no space left');
  const kept = readdirSync(folder, { recursive: true }).map(String);
  expect(kept).toContainEqual(expect.stringMatching(/kept$/));
  const begun = said().filter(([what]) => what === 'begin');
  for (const [, , , , , process] of begun) expect(() => kill(Number(process), 0)).toThrow('ESRCH');
});

test('cores are shared out, unless somebody has said how; it does not go with a queue', () => {
  const threads = (atOnce: number, env: NodeJS.ProcessEnv, cores: number) =>
    placesOf(atOnce, env, cores).map((place) => place.LP_NUM_THREADS);
  expect(threads(2, {}, 16)).toEqual(['8', '8']);
  expect(threads(3, {}, 2)).toEqual(['1', '1', '1']);
  expect(threads(2, { LP_NUM_THREADS: '4' }, 2)).toEqual(['4', '4']);
  expect(() => checkAtOnce(2, 'redis://host')).toThrow('--at-once is for this machine, --queue for workers.');
  expect(() => checkAtOnce(2, undefined)).not.toThrow();
});
