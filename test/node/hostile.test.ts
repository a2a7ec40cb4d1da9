// Files that were damaged, or made to do damage: a clear error or a right result, never a crash, a hang, or memory
// beyond what the file is worth. `npm run trust` reads more of them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMatlab } from '../../src/data/matlab';
import { fail } from '../../src/graph/check';
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors';
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

test('ten million characters of metadata come back', () => {
  const metadata = { format: 'pt', progress: '{"a\\\\":1}'.repeat(1_000_000) };
  const tensors = new Map([['w', { shape: [1], data: Float32Array.of(1) }]]);
  const { metadata: back } = decodeSafetensors(encodeSafetensors({ tensors, metadata }), 'a.safetensors');
  // As a whole it would fill the terminal if it failed.
  expect(back.progress === metadata.progress).toBe(true);
});

test('cells within cells are read as deep as anybody has them', async () => {
  const words = (...list: number[]) => Buffer.from(Uint32Array.from(list).buffer);
  const about = Buffer.concat([words(6, 8, 1, 0), words(5, 8, 1, 1), words(1, 0)]);
  const nested = (depth: number): Buffer => {
    let inner: Buffer = Buffer.concat([words(14, 0)]);
    for (let i = 0; i < depth; i++)
      inner = Buffer.concat([words(14, about.length + inner.length), about, inner]);
    const head = Buffer.alloc(128);
    head.writeUInt16LE(0x100, 124);
    head.write('IM', 126);
    return Buffer.concat([head, inner]);
  };
  expect((await readMatlab(nested(20))).get('')?.kind).toBe('cells');
  await expect(readMatlab(nested(2000))).rejects.toThrow('matlab: cells are nested 64 deep and deeper.');
});
