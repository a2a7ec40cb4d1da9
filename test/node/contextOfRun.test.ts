// `seqgpu study context --run`: which words it takes, and the study that it makes of a folder, before anything is
// computed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { jobOfRun } from '../../src/cli/study/contextOfRun.node';
import { bytesAsSource } from '../../src/data/byteSource';
import { RunFolder } from '../../src/runs/runFolder.node';
import { makeSettings } from '../../src/runs/settings';
import { TABLES, taskCalled } from '../../src/runs/tables';

const folder = mkdtempSync(join(tmpdir(), 'context-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const nothing = { tensors: new Map(), metadata: {} };

test('the words that go together', () => {
  const said = (line: string) => {
    try {
      readCommand(line.split(' '), TABLES);
      return 'taken';
    } catch (error) {
      return (error as Error).message.split('\n')[0];
    }
  };
  expect(said('study context --run r --from a.txt')).toBe('taken');
  expect(said('study context --run r --run s')).toBe('taken');
  expect(said('study shootout --run r')).toBe('study: --run does not go with shootout.');
  expect(said('study context --run r --budget small')).toBe('study: --run does not go with --budget.');
  expect(said('study context --from a.txt')).toBe('study: --from goes with --run.');
});

test('the study of a run of one’s own text, and of other text in its vocabulary', async () => {
  const { read, keep } = taskCalled('text', TABLES).data!;
  const text = 'the cat sat on the mat. '.repeat(40);
  writeFileSync(at('a.txt'), text);
  writeFileSync(at('b.txt'), 'a cat. '.repeat(60));
  const content = await read([bytesAsSource('a.txt', new TextEncoder().encode(text))], {});
  const run = new RunFolder(at('run'));
  run.keep(keep!(content));
  const settings = makeSettings('text', 'gru', { hidden: 4 }, { tokens: 900, sha256: 'x' });
  run.save(settings, nothing, nothing);
  const job = (from: string) => jobOfRun({ run: [at('run')], from: [at(from)] }, TABLES);
  const { study, of, command } = await job('a.txt');
  expect(study.cells({ budget: 'small', seed: 1 }, new Map())).toEqual([
    { id: 'run', settings: { run: settings, places: 256 } },
  ]);
  expect(of).toMatchObject({ study: 'context', run: { task: 'text', model: 'gru' } });
  expect(command).toMatch(/^npx seqgpu study context --run \S+run --from \S+a\.txt$/);
  expect((await job('b.txt')).of.sha256).not.toBe(of.sha256);
  writeFileSync(at('c.txt'), 'a dog. '.repeat(60));
  await expect(job('c.txt')).rejects.toThrow('not among the');
  await expect(jobOfRun({ run: [at('nothing')] }, TABLES)).rejects.toThrow('there is no checkpoint in');
});

describe('runs whose decoders were trained on their last tokens', () => {
  /** A run on dates that was saved, by its folder. */
  function saved(name: string, given: Record<string, number | boolean>, model = 'seq2seq') {
    const settings = makeSettings('dates', model, { hidden: 4, ...given } as never);
    new RunFolder(at(name)).save(settings, nothing, nothing);
    return at(name);
  }
  const [all, one, two] = [
    saved('all', {}),
    saved('one', { truncate: 1 }),
    saved('two', { truncate: 2, hidden: 6 }),
  ];

  test('are cells of their own behind the first', async () => {
    const { study, of, command } = await jobOfRun({ run: [all, two, one] }, TABLES);
    const cells = study.cells({ budget: 'small', seed: 1 }, new Map());
    expect(cells.map(({ id }) => id)).toEqual(['run', 'trained/k-2', 'trained/k-1']);
    expect(cells.map(({ settings }) => settings)).toMatchObject([
      { run: { hidden: 4 } },
      { run: { truncate: 2, hidden: 6 } },
      { run: { truncate: 1 } },
    ]);
    expect(of).toMatchObject({ run: { task: 'dates' }, cut: [{ truncate: 2 }, { truncate: 1 }] });
    expect(command).toMatch(/^npx seqgpu study context --run \S+all --run \S+two --run \S+one$/);
  });

  test('are refused where they are no curve', async () => {
    const said = (...run: string[]) => jobOfRun({ run }, TABLES).then(() => 'taken', String);
    expect(await said(one, two)).toContain(`the run in ${one} sees the last 1 tokens of a target`);
    expect(await said(all, all)).toContain(`the run in ${all} sees all of a target`);
    expect(await said(all, one, two, one)).toContain(`the run in ${one} sees the last 1 tokens, as another`);
    const other = saved('other', { truncate: 1 }, 'attention-lstm');
    expect(await said(all, other)).toContain(`the runs in ${all} and ${other} are not of one model`);
    expect(await said(all, other)).toContain('seq2seq and attention-lstm');
    expect(await said(all, at('nothing'))).toContain(`there is no checkpoint in ${at('nothing')}`);
  });
});
