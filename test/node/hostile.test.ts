// Files that were damaged, or made to do damage: a clear error or a right result, never a crash, a hang, or memory
// beyond what the file is worth. `npm run trust` reads more of them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fail } from '../../src/graph/check';
import { FORMATS } from '../trust/formats';
import { assail } from '../trust/hostile';

const COUNT = 150;

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'seqgpu-hostile-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(FORMATS.map((format) => [format.name, format] as const))('%s', async (_name, format) => {
  const { wrong, read, refused } = await assail(format, COUNT, folder);
  expect(wrong).toEqual([]);
  expect(read + refused).toBe(COUNT);
  // Variants that nobody notices are no test.
  expect(new Set([read > 0, refused > 0]).has(true)).toBe(true);
});

test('a reader that crashes, swells or complains unclearly is found out', async () => {
  const file = Uint8Array.of(1, 2, 3);
  const found = async (read: (bytes: Uint8Array) => unknown) => {
    let first = true;
    const careless = (bytes: Uint8Array) => (first ? (first = false) : read(bytes));
    return (await assail({ name: 'toy', file, read: careless }, 1, folder)).wrong.join();
  };
  expect(await found(() => null!)).toBe('');
  expect(await found(() => (undefined as never as string).length)).toMatch('TypeError');
  expect(await found(() => new Uint8Array(2 ** 25))).toMatch(/took 3\d+ bytes for a file of/);
  expect(await found(() => fail('so much. '.repeat(1000)))).toMatch('SeqgpuError');
  expect(await found(() => fail('it is no such file.'))).toBe('');
});

test('an error shows the control characters that it quotes', () => {
  expect(() => fail('in \u001b[2J,\u202e\tit\nsays é 文.')).toThrow(
    'in \\u001b[2J,\\u202e\\u0009it\nsays é 文.',
  );
});
