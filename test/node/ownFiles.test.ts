// A user's own files and folders: where a run finds its data again, what it may overwrite, and what is said of paths
// that the system refuses.

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { placeOfRun } from '../../src/cli/flags/placeOfRun.node';
import { jobOfRun } from '../../src/cli/study/contextOfRun.node';
import { filesFrom, fileSource } from '../../src/data/files.node';
import { dataFile, dataFolder } from '../../src/data/folder.node';
import { fetchData, listData } from '../../src/data/sources.node';
import { plainly, reading } from '../../src/files/reading.node';
import { SeqgpuError } from '../../src/graph/check';
import { readOwnFiles } from '../../src/runs/ownFiles';
import { readData, sha256At, type Place } from '../../src/runs/readData.node';
import { RunFolder } from '../../src/runs/runFolder.node';
import { commandFor, makeSettings } from '../../src/runs/settings';
import { TABLES, taskCalled } from '../../src/runs/tables';

const folder = mkdtempSync(join(tmpdir(), 'own-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);
const nothing = { tensors: new Map(), metadata: {} };
const messageOf = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof SeqgpuError) return error.message;
    throw error;
  }
  return 'no complaint';
};

const text = taskCalled('text', TABLES);
const pairs = taskCalled('translation', TABLES);

/** A run on files of one's own, as `train` leaves it. */
function trained(name: string, files: Place | undefined, task = text) {
  const settings = makeSettings(task.name, task === text ? 'gru' : 'seq2seq', { hidden: 4, steps: 1 }, {
    ...{ tokens: 900, pairs: 9, shapes: {} },
    sha256: files ? sha256At(task, files)! : 'x',
  } as never);
  const run = new RunFolder(at(name));
  run.save(settings, nothing, nothing, files);
  const place = (given: Record<string, string | readonly string[]> = {}, command = `eval ${name}`) =>
    placeOfRun({ spec: task, settings, folder: run, command }, given, TABLES);
  return { settings, run, place };
}

describe('a run finds its own files', () => {
  writeFileSync(at('a.txt'), 'the cat sat on the mat. '.repeat(40));

  test('where they were, whatever the folder one works in, if they are the same', () => {
    const from = [relative('', at('a.txt'))];
    const { place, run, settings } = trained('run', { from });
    expect(run.files()).toEqual({ from: [at('a.txt')] });
    expect(place()).toEqual({ from: [at('a.txt')], data: undefined, parts: undefined });
    // Flags come first.
    expect(place({ from: ['b.txt'] }).from).toEqual(['b.txt']);
    expect(new RunFolder(at('run')).best()!.settings).toEqual(settings);
    // The file of a model has left them behind.
    expect(new RunFolder(at('run/best.safetensors')).files()).toBeUndefined();
  });

  test('and says which they were, with the whole command, where they are gone or changed', async () => {
    writeFileSync(at('b c.txt'), 'the cat sat. '.repeat(40));
    const { place, settings } = trained('gone', { from: [at('b c.txt')] });
    writeFileSync(at('b c.txt'), 'another cat. ');
    expect(messageOf(place)).toBe(
      `eval: the files that the run in ${at('gone')} was begun with are not what they were.\n` +
        `    ${at('b c.txt')}: sha256 ${settings.sha256}, now ${sha256At(text, { from: [at('b c.txt')] })}\n` +
        "    fix: name them: `npx seqgpu eval gone --from 'PATH/b c.txt'`.",
    );
    renameSync(at('b c.txt'), at('d.txt'));
    expect(messageOf(() => place({}, 'train text --model gru --out gone --resume'))).toBe(
      `train: the files that the run in ${at('gone')} was begun with are not where they were.\n` +
        `    ${at('b c.txt')}: sha256 ${settings.sha256}\n` +
        "    fix: name them: `npx seqgpu train text --model gru --out gone --resume --from 'PATH/b c.txt'`.",
    );
    await expect(jobOfRun({ run: [at('gone')] }, TABLES)).rejects.toThrow(
      /^study: the files .* are not where they were\.[^]*study context --run \S+gone --from 'PATH\/b c\.txt'`/,
    );
    await expect(Promise.resolve().then(readCommand(['eval', at('gone')]))).rejects.toThrow(
      /^eval: the files .* are not where they were\./,
    );
  });

  test('a run of an earlier version knows what its data is called', () => {
    const { place, run } = trained('old', undefined);
    run.keep({ name: 'book.txt' });
    expect(messageOf(place)).toMatch(
      /was begun with are not kept in it, nor where they are\.\n {4}book\.txt: sha256 x\n.*eval old --from PATH`/,
    );
  });

  test('files with flags of their own', () => {
    for (const name of ['a.de', 'a.en']) writeFileSync(at(name), 'a\nb\n');
    const parts = { source: at('a.de'), target: at('a.en') };
    const { place, settings } = trained('pairs', { parts }, pairs);
    expect(place().parts).toEqual(parts);
    expect(commandFor(settings, undefined, TABLES, { parts })).toMatch(/ --source PATH --target PATH( |$)/);
    expect(commandFor(settings, undefined, TABLES, { from: ['a', 'b'] })).toMatch(
      / --from PATH --from PATH( |$)/,
    );
    expect(commandFor(settings)).toMatch(/ --from PATH( |$)/);
    rmSync(at('a.en'));
    expect(messageOf(place)).toContain('eval pairs --source PATH/a.de --target PATH/a.en`');
    mkdirSync(at('a.en'));
    expect(messageOf(place)).toContain('--target FILE a file');
  });

  test.each([
    null,
    3,
    [],
    {},
    { from: [] },
    { from: [3] },
    { from: 'a' },
    { parts: 'a' },
    { parts: { source: '' } },
  ])('what is no such list names none: %j', (raw) => void expect(readOwnFiles(raw)).toBeUndefined());
});

