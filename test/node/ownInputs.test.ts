// What people give for their data that is none of it, and the same file twice.

import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { filesFrom } from '../../src/data/files.node';
import { evenly } from '../../src/data/own/evenly';
import { CodePointDecoder } from '../../src/data/own/codePoints';
import { readOwnSound } from '../../src/data/own/sound';
import { encodeWav } from '../../src/data/wav';

const folder = mkdtempSync(join(tmpdir(), 'own-inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

test('a file is given once: what is learned of it would be measured on it too', () => {
  mkdirSync(at('texts'));
  for (const name of ['a.txt', 'b.txt']) writeFileSync(at('texts', name), 'a');
  const files = (...paths: string[]) => filesFrom(paths, { what: 'text files' }).map(({ name }) => name);
  expect(files(at('texts'))).toEqual(['a.txt', 'b.txt']);
  expect(() => files(at('texts/a.txt'), at('texts/a.txt'))).toThrow(
    /a\.txt is given twice\.\n {4}by --from\n/,
  );
  expect(() => files(at('texts'), `${folder}/./texts/a.txt`)).toThrow(/the same file as \S+a\.txt/);
  symlinkSync(at('texts/b.txt'), at('texts/c.txt'));
  expect(() => files(at('texts'))).toThrow(/c\.txt is given twice\.\n {4}it is the same file as \S+b\.txt/);
});

test('some of a list stand for all of it, the end too', () => {
  const list = Array.from({ length: 90 }, (_, i) => i);
  expect(evenly(list, 100)).toBe(list);
  const some = evenly(list, 64);
  expect(some).toHaveLength(64);
  const gaps = some.slice(1).map((one, i) => one - some[i]);
  expect([some[0], some.at(-1), new Set(gaps)]).toEqual([0, 88, new Set([1, 2])]);
});

test('files of several folders are called by these, where no folder in them says more', () => {
  for (const path of ['cat', 'dog', 'more/cat', 'more/owl']) mkdirSync(at(path), { recursive: true });
  for (const path of ['cat/1', 'dog/1', 'more/cat/2', 'more/owl/1']) writeFileSync(at(`${path}.txt`), 'a');
  const files = (...paths: string[]) => filesFrom(paths, { what: 'text files' }).map(({ name }) => name);
  expect(files(at('cat'), at('dog'))).toEqual(['cat/1.txt', 'dog/1.txt']);
  expect(files(`${at('cat')}/`, at('more'))).toEqual([
    'cat/1.txt',
    join('cat', '2.txt'),
    join('owl', '1.txt'),
  ]);
  expect(files(at('cat'))).toEqual(['1.txt']);
  expect(files(at('cat'), at('dog/1.txt'))).toEqual(['cat/1.txt', '1.txt']);
});

test.each([
  ['%PDF-1.7\n', 'a PDF', 'pdftotext'],
  ['PK\x03\x04\x14', 'a ZIP archive, as .docx, .xlsx', 'as CSV'],
  ['\xd0\xcf\x11\xe0\xa1', 'an old Office file', 'as CSV'],
  ['{\\rtf1\\ansi', 'rich text', 'plain text'],
  ['\x1f\x8b\x08', 'packed by gzip', 'gzip -d'],
])('%j is told by what it is', (beginning, what, fix) => {
  const bytes = Uint8Array.from(beginning, (letter) => letter.charCodeAt(0));
  const read = () => new CodePointDecoder({ name: 'a.txt' }).push(bytes);
  expect(read).toThrow(`text: a.txt is ${what}`);
  expect(read).toThrow(fix);
});

describe('recordings that a trained model is measured on', () => {
  const wav = encodeWav({
    rate: 8000,
    samples: Float32Array.from({ length: 80 }, (_, t) => Math.sin(t) / 2),
  });
  const files = (...folders: string[]) =>
    folders.flatMap((one) => [0, 1, 2].map((i) => bytesAsSource(`${one}${i}.wav`, wav)));

  test('have the numbers of its classes, though others are not there', () => {
    const {
      classes,
      train,
      test: held,
    } = readOwnSound(files('rain/'), { name: 'x', known: ['hail', 'rain', 'sun'] });
    expect(classes).toEqual(['hail', 'rain', 'sun']);
    expect([...train, ...held].map(({ label }) => label)).toEqual([1, 1]);
  });

  test('lie in its folders, where it knows several', () => {
    const read = (known: readonly string[], ...folders: string[]) =>
      readOwnSound(files(...folders), { name: 'x', known });
    expect(() => read(['hail', 'rain'], 'rain/', 'snow/')).toThrow(
      /snow\/0\.wav lies in no folder of a class that the model knows\.\n {4}it knows "hail", "rain"/,
    );
    expect(() => read(['hail', 'rain'], '')).toThrow(/0\.wav lies in no folder of a class/);
    expect(read([''], 'rain/', 'snow/').classes).toEqual(['']);
    expect(read(['rain'], '').classes).toEqual(['rain']);
  });
});
