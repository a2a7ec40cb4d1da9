// The log of trials and what follows from it: asynchronous successive halving, trials that are added to a search, and
// the seam by which trials are asked for and told.

import { describe, expect, test } from 'vitest';
import { grownFrom, makeSearch } from '../../src/cli/search/search.node';
import { Random } from '../../src/random';
import type { AnyStudy } from '../../src/runs/study';
import type { Trained } from '../../src/runs/training';
import { TrialLog, type Line } from '../../src/runs/trials';
import { ashaShares } from '../../src/search/asha';
import type { Search, Tried } from '../../src/search/search';
import { lastOf, searchCells, searchSize, sharesOf, winner } from '../../src/search/searchCells';
import { searchStudy } from '../../src/search/searchStudy';
import { complaint } from '../harness/complaint';

const SETUP = { budget: 'small', seed: 5 } as const;
const asha = (trials: number): Search =>
  makeSearch('copy', 'lstm', { trials, steps: 640, scheduler: 'asha', gracePeriod: 10 }, SETUP);
const trained = (valid: number | null): Trained => ({
  ...{ metric: 'loss', valid, test: valid, parameters: 1, step: 1, curve: [] },
  ...(valid === null ? { diverged: 'the loss is NaN' } : {}),
});

type Play = { readonly ran: readonly Tried[]; readonly results: Map<string, Trained> };

/** Runs a search on so many workers, whose trials take as long as a stream says; gives the order of their ends. */
function play(
  search: Search,
  valueOf: (cell: Tried) => number | null,
  workers = 1,
  results = new Map<string, Trained>(),
): Play {
  const random = new Random(search.trials).fork('durations');
  const running: { readonly cell: Tried; readonly end: number }[] = [];
  const ran: Tried[] = [];
  for (let now = 0; ;) {
    const begun = new Set(running.map(({ cell }) => cell.id));
    const free = searchCells(search, results).filter(({ id }) => !results.has(id) && !begun.has(id));
    for (const cell of free.slice(0, workers - running.length)) {
      running.push({ cell, end: now + 0.5 + random.uniform() });
    }
    if (!running.length) return { ran, results };
    running.sort((a, b) => a.end - b.end);
    const { cell, end } = running.shift()!;
    now = end;
    ran.push(cell);
    results.set(cell.id, trained(valueOf(cell)));
  }
}

describe('asynchronous successive halving', () => {
  test('the rungs: the grace period, and η times as long up to the full length', () => {
    const lengths = (more: object) =>
      ashaShares(makeSearch('copy', 'lstm', { steps: 640, scheduler: 'asha', ...more }, SETUP)).map(
        (x) => 640 * x,
      );
    expect(lengths({ gracePeriod: 10 })).toEqual([10, 40, 160, 640]);
    expect(lengths({ gracePeriod: 100, eta: 3 })).toEqual([100, 300, 640]);
    expect(lengths({ gracePeriod: 640 })).toEqual([640]);
  });

  test('whatever the order of their ends: no trial is lost, none runs twice in a rung, the best come furthest', () => {
    for (const workers of [1, 4, 64]) {
      const search = asha(64);
      const { ran, results } = play(search, ({ number }) => (number === 40 ? null : 100 - number), workers);
      expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
      expect(ran.filter(({ rung }) => rung === 0)).toHaveLength(64);
      const inRung = (rung: number) => ran.filter((cell) => cell.rung === rung).map(({ number }) => number);
      // One in four at the least; more where early ones were overtaken.
      expect(inRung(1).length).toBeGreaterThanOrEqual(16);
      expect(inRung(1)).toEqual(expect.arrayContaining([...Array(15).keys()].map((i) => 63 - i)));
      expect(inRung(1)).not.toContain(40);
      expect(winner(search, results)?.number).toBe(63);
      expect(ran.filter(({ rung }) => rung === 3).map(({ settings }) => settings.steps)).toContain(640);
    }
  });

  test('a coordinator that was killed replays the log: after any part of it the same cells are known', () => {
    const search = asha(32);
    const value = ({ number, rung }: Tried) => Math.sin(7 * number) + rung / 10;
    const { ran, results } = play(search, value, 5);
    for (let known = 0; known <= ran.length; known += 7) {
      const part = new Map([...results].slice(0, known));
      const before = searchCells(search, part);
      expect(before).toEqual(searchCells(search, new Map(JSON.parse(JSON.stringify([...part])))));
      // What has once gone on, goes on.
      const after = new Set(searchCells(search, results).map(({ id }) => id));
      expect(before.every(({ id }) => after.has(id))).toBe(true);
    }
  });

  test('of several that wait, those of the highest rung come first', () => {
    const results = new Map(
      ['0', '1', '2', '3'].map((n) => [`copy-lstm/trial-${n}/rung-0`, trained(Number(n))]),
    );
    expect(searchCells(asha(8), results)[0].id).toBe('copy-lstm/trial-0/rung-1');
  });

  test('the findings say how it was searched, and how long a search is nobody knows', () => {
    const search = asha(8);
    expect(searchSize(search)).toBeUndefined();
    const { results } = play(search, ({ number }) => number);
    const { notes, best } = searchStudy(search).findings(SETUP, results);
    expect(notes[0]).toContain('10, 40, 160, 640 steps; the best 1 in 4 of what is finished');
    expect(best).toMatchObject({ settings: { steps: 40 }, validMetric: 0 });
  });

  test('words', () => {
    const base = 'search copy --model lstm --steps 90';
    expect(complaint(`${base} --scheduler asha`)).toMatch(
      /needs --grace-period[^]*a trial needs[^]*up to 90/,
    );
    expect(complaint(`${base} --scheduler asha --grace-period 91`)).toContain('a trial has 90 at most');
    expect(complaint(`${base} --scheduler asha --grace-period 9 --eta 1`)).toContain('every trial go on');
    expect(complaint(`${base} --eta 3`)).toContain('--eta is for --scheduler asha');
    expect(complaint(`${base} --scheduler asha --grace-period 9`)).toBe('no complaint');
  });
});

