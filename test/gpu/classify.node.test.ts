// `seqgpu classify` from the folder of a run that was hardly trained: lines, several classes, files, and what is refused.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readClassifyCommand } from '../../src/cli/classify/classify.node';
import { readGenerateCommand } from '../../src/cli/generate/generate.node';
import { nn } from '../../src/index';
import { makeTask } from '../../src/runs/outcome';
import { makeSettings, type Given } from '../../src/runs/settings';
import { RunFolder } from '../../src/runs/runFolder.node';
import { classification } from '../../src/tasks/classification/index';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { fileOf } from '../fixtures/ownFiles';
import { openTestEngine } from '../harness/engine';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-classify-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const lines: string[] = [];
const told: string[] = [];
beforeEach(() => {
  lines.length = 0;
  told.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void told.push(line));
});

const TEXTS = `text,class\n${'sun and sun,good\nrain,bad\nwind blows,so-so\n'.repeat(10)}`;
const SERIES = `class,a,b,c\n${'up,1,2,3\ndown,3,2,1\n'.repeat(10)}`;
const STEPS = `id,class,x\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? 'u' : 'v'},${i}\n${i},${i % 2 ? 'u' : 'v'},1\n`).join('')}`;

beforeAll(async () => {
  const engine = await openTestEngine();
  const { read, facts, keep } = classification.data!;
  for (const [name, table, given] of [
    ['texts', TEXTS, {}],
    ['series', SERIES, {}],
    ['steps', STEPS, { sequenceColumn: 'id' }],
  ] as const) {
    nn.seed(1);
    const content = await read([fileOf('a.csv', table)], given);
    const small = { hidden: 8, levels: 1, steps: 5, ...given } as Given;
    const settings = makeSettings('classification', 'lstm', small, {
      ...facts(content),
      sha256: 'x',
    } as never);
    const { model } = makeTask(settings, content).program(settings);
    const stored = await saveCheckpoint(engine, { model, progress: { step: 1 } });
    const run = new RunFolder(at(name));
    run.save(settings, stored, stored);
    run.keep(keep!(content));
  }
  const copy = makeSettings('copy', 'tcn', { hidden: 4, levels: 2, steps: 5, length: 20 });
  const { model } = makeTask(copy, undefined).program(copy);
  const stored = await saveCheckpoint(engine, { model, progress: { step: 1 } });
  new RunFolder(at('copy')).save(copy, stored, stored);
  engine.destroy();
  writeFileSync(at('new.csv'), 'a,b,c\n1,2,3\n4,5,6\n');
  mkdirSync(at('empty'));
});

const run = (...words: string[]) => readClassifyCommand(words)();
const refusal = (...words: string[]) =>
  Promise.resolve()
    .then(() => run(...words))
    .then(
      () => 'it was classified',
      ({ message }: Error) => message,
    );

test('a line for every text: classes with their probabilities, and the text', async () => {
  expect(await run(at('texts'), 'sun  and\tsun', 'rain', '--top', '2', '--json')).toBe(0);
  const { sequences } = JSON.parse(lines.at(-1)!);
  expect(lines.slice(0, -1)).toEqual(
    sequences.map(
      ({ sequence, classes }: { sequence: string; classes: { class: string; probability: number }[] }) =>
        [...classes.map((one) => `${one.class}\t${one.probability.toFixed(4)}`), sequence].join('\t'),
    ),
  );
  expect(sequences.map(({ sequence }: { sequence: string }) => sequence)).toEqual(['sun and sun', 'rain']);
  for (const { classes } of sequences) {
    expect(classes).toHaveLength(2);
    expect(classes[0].probability).toBeGreaterThanOrEqual(classes[1].probability);
  }
  expect(told.join('\n')).toMatch(/adapter: .+\n.+ sequences\/s, 2 in (0\.\d|\d+) s$/m);
});

test('files, with or without classes, and a CSV file of what is said', async () => {
  const words = [at('series'), '--from', at('new.csv'), '--out', at('said.csv')];
  expect(await run(...words)).toBe(0);
  expect(lines.map((line) => line.split('\t')[2])).toEqual(['line 2 of new.csv', 'line 3 of new.csv']);
  const rows = readFileSync(at('said.csv'), 'utf8').split('\n');
  expect(rows[0]).toBe('sequence,class,probability');
  expect(rows[1]).toMatch(/^line 2 of new\.csv,(up|down),0\.\d+$/);
  expect(rows).toHaveLength(4);
  expect(await refusal(...words)).toMatch(/said\.csv is there already[^]*--overwrite/);
  lines.length = 0;
  writeFileSync(at('steps.csv'), 'id,x\n7,1\n7,2\n9,3\n');
  expect(await run(at('steps'), '--from', at('steps.csv'))).toBe(0);
  expect(lines.map((line) => line.split('\t')[2])).toEqual(['id 7 of steps.csv', 'id 9 of steps.csv']);
});

test('what is longer than all that was seen is cut, and that is said', async () => {
  expect(await run(at('texts'), 'sun '.repeat(30))).toBe(0);
  expect(told).toContain('note: 1 is longer than the 4 steps of the longest seen: its first are read.');
});

test('what cannot be classified is refused', async () => {
  expect(await refusal()).toContain('classify: the folder is missing');
  expect(await refusal(at('texts'), ' ')).toContain('classify: there is nothing to classify');
  expect(await refusal(at('texts'), 'a', '--from', at('new.csv'))).toContain('texts and --from are given');
  expect(await refusal(at('texts'), 'a', '--encoding', 'utf-8')).toContain('--encoding is of standard input');
  expect(await refusal(at('series'), 'a text')).toMatch(
    /was trained on numbers, and not on texts\.[^]*--from PATH/,
  );
  expect(await refusal(at('texts'), '--from', at('new.csv'))).toContain(
    'what is given has numbers, and the model was trained on text',
  );
  expect(await refusal(at('copy'), 'a')).toMatch(
    /holds a run of copy, which says no classes[^]*classification/,
  );
  expect(await refusal(at('empty'), 'a')).toMatch(
    /there is no checkpoint in \S+empty[^]*train classification/,
  );
  expect(await refusal(at('texts'), 'a', '--out', at('x.svg'))).toContain('x.svg');
  const more = [at('series'), '--from', at('new.csv'), '--from', at('said.csv')];
  expect(await refusal(...more)).toContain('2 files are given, and the run was trained on one table');
  await expect(readGenerateCommand([at('texts')])()).rejects.toThrow(
    /says of which class[^]*npx seqgpu classify/,
  );
});
