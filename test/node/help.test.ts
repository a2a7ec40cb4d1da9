// Help, made of what commands, tasks and models declare: nothing is left out, no page is long, and its examples are
// command lines that are taken.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { settingFlags } from '../../src/cli/flags/optionFlags';
import { underCommand } from '../../src/cli/underCommand';
import { shellWord } from '../../src/files/shellWord';
import { TABLES, optionsOf, pairOf } from '../../src/runs/tables';
import { kebabCase } from '../../src/spec/option';
import { complaint } from '../harness/complaint';

const COMMANDS = [
  'demo',
  'live',
  'train',
  'generate',
  'translate',
  'study',
  'claims',
  'search',
  'worker',
  'data',
  'doctor',
  'bench',
  'tune',
];
const TASKS = TABLES.tasks.map(({ name }) => name);
const MODELS = TABLES.models.map(({ name }) => name);

/** What a command line says. */
async function said(line: string): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => lines.push(String(text)));
  expect(await readCommand(line.split(' '))()).toBe(0);
  vi.restoreAllMocks();
  return lines.join('\n');
}

afterEach(() => void vi.restoreAllMocks());

describe('pages', () => {
  const pages = [
    ...['help', ...COMMANDS.map((name) => `help ${name}`)],
    ...TASKS.map((name) => `help train ${name}`),
    ...MODELS.map((name) => `help train --model ${name}`),
    'help wikitext2 --model transformer',
  ];

  test.each(pages)('%s is one screen or two, and its examples are taken', async (line) => {
    const page = await said(line);
    expect(page.split('\n').length).toBeLessThan(60);
    for (const [, example] of page.matchAll(/^ {2}npx seqgpu (.+?)(?: {2,}.*)?$/gm))
      expect(`${example}: ${complaint(example)}`).toBe(`${example}: no complaint`);
  });

  test('of a task of one’s own files say in every example that they are named', async () => {
    for (const task of TABLES.tasks.filter(({ data }) => data?.from)) {
      const able = TABLES.models.filter(({ on }) => on[task.reads]).map(({ name }) => name);
      for (const line of [
        `train ${task.name}`,
        ...able.map((name) => `train ${task.name} --model ${name}`),
      ]) {
        expect(await said(`help ${line}`)).toMatch(
          /\nExample\n {2}npx seqgpu train \S+ --model \S+ --from PATH/,
        );
      }
    }
  });

  test('have the flags of files that have flags of their own, wherever these are taken', async () => {
    const flags = ['source', 'target', 'valid-source', 'valid-target', 'test-source', 'test-target'];
    for (const name of ['train', 'eval', 'study', 'search']) {
      const page = await said(`help ${name}`);
      for (const flag of flags) expect(page).toMatch(new RegExp(`^ {2}--${flag} `, 'm'));
      expect(page.split('\n').length).toBeLessThan(60);
    }
    expect(await said('help eval')).toContain('finds them where they were');
  });

  test('name every command, task and model', async () => {
    const page = await said('help');
    for (const name of [...COMMANDS, ...TASKS, ...MODELS])
      expect(page).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  test('of a model on a task have its options, and no others', async () => {
    for (const [task, model] of [
      ['jsb', 'lstm'],
      ['wikitext2', 'transformer'],
      ['digits', 'wavenet'],
      ['copy', 'tcn'],
    ]) {
      const page = await said(`help train ${task} --model ${model}`);
      const flags = [...page.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name).sort();
      const options = Object.entries(optionsOf(pairOf(task, model, TABLES))).filter(
        ([, { preset }]) => !preset,
      );
      expect(flags).toEqual(options.map(([name]) => kebabCase(name)).sort());
    }
    expect(await said('help jsb --model lstm')).toMatch(/--hidden N .*; here 128$/m);
  });

  test('have every option that there is', async () => {
    const all = (await Promise.all(pages.map(said))).join('\n');
    const missing = Object.keys(settingFlags(TABLES)).filter((name) => !new RegExp(`--${name}\\b`).test(all));
    expect(missing).toEqual([]);
  });

  test('are found in all ways that people ask', async () => {
    const train = await said('help train');
    for (const line of ['train --help', 'train -h']) expect(await said(line)).toBe(train);
    const task = await said('help train jsb');
    for (const line of ['help jsb', 'train jsb --help', 'search jsb --help'])
      expect(await said(line)).toBe(task);
    const pair = await said('help train jsb --model lstm');
    for (const line of ['help jsb --model lstm', 'train jsb --model lstm --hidden 3 --help'])
      expect(await said(line)).toBe(pair);
    expect(await said('help lstm')).toBe(await said('help train --model lstm'));
    for (const line of ['--help', '-h', 'help --help']) expect(await said(line)).toBe(await said('help'));
    expect(await said('--version')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(complaint('help jbs')).toMatch(/nothing called jbs[^]*did you mean jsb\?/);
    expect(complaint('help data jsb')).toContain('data has one page');
  });
});

describe('words', () => {
  test('a negative number is read as a number, and told what is wrong with it', () => {
    expect(complaint('train copy --model tcn --steps -5')).toBe(
      '--steps: "-5" does not fit.\n    fix: give a whole number of at least 1.',
    );
    expect(complaint('train copy --model tcn --gain -.5')).toContain('give a number above 0');
    expect(complaint('train copy --model tcn --json -5')).toMatch(/no option -5/);
  });

  test('a place that a task does not look at', () => {
    expect(complaint('train copy --model tcn --data x')).toMatch(/--data does not go with copy[^]*drawn/);
    expect(complaint('train jsb --model tcn --from x')).toMatch(/--from does not go with jsb[^]*published/);
    expect(complaint('search jsb --model tcn --from x')).toMatch(/--from does not go with jsb[^]*published/);
    expect(complaint('search text --model tcn --data x')).toMatch(/--data does not go with text[^]*--from/);
  });

  test('a message says the command that was typed, where it says no other subject', () => {
    expect(underCommand('eval', 'text needs text files of your own.')).toBe(
      'eval: text needs text files of your own.',
    );
    expect(underCommand('search', 'There are no settings.\n    fix: none.')).toBe(
      'search: there are no settings.\n    fix: none.',
    );
    expect(underCommand('eval', '--from is too much.')).toBe('eval: --from is too much.');
    expect(underCommand('eval', 'data: a is not there.')).toBe('data: a is not there.');
    expect(underCommand('train', '/a b: no.')).toBe('train: /a b: no.');
    expect(underCommand(undefined, 'There is none.')).toBe('There is none.');
  });

  test('a word for a shell', () => {
    expect(['runs/a', '0.9,0.98', 'a b', "it's", '', 'c#', '$HOME'].map(shellWord)).toEqual([
      'runs/a',
      '0.9,0.98',
      "'a b'",
      "'it'\\''s'",
      "''",
      "'c#'",
      "'$HOME'",
    ]);
  });
});