describe('trials that are added to a search', () => {
  const search = makeSearch('copy', 'lstm', { trials: 9, steps: 90 }, SETUP);

  test('are a bracket of their own, as long as the first; what was finished stays', () => {
    const first = play(search, ({ number }) => 10 - number);
    const { search: more, grown } = grownFrom(search, { trials: 9 }, 15);
    expect({ trials: more.trials, brackets: more.brackets, grown }).toEqual({
      trials: 15,
      brackets: [9, 6],
      grown: ['trials', 'brackets'],
    });
    const { ran, results } = play(more, ({ number }) => 10 - number, 1, new Map(first.results));
    expect(ran.map(({ number, rung }) => `${number}:${rung}`)).toEqual(
      '9:0 10:0 11:0 12:0 13:0 14:0 14:1 13:1 14:2'.split(' '),
    );
    expect(ran.at(-1)!.settings.steps).toBe(90);
    expect(searchSize(more)).toBe(results.size);
    expect(winner(more, results)?.number).toBe(14);
    expect(lastOf(more, results)).toHaveLength(15);
    expect(sharesOf(more)).toEqual(sharesOf(search));
  });

  test('the same command again adds nothing; without a number it takes what is there', () => {
    const grown = { trials: 15, brackets: [9, 6] };
    expect(grownFrom(search, grown, 15)).toEqual({ search: { ...search, ...grown }, grown: [] });
    expect(grownFrom(search, grown)).toEqual({ search: { ...search, ...grown }, grown: [] });
    expect(grownFrom(search, grown, 16).search.brackets).toEqual([9, 6, 1]);
    expect(grownFrom(search, undefined, 9)).toEqual({ search, grown: [] });
  });
});

describe('the log', () => {
  const study = {
    ...{ name: 'chain', title: '', claim: '', source: '' },
    cells: (_: unknown, results: ReadonlyMap<string, unknown>) =>
      Array.from({ length: Math.min(3, results.size + 1) }, (__, i) => ({ id: `c${i}`, settings: { i } })),
  } as Partial<AnyStudy> as AnyStudy;
  const line = (cell: string, i: number): Line => ({
    cell,
    settings: { i },
    result: i,
    seconds: 1,
    adapter: 'a',
  });

  test('takes a result once, and knows more cells when it is asked to look', () => {
    const log = new TrialLog(study, SETUP, []);
    expect(log.open().map(({ id }) => id)).toEqual(['c0']);
    expect(log.add(line('c0', 0))).toBe(true);
    expect(log.add({ ...line('c0', 0), result: 'another' })).toBe(false);
    expect(log.results.get('c0')).toBe(0);
    log.look();
    expect(log.open().map(({ id }) => id)).toEqual(['c1']);
  });

  test('refuses a cell that was run with other settings', () => {
    const complaint = /the cell c0 was run with other settings[^]*7[^]*0/;
    expect(() => new TrialLog(study, SETUP, [line('c0', 7)])).toThrow(complaint);
    // Also where it comes before anybody knew that there is one.
    const log = new TrialLog(study, SETUP, []);
    log.add(line('c1', 7));
    expect(() => log.look()).toThrow(/the cell c1[^]*7[^]*1/);
  });

  test('holds of a result what the study needs of it, and asks for lines one by one', () => {
    const brief = (result: unknown) => (result as { valid: number }).valid;
    let read = 0;
    const lines = (function* () {
      for (const i of [0, 1]) {
        read++;
        yield { ...line(`c${i}`, i), result: { valid: i + 0.5, curve: Array<number>(100).fill(i) } };
        expect(read).toBe(i + 1);
      }
    })();
    const log = new TrialLog({ ...study, brief }, SETUP, lines);
    expect([...log.results]).toEqual([
      ['c0', 0.5],
      ['c1', 1.5],
    ]);
    expect(log.open().map(({ id }) => id)).toEqual(['c2']);
    expect(log.count).toBe(3);
  });
});
