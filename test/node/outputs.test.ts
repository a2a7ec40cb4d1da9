// What commands are about to write: nothing that is there is overwritten, no two outputs are one file, and a name says
// what is in the file.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { prepareOut } from '../../src/cli/bench/benchFile.node';
import { Outputs } from '../../src/files/outputs.node';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'seqgpu-outputs-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file', () => {
  const out = { from: '--out', kind: 'MIDI' } as const;

  test('is written where nothing is, in a folder that is made for it', () => {
    const output = new Outputs('generate').file(at('new/tune.mid'), out);
    expect(readdirSync(at('new'))).toEqual([]);
    output.write('notes');
    expect(readFileSync(at('new/tune.mid'), 'utf8')).toBe('notes');
  });

  test('that is there is refused, at the start and at the end, unless it may be replaced', () => {
    const output = new Outputs('generate').file(at('tune.mid'), out);
    writeFileSync(at('tune.mid'), 'mine');
    expect(() => output.write('notes')).toThrow(/is there already[^]*--overwrite/);
    expect(() => new Outputs('generate').file(at('tune.mid'), out)).toThrow('is there already');
    expect(readFileSync(at('tune.mid'), 'utf8')).toBe('mine');
    new Outputs('generate', true).file(at('tune.mid'), out).write('notes');
    expect(readFileSync(at('tune.mid'), 'utf8')).toBe('notes');
  });

  test('is not a folder, and not below a file', () => {
    mkdirSync(at('tune.mid'));
    expect(() => new Outputs('generate', true).file(at('tune.mid'), out)).toThrow('is a folder, not a file');
    writeFileSync(at('file'), '');
    expect(() => new Outputs('generate').file(at('file/tune.mid'), out)).toThrow('cannot be written');
  });

  test.each([
    ['MIDI', 'a.txt', '.mid or .midi'],
    ['WAV', 'a.mp3', '.wav'],
    ['SVG', 'a.png', '.svg'],
    ['JSON', 'a', '.json'],
    ['text', 'a.json', '.txt'],
    ['text', 'a.PNG', '.txt'],
  ] as const)('of %s is not called %s', (kind, name, ending) => {
    expect(() => new Outputs('x').file(at(name), { from: '--out', kind })).toThrow(ending);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['text', 'a.svg', 'let the name end with .txt.'],
    ['CSV', 'a.svg', 'let the name end with .csv.'],
    ['SVG', 'a.csv', 'let the name end with .svg.'],
  ] as const)('of %s that is called %s is told what it is', (kind, name, fix) => {
    expect(() => new Outputs('x').file(at(name), { from: '--out', kind })).toThrow(
      `x: --out ${at(name)} does not end as a file of ${kind} does, which is what is written.\n    fix: ${fix}`,
    );
  });

  test.each(['a', 'a.csv', 'a.tsv'])('of a table may be called %s', (name) => {
    new Outputs('x').file(at(name), { from: '--out', kind: 'CSV' }).write('text');
    expect(existsSync(at(name))).toBe(true);
  });

  test.each(['a', 'a.txt', 'a.py', 'a.md'])('of text may be called %s', (name) => {
    new Outputs('x').file(at(name), { from: '--out', kind: 'text' }).write('text');
    expect(existsSync(at(name))).toBe(true);
  });

  test('is that of no other output, under whatever name', () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    const outputs = new Outputs('generate');
    outputs.file(at('real/a.svg'), { from: '--out', kind: 'SVG' });
    for (const name of ['real/a.svg', 'real/../real/a.svg', 'link/a.svg']) {
      expect(() => outputs.file(at(name), { from: '--spectrogram', kind: 'SVG' })).toThrow(
        '--out and --spectrogram are one file',
      );
    }
    outputs.file(at('real/b.svg'), { from: '--spectrogram', kind: 'SVG' });
    outputs.folder(at('run'), ['tuning.json'], '--out');
    expect(() => outputs.file(at('run/tuning.json'), { from: '--tuning', kind: 'JSON' })).toThrow('one file');
  });
});

describe('a folder', () => {
  test('with a file that would be overwritten is refused, unless it is of our making', () => {
    mkdirSync(at('demo'));
    writeFileSync(at('demo/report.html'), 'mine');
    const names = ['results.json', 'report.html'];
    expect(() => new Outputs('demo').folder(at('demo'), names, '--out')).toThrow(
      /would be overwritten\.\s+report\.html/,
    );
    new Outputs('demo').folder(at('demo'), names, '--out', () => true);
    new Outputs('demo').folder(at('other'), names, '--out');
    expect(() => new Outputs('demo').folder(at('demo/report.html'), names, '--out')).toThrow(
      'is a file, not a folder',
    );
  });
});

describe('commands', () => {
  const run = (words: readonly string[]) => Promise.resolve().then(readCommand(words));
  /** What is in a folder when the process has ended, which this one has not: its lock is taken away. */
  const left = (name: string) => readdirSync(at(name));
  const mine = (...names: string[]) => {
    mkdirSync(at(...names, '..'), { recursive: true });
    writeFileSync(at(...names), '{"name": "mine"}');
    return readdirSync(at(...names, '..'));
  };

  test('train overwrites no settings of another program, and a tuning file is no file of the run', async () => {
    const before = mine('project', 'settings.json');
    const train = ['train', 'copy', '--model', 'tcn', '--out'];
    await expect(run([...train, at('project')])).rejects.toThrow('is not the settings of a run');
    expect(left('project')).toEqual(before);
    await expect(run([...train, at('run'), '--tuning', at('run/settings.json')])).rejects.toThrow('one file');
    await expect(run([...train, at('run'), '--tuning', at('kernels.txt')])).rejects.toThrow('.json');
    writeFileSync(at('file'), '');
    await expect(run([...train, at('run'), '--tuning', at('file/kernels.json')])).rejects.toThrow(
      'cannot be written',
    );
    expect(existsSync(at('run'))).toBe(false);
  });

  test('demo overwrites nothing', async () => {
    const before = mine('site', 'report.html');
    await expect(run(['demo', '--out', at('site')])).rejects.toThrow('would be overwritten');
    expect(left('site')).toEqual(before);
  });

  test('study and search take no folder of something else', async () => {
    for (const name of ['settings.json', 'results.json']) {
      const before = mine(name, name);
      await expect(run(['study', 'unstable', '--out', at(name)])).rejects.toThrow('holds something else');
      left(name);
      const search = ['search', 'copy', '--model', 'tcn', '--out', at(name)];
      await expect(run(search)).rejects.toThrow('holds something else');
      expect(left(name)).toEqual(before);
    }
  });

  test('bench replaces its own results alone', () => {
    mine('package.json');
    expect(() => prepareOut(at('package.json'))).toThrow('is there already');
    expect(() => prepareOut(at('bench.txt'))).toThrow('.json');
    const report = {
      rows: [],
      adapter: 'a',
      date: '2026-01-01',
      runtime: 'r',
      rounds: 0,
      family: '',
      ceiling: null,
    };
    for (let i = 0; i < 2; i++) prepareOut(at('bench.json'))(report as never);
    expect(JSON.parse(readFileSync(at('bench.json'), 'utf8')).adapter).toBe('a');
    expect(readFileSync(at('package.json'), 'utf8')).toBe('{"name": "mine"}');
  });
});
