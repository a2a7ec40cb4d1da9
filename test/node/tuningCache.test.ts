// The tables of measured kernels in the user's cache: which is taken, and what is said of one that is not.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cachedTable, readTable, writeCached, type StoredTable } from '../../src/gpu/device/tuningCache.node';
import { Outputs } from '../../src/files/outputs.node';
import type { Engine } from '../../src/gpu/engine';
import { Tuning } from '../../src/graph/tuning';
import { LEAST } from '../../src/graph/traits';
import { tuningText } from '../../src/cli/engine/tuned.node';
import { TuningFile } from '../../src/runs/tuningFile.node';

const { XDG_CACHE_HOME: before } = process.env;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tuning-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

const here = {
  adapter: 'Maker chip — Device (9)',
  driver: 'lib 1, 7 bytes',
  seqgpu: '0.1.0',
  icd: '/some/icd.json',
};
const kernels = { 'matmul kernel-1 64·64 64·64': 'matmul TM=4 TN=4' };
const { icd: _icd, ...measuredOn } = here;
const stored: StoredTable = { ...measuredOn, date: '2026-11-29', kernels };
const fresh = (name: string) => (process.env.XDG_CACHE_HOME = join(folder, name));

test('what was written for an adapter is taken for it, and for no other', () => {
  fresh('one');
  expect(cachedTable(here).table).toBeUndefined();
  const path = writeCached(here, stored);
  expect(path.startsWith(join(folder, 'one', 'seqgpu', 'tuning', 'maker-chip-device-9-'))).toBe(true);
  expect(cachedTable(here)).toEqual({ path, table: stored });
  for (const other of [{ adapter: 'Maker chip — Device (8)' }, { icd: '/other/icd.json' }]) {
    expect(cachedTable({ ...here, ...other })).toEqual({ path: expect.not.stringMatching(path) });
  }
});

test('one of another driver or another version is not taken, and why is said', () => {
  fresh('stale');
  writeCached(here, stored);
  const refused = (now: Partial<typeof here>) => cachedTable({ ...here, ...now });
  expect(refused({ seqgpu: '0.2.0' }).refused).toBe('it was measured with version 0.1.0, this is 0.2.0');
  expect(refused({ driver: 'lib 2' }).refused).toMatch(
    /the driver or the processor has changed.*lib 1, 7 bytes/,
  );
  expect(refused({ driver: 'lib 2' }).table).toBeUndefined();
});

test.each([
  ['cut', (text: string) => text.slice(0, 40), /cannot be read/],
  ['empty', () => '', /cannot be read/],
  ['a list', () => '[1, 2]', /holds something else/],
  ['null', () => 'null', /holds something else/],
  ['without kernels', (text: string) => text.replace('kernels', 'colonels'), /holds something else/],
  [
    'a way that is no text',
    (text: string) => text.replace('"matmul TM=4 TN=4"', '[4, 4]'),
    /holds something else/,
  ],
])('a damaged one is not taken, and why is said: %s', (name, damage, message) => {
  fresh(name);
  const path = writeCached(here, stored);
  writeFileSync(path, damage(readFileSync(path, 'utf8')));
  const found = cachedTable(here);
  expect(found.table).toBeUndefined();
  expect(found.refused).toMatch(message);
  expect(() => readTable(path, '--tuning')).toThrow(/^--tuning: [^]*fix: name a file that is not there yet/);
  // Measured anew, it is whole again.
  writeCached(here, stored);
  expect(cachedTable(here).table).toEqual(stored);
});

test('a run keeps what the cache had when it began, and goes on with that; on another adapter without', () => {
  const [run, kept] = [join(folder, 'run'), join(folder, 'run', 'tuning.json')];
  writeCached({ ...here, icd: run }, stored);
  const engine = (name = here.adapter, own = kernels): Pick<Engine, 'name' | 'tuning' | 'traits'> => {
    return { name, tuning: own, traits: { ...LEAST, tuning: new Tuning(own) } };
  };
  const begun = (resumed: boolean, path?: string) =>
    TuningFile.ofRun(path, kept, resumed, new Outputs('train'));
  // Without kernels there is nothing to keep, and a run that was begun without goes on without.
  const plain = begun(false);
  plain.check({ ...engine(), tuning: {} });
  rmSync(dirname(kept), { recursive: true, force: true });
  plain.keep();
  expect(begun(true).read()?.toJSON()).toEqual({});
  expect(begun(false, 'none').read()?.toJSON()).toEqual({});

  const first = begun(false);
  expect([first.read(), first.missing]).toEqual([undefined, false]);
  first.check(engine());
  first.keep();
  const second = begun(true);
  expect(second.read()?.toJSON()).toEqual(kernels);
  const [same, other] = [engine(), engine('another')];
  second.check(same);
  second.check(other);
  expect([same, other].map(({ traits }) => traits.tuning?.toJSON())).toEqual([kernels, undefined]);
  expect(() => begun(true, 'none')).toThrow(/the run was begun with kernels that were measured/);
});

test('why a table is not taken is said in one sentence, with its place once', () => {
  const said = (refused: string) => tuningText({ path: '/a/table.json', refused });
  expect(said('tuning: /a/table.json cannot be read: it is cut off.')).toMatch(
    /^not taken, since tuning: \/a\/table\.json cannot be read: it is cut off; npx seqgpu tune measures/,
  );
  expect(said('it was measured on another adapter')).toContain('another adapter (/a/table.json); npx');
});
