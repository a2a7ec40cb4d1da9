// The file of measured kernels, and the copy that a run keeps: none is left by a run that saves nothing.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Outputs } from '../../src/files/outputs.node';
import type { Engine } from '../../src/gpu/engine';
import { TuningFile } from '../../src/runs/tuningFile.node';

const folder = mkdtempSync(join(tmpdir(), 'tuning-'));
afterAll(() => rmSync(folder, { recursive: true }));

const engine: Pick<Engine, 'name' | 'tuning'> = { name: 'an adapter', tuning: { matmul: 'TM=8' } };
const [path, kept] = [join(folder, 'kernels.json'), join(folder, 'tuning.json')];
const begun = (resumed = false) => TuningFile.ofRun(path, kept, resumed, new Outputs('train'));

test('a run keeps its kernels when it has something to keep, measured or read', () => {
  const first = begun();
  expect(first.read()).toBeUndefined();
  expect(first.missing).toBe(true);
  first.write(engine);
  expect(first.missing).toBe(false);
  const text = readFileSync(path, 'utf8');
  expect(JSON.parse(text)).toEqual({ adapter: 'an adapter', kernels: { matmul: 'TM=8' } });

  // The second reads what the first has measured, and ends before it saves anything.
  const second = begun();
  expect(second.read()).toBeDefined();
  second.check(engine);
  second.write(engine);
  expect(existsSync(kept)).toBe(false);
  expect(() => begun(true)).toThrow('the run was begun without it');

  second.keep();
  expect(readFileSync(kept, 'utf8')).toBe(text);
  expect(begun(true).read()).toBeDefined();
});