test('a task of published data has no files of its own', () => {
  const settings = makeSettings('copy', 'gru', { hidden: 4, steps: 1 });
  const run = new RunFolder(at('copy'));
  run.save(settings, nothing, nothing);
  expect(readFileSync(at('copy/settings.json'), 'utf8')).not.toContain('files');
  const asked = { spec: taskCalled('copy', TABLES), settings, folder: run, command: 'eval copy' };
  expect(placeOfRun(asked, {}, TABLES).from).toBeUndefined();
});

describe('a folder that a run would write to', () => {
  test.each(['data.json', 'report.html', 'results.json', 'tuning.json', 'best.safetensors'])(
    'with a %s of the user’s own is no run, and is left as it is',
    (name) => {
      mkdirSync(at(`own-${name}`));
      writeFileSync(at(`own-${name}`, name), 'mine');
      const message = messageOf(() => new RunFolder(at(`own-${name}`)).prepare());
      expect(message).toContain(
        `own-${name} holds no run, but files that one would overwrite.\n    found ${name}\n`,
      );
      expect(message).not.toMatch(/remove|--resume/);
      expect(readFileSync(at(`own-${name}`, name), 'utf8')).toBe('mine');
    },
  );
});

describe('paths that the system refuses', () => {
  writeFileSync(at('file'), '');
  symlinkSync(at('loop'), at('loop'));
  const long = 'x'.repeat(300);
  const from = (path: string) => messageOf(() => filesFrom([path], { what: 'text files' }));

  test('are told in a sentence', () => {
    expect(from(at('file/a'))).toBe(
      `${at('file/a')} cannot be used: something in its path is a file, where a folder is wanted (ENOTDIR).\n` +
        '    fix: name another path.',
    );
    expect(from(at('loop'))).toContain('its links lead back to themselves (ELOOP)');
    expect(from(at(long))).toMatch(/…? cannot be used: its name is too long \(ENAMETOOLONG\)/);
    expect(from(at(long)).length).toBeLessThan(400);
    expect(messageOf(() => fileSource(at('none')))).toContain('it is not there (ENOENT)');
    expect(messageOf(() => [...fileSource(folder).chunks()])).toContain(
      'it is a folder, where a file is wanted',
    );
    expect(messageOf(() => new RunFolder(at('file/run')).best())).toContain('ENOTDIR');
  });

  test('the data folder', async () => {
    const option = at('file');
    const told = `${option} is a file, where a folder is wanted.\n    from --data\n    fix: name a folder.`;
    expect(messageOf(() => dataFolder({ option }))).toBe(told);
    expect(messageOf(() => dataFile('a.txt', { option }))).toBe(told);
    expect(messageOf(() => dataFolder({ env: { SEQGPU_DATA: option } }))).toContain('from SEQGPU_DATA');
    expect(messageOf(() => dataFile('a.txt', { option: at('file/b') }))).toContain('ENOTDIR');
    await expect(readData(taskCalled('jsb', TABLES), {}, { data: option })).rejects.toThrow(told);
    mkdirSync(at('data/poly-music/jsb-chorales.json'), { recursive: true });
    expect(messageOf(() => listData(at('data')))).toContain(
      'it is a folder, where a file is wanted (EISDIR)',
    );
    await expect(fetchData('jsb', at('data'), () => {})).rejects.toThrow('jsb-chorales.json cannot be used');
  });

  test('whatever asked for them; other errors stay as they are', () => {
    const error = new Error('mine');
    expect(plainly(error)).toBe(error);
    expect(() =>
      reading('a', () => {
        throw error;
      }),
    ).toThrow(error);
    const raw = messageOf(() => {
      try {
        readFileSync(at('none'));
      } catch (refused) {
        throw plainly(refused);
      }
    });
    expect(raw).toBe(`${at('none')} cannot be used: it is not there (ENOENT).\n    fix: name another path.`);
    const other = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    expect(
      messageOf(() =>
        reading('a', () => {
          throw other;
        }),
      ),
    ).toContain('a cannot be used: EIO: i/o error');
  });
});

describe('claims', () => {
  const claims = (...words: string[]) => Promise.resolve().then(readCommand(['claims', ...words]));

  test('of a folder that is not there, is none, or has no results', async () => {
    for (const name of ['none', 'file']) {
      await expect(claims(at(name))).rejects.toThrow(
        `claims: there is no folder ${at(name)} here.\n    fix: name the folder that holds those of studies`,
      );
    }
    mkdirSync(at('empty'));
    await expect(claims(at('empty'))).rejects.toThrow(
      `claims: there are no results of the study tbptt.\n    ${at('empty')} has no results of studies or of runs\n    fix: name a folder`,
    );
  });
});
