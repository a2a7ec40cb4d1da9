// Where a study's cells are run: the data of a task is read where it is said to be, and is what it was.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Machine, checksums } from '../../src/runs/machine.node';
import type { Precision } from '../../src/spec/training';
import type { Engine } from '../../src/gpu/engine';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-machine-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rows = Array.from({ length: 60 }, (_, t) => `${Math.sin(t).toFixed(3)},${t % 2 ? 'on' : 'off'}`);
const file = join(folder, 'a.csv');
writeFileSync(file, ['height,kind', ...rows].join('\n'));
const place = { from: [file] };
const open = () => Promise.reject<Engine>(new Error('there is no adapter'));
const choice = { task: 'series', batch: 2, length: 4 };

test('a user’s own files are data of a study', async () => {
  const task = await new Machine({ place, open }).context().task(choice);
  expect([...task.batches('valid')].length).toBeGreaterThan(0);
  const sums = await checksums(['series', 'copy'], place);
  expect(Object.keys(sums)).toEqual(['series']);
  await new Machine({ place, open, sums }).context().task(choice);
  // They are read as the settings say, before any cell does.
  const wrong = checksums(['series'], place, undefined, { columns: ['depth'] });
  await expect(wrong).rejects.toThrow(/depth/);
});

test('other data than were asked for are refused, as is data that is nowhere', async () => {
  const other = new Machine({ place, open, sums: { series: 'another' } }).context();
  await expect(other.task(choice)).rejects.toThrow(
    /data of series here are not those that were asked for[^]*another asked for[^]*same files by --from/,
  );
  await expect(new Machine({ place: {}, open }).context().task(choice)).rejects.toThrow(
    /^series needs CSV files of your own/,
  );
});

test('a training that is stored in f16 gets an engine of its own, and what is kept of it says so', async () => {
  const log: string[] = [];
  const make = async (precision: Precision) => {
    log.push(`open ${precision}`);
    const destroy = () => void log.push(`destroy ${precision}`);
    return { name: 'GPU', idle: async () => {}, destroy, stats: { bytes: 0 } } as Partial<Engine> as Engine;
  };
  const machine = new Machine({ place: {}, open: make });
  const { engine } = machine.context();
  await engine('f16');
  expect(machine.name).toBe('GPU, stored in f16');
  expect(await engine('f16')).toBe(await engine('f16'));
  await engine();
  expect(machine.name).toBe('GPU');
  await engine('f32');
  await machine.close();
  expect(log).toEqual(['open f16', 'destroy f16', 'open f32', 'destroy f32']);
});
