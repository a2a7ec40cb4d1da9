// What a person asks of a search that runs or has run: its status, its log as a CSV file.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { csvOf } from '../../src/cli/search/status.node';
import type { Line } from '../../src/runs/trials';

const line = (trial: number, rung: number, valid: number | null, more: Partial<Line> = {}): Line => ({
  cell: `copy-lstm/trial-${trial}/rung-${rung}`,
  settings: { task: 'copy', learningRate: 0.01, betas: [0.9, 0.99] },
  result: { metric: 'loss', valid, test: valid, step: 9, curve: [] },
  ...{ seconds: 1.5, adapter: 'a "GPU", quick', host: 'box:7', version: '0.1.0', date: '2026-11-28' },
  ...more,
});
const LINES = [line(0, 0, 2), line(1, 0, null), line(0, 1, 1.5, { host: undefined, seconds: 60 })];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seqgpu-status-'));
  // The last line is just being written.
  writeFileSync(
    join(folder, 'results.jsonl'),
    `${LINES.map((one) => JSON.stringify(one)).join('\n')}\n{"cell"`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function said(words: string): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await readCommand(words.split(' '))();
    return log.mock.calls.map(([text]) => String(text)).join('\n');
  } finally {
    log.mockRestore();
  }
}

test('status: what is finished of each rung, the best, and where it was made', async () => {
  const { finished, rungs, where } = JSON.parse(await said(`search status ${folder} --json`));
  expect(finished).toBe(3);
  expect(rungs).toEqual([
    { rung: '0', finished: 2, diverged: 1, best: 2, seconds: 3 },
    { rung: '1', finished: 1, diverged: 0, best: 1.5, seconds: 60 },
  ]);
  expect(where.map((one: { finished: number }) => one.finished)).toEqual([2, 1]);
  expect(await said(`search status ${folder}`)).toMatch(/rung[^]*best on validation[^]*1\.5[^]*box:7/);
});

test('status: what the settings explain, once there are enough trials', async () => {
  const searched = join(folder, 'searched');
  mkdirSync(searched);
  const space = {
    learningRate: { kind: 'log factor', from: 0.25, to: 4 },
    dropout: { kind: 'uniform', from: 0, to: 1 },
  };
  writeFileSync(join(searched, 'settings.json'), JSON.stringify({ space, seed: 1 }));
  const lines = Array.from({ length: 16 }, (_, i) =>
    line(i, 0, i < 12 ? i : null, { settings: { learningRate: 2 ** i, dropout: (i * 7) % 16 } }),
  );
  writeFileSync(join(searched, 'results.jsonl'), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const { importance } = JSON.parse(await said(`search status ${searched} --json`));
  expect(importance[0]).toMatchObject({ setting: 'learningRate', explained: expect.closeTo(0.9, 1) });
  expect(importance[1].explained).toBeLessThan(importance[1].chance);
  expect(await said(`search status ${searched}`)).toMatch(/setting[^]*explains[^]*by chance[^]*learningRate/);
});

test('export: a line for every trial, a column for every setting, quoted as RFC 4180 has it', async () => {
  const [head, first, second] = csvOf(LINES).split('\r\n');
  expect(head).toBe(
    'cell,trial,rung,task,learningRate,betas,step,metric,valid,test,seconds,adapter,host,version,date',
  );
  expect(first).toBe(
    'copy-lstm/trial-0/rung-0,0,0,copy,0.01,"[0.9,0.99]",9,loss,2,2,1.5,"a ""GPU"", quick",box:7,0.1.0,2026-11-28',
  );
  expect(second).toContain(',loss,,,');
  expect(csvOf([line(0, 0, -1, { host: '=1+1' })])).toContain(',-1,-1,1.5,"a ""GPU"", quick",\'=1+1,');
  expect(await said(`search export ${folder}`)).toContain('3 lines');
  expect(readFileSync(join(folder, 'log.csv'), 'utf8')).toBe(csvOf(LINES));
  writeFileSync(join(folder, 'mine.csv'), 'my own');
  await expect(said(`search export ${folder} --out ${join(folder, 'mine.csv')}`)).rejects.toThrow(
    'overwritten',
  );
});

test('words', async () => {
  await expect(said('search status')).rejects.toThrow('The folder is missing');
  await expect(said(`search status ${join(folder, 'none')}`)).rejects.toThrow('there are no results');
  await expect(said('search pause')).rejects.toThrow('--queue is missing');
  await expect(said('search status a b')).rejects.toThrow('is too much');
});
