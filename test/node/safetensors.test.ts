// Files that come back bit for bit, files that were made to do harm, and parameters in PyTorch's layout.

import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/gpu/engine';
import { SeqgpuError } from '../../src/graph/check';
import { Parameter, State } from '../../src/graph/state';
import { interleaved, transposed } from '../../src/nn/init';
import { fromTorch, toTorch, torchShape } from '../../src/nn/layout';
import { Linear } from '../../src/nn/linear';
import { Module } from '../../src/nn/module';
import { Adam } from '../../src/optim/adam';
import { Random } from '../../src/random';
import { loadCheckpoint, progressOf } from '../../src/train/checkpoint';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { load, save } from '../../src/train/save';
import { loadWeights } from '../../src/train/torchWeights';
import { Checksum } from '../../src/train/checksum';
import { readJson, writeJson } from '../../src/train/json';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  safetensorsParts,
  type Stored,
} from '../../src/train/safetensors';

const stored = (
  entries: Record<string, [number[], ArrayLike<number>]>,
  metadata: Record<string, string> = {},
): Stored => ({
  tensors: new Map(
    Object.entries(entries).map(([name, [shape, data]]) => [name, { shape, data: Float32Array.from(data) }]),
  ),
  metadata,
});

/** A file with this header, as text or as what JSON makes of it, before `bytes` bytes of values. */
function fileOf(header: unknown, bytes = 0, claimed?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + bytes);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message;
  }
  throw new Error('nothing was thrown');
}

/** The first line of what is said about a file. */
const refused = (file: Uint8Array): string =>
  message(() => decodeSafetensors(file, 'a.safetensors')).split('\n')[0];
const decoded = (file: Uint8Array) => decodeSafetensors(file, 'a.safetensors');
const bitsOf = (data: Float32Array) => new Uint32Array(data.buffer, data.byteOffset, data.length);

describe('a round trip', () => {
  test('keeps every bit: NaNs with a payload, -0, denormals, infinities', () => {
    const bits = Uint32Array.of(
      0x7fc00001,
      0xffabcdef,
      0x80000000,
      1,
      0x807fffff,
      0x7f800000,
      0xff800000,
      0x7f7fffff,
    );
    const data = new Float32Array(bits.buffer);
    const { tensors } = decoded(
      encodeSafetensors({ tensors: new Map([['x', { shape: [2, 4], data }]]), metadata: {} }),
    );
    expect([...bitsOf(tensors.get('x')!.data)]).toEqual([...bits]);
    expect(tensors.get('x')!.shape).toEqual([2, 4]);
  });

  test('keeps shapes, order, metadata and names', () => {
    const given = stored(
      {
        'b.weight': [
          [2, 3],
          [1, 2, 3, 4, 5, 6],
        ],
        'a.bias': [[], [7]],
        none: [[0, 5], []],
        'ü "\\ 名': [[1], [8]],
      },
      { format: 'pt', progress: '{"step":7}', __proto__text: 'é' },
    );
    const back = decoded(encodeSafetensors(given));
    expect([...back.tensors.keys()]).toEqual([...given.tensors.keys()]);
    expect(back).toEqual(given);
  });

  test('of nothing', () => {
    expect(decoded(encodeSafetensors(stored({})))).toEqual(stored({}));
    expect(decoded(fileOf({}))).toEqual(stored({}));
  });

  test('of names that objects have already', () => {
    const tensors = new Map(
      ['__proto__', 'constructor', 'toString', '0', ''].map((name, i) => [
        name,
        { shape: [1], data: Float32Array.of(i) },
      ]),
    );
    const metadata = JSON.parse('{ "__proto__": "text", "hasOwnProperty": "x" }') as Record<string, string>;
    const back = decoded(encodeSafetensors({ tensors, metadata }));
    for (const [name, { data }] of tensors) expect(back.tensors.get(name)?.data).toEqual(data);
    expect(back.tensors.size).toBe(5);
    expect(Object.entries(back.metadata)).toEqual(Object.entries(metadata));
    expect(({} as Record<string, unknown>).text).toBeUndefined();
  });

  test('starts its values at a multiple of 8 bytes and ends with them', () => {
    for (const name of ['x', 'xx', 'xxxxx', 'xxxxxxx']) {
      const file = encodeSafetensors(stored({ [name]: [[1], [2]] }));
      const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
      expect([start % 8, file.length - start]).toEqual([0, 4]);
    }
  });

  test('from any window on memory, as a plain array of bytes or as a Buffer', () => {
    const file = encodeSafetensors(stored({ x: [[3], [1, 2, 3]], y: [[1], [4]] }));
    const wide = new Uint8Array(file.length + 3);
    wide.set(file, 3);
    for (const view of [wide.subarray(3), Buffer.from(wide.buffer, 3, file.length), Buffer.from(file)]) {
      expect([...decoded(view).tensors.get('x')!.data]).toEqual([1, 2, 3]);
      expect([...decoded(view).tensors.get('y')!.data]).toEqual([4]);
    }
  });

  test('of a part of an array', () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const file = encodeSafetensors({ tensors: new Map([['x', { shape: [2], data }]]), metadata: {} });
    expect([...decoded(file).tensors.get('x')!.data]).toEqual([1, 2]);
  });

  test('with megabytes of metadata', () => {
    const metadata = { progress: JSON.stringify(Array.from({ length: 200_000 }, (_, i) => `"${i}"`)) };
    expect(decoded(encodeSafetensors({ tensors: new Map(), metadata })).metadata).toEqual(metadata);
  });

  test('what Python writes is read: no padding, metadata left out, any order of offsets', () => {
    const file = fileOf(
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   ',
      8,
    );
    new DataView(file.buffer).setFloat32(file.length - 8, 1.5, true);
    expect(decoded(file).tensors.get('a')!.data).toEqual(Float32Array.of(1.5));
    expect(decoded(file).metadata).toEqual({});
  });

  test('is refused to what no file can hold', () => {
    expect(
      message(() =>
        encodeSafetensors(
          stored({
            x: [
              [2, 2],
              [1, 2, 3],
            ],
          }),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "x [2, 2] with 3 values cannot be stored.
          fix: give as many values as the shape has, and a name other than __metadata__."
    `);
    expect(() => encodeSafetensors(stored({ __metadata__: [[1], [1]] }))).toThrow(SeqgpuError);
  });
});

describe('a damaged file', () => {
  const whole = encodeSafetensors(stored({ x: [[2], [1, 2]], y: [[3], [3, 4, 5]] }, { format: 'pt' }));

  test('cut anywhere', () => {
    for (let length = 0; length < whole.length; length++) refused(whole.subarray(0, length));
    expect(refused(whole.subarray(0, 5))).toMatchInlineSnapshot(
      `"a.safetensors: 5 bytes are too few for a safetensors file."`,
    );
    expect(refused(whole.subarray(0, 20))).toMatchInlineSnapshot(
      `"a.safetensors: its header claims 176 bytes, but the file has 20."`,
    );
    expect(refused(whole.subarray(0, whole.length - 1))).toMatchInlineSnapshot(
      `"a.safetensors: y lies at bytes 8 to 20, but there are 19 bytes of values."`,
    );
  });

  test('too long', () => {
    const longer = new Uint8Array(whole.length + 4);
    longer.set(whole);
    expect(message(() => decoded(longer))).toMatchInlineSnapshot(`
      "a.safetensors: 4 bytes behind the last tensor belong to none.
          fix: the file is damaged or is not safetensors; use another copy."
    `);
  });

  test('any bytes changed: refused', () => {
    const random = new Random(1);
    for (let i = 0; i < 3000; i++) {
      const file = whole.slice();
      for (let n = 0; n <= i % 3; n++) file[random.integer(file.length)] = random.integer(256);
      expect(Buffer.from(whole).equals(file) || refused(file).startsWith('a.safetensors: ')).toBe(true);
    }
  });
});

describe('the checksum', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const small = stored(
    { x: [[2], [1, 2]], y: [[3], [3, 4, 5]] },
    { format: 'pt', progress: '{"a":[1,"\\"b"]}' },
  );

  test('is xxHash32, of parts as of the whole', () => {
    // Of the specification and of the reference program.
    const known = {
      '': '02cc5d05',
      a: '550d7456',
      abc: '32d153ff',
      'Nobody inspects the spammish repetition': 'e2293b2f',
    };
    for (const [text, digits] of Object.entries(known))
      expect(new Checksum().update(bytes(text)).digest()).toBe(digits);
    const long = Uint8Array.from({ length: 100 }, (_, i) => i * 7);
    const whole = new Checksum().update(long).digest();
    for (let cut = 0; cut <= 100; cut++) {
      const parts = new Checksum().update(long.subarray(0, cut)).update(long.subarray(cut));
      expect(parts.digest()).toBe(whole);
    }
  });

  test('refuses every flipped bit and every cut, with the name of the file', () => {
    const whole = encodeSafetensors(small);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(refused(flipped)).toMatch(/^a\.safetensors: /);
    }
    expect(decoded(whole)).toEqual(small);
  });

  test('is asked of files that have one only, whoever wrote them', () => {
    const old = fileOf(
      { __metadata__: { format: 'pt' }, x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } },
      4,
    );
    expect(decoded(old)).toEqual(stored({ x: [[1], [0]] }, { format: 'pt' }));
    const text = new TextDecoder('latin1').decode(encodeSafetensors(small));
    expect(text).toMatch(/"seqgpu\.checksum":"xxh32:[0-9a-f]{8}"/);
    expect(() => encodeSafetensors(stored({}, { 'seqgpu.checksum': 'x' }))).toThrow(
      'has seqgpu.checksum already',
    );
    // A text that says the same elsewhere is none.
    const tricky = stored(
      { '"seqgpu.checksum":"xxh32:': [[1], [2]] },
      { note: '"seqgpu.checksum":"xxh32:12345678"' },
    );
    expect(decoded(encodeSafetensors(tricky))).toEqual(tricky);
  });

  test('a file is written in parts and read tensor by tensor, in the order of its values', () => {
    const file = encodeSafetensors(small);
    const parts = safetensorsParts(small);
    expect(Buffer.concat(parts).equals(file)).toBe(true);
    const asked: number[] = [];
    const read = (from: number, to: number) => (asked.push(to - from), file.slice(from, to));
    expect(readSafetensors({ size: file.length, read }, 'a.safetensors')).toEqual(small);
    expect(asked.slice(2)).toEqual([8, 12]);
  });
});

describe('halves', () => {
  const of = (dtype: string, halves: readonly number[]) => {
    const file = fileOf(
      { x: { dtype, shape: [halves.length], data_offsets: [0, 2 * halves.length] } },
      2 * halves.length,
    );
    const view = new DataView(file.buffer);
    halves.forEach((half, i) => view.setUint16(file.length - 2 * (halves.length - i), half, true));
    return decoded(file).tensors.get('x')!.data;
  };
  const all = Array.from({ length: 2 ** 16 }, (_, half) => half);

  test('of every F16 are the numbers that IEEE 754 says', () => {
    const found = of('F16', all);
    const wrong = all.filter((half) => {
      const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
      const size =
        exponent === 31
          ? fraction
            ? NaN
            : Infinity
          : exponent
            ? 2 ** (exponent - 25) * (1024 + fraction)
            : 2 ** -24 * fraction;
      return !Object.is(found[half], half >> 15 ? -size : size);
    });
    expect(wrong).toEqual([]);
  });

  test('of every BF16 are the upper ones of an f32', () => {
    expect(bitsOf(of('BF16', all))).toEqual(Uint32Array.from(all, (half) => half * 2 ** 16));
  });
});

describe('JSON of progress', () => {
  test.each([
    [[NaN, Infinity, -Infinity, -0, 0, 1.5]],
    [{ best: { step: 4, value: Infinity }, list: [null, 'NaN', true, {}] }],
    [{ $number: 'NaN', $$number: { $number: -0 }, other: [{ $number: 3 }] }],
    [-0],
    [null],
  ])('%j comes back', (value) => {
    expect(readJson(writeJson(value))).toStrictEqual(value);
    expect(Object.is(readJson(writeJson(value)), value) || typeof value === 'object').toBe(true);
  });

  test('is JSON as ever where it can be', () => {
    expect(writeJson({ step: 17, order: [3, 1.5] })).toBe('{"step":17,"order":[3,1.5]}');
  });

  test('refuses what would come back as something else', () => {
    expect(message(() => writeJson({ curves: { losses: Float32Array.of(1) } }, 'save: progress')))
      .toMatchInlineSnapshot(`
        "save: progress: losses is a Float32Array, which JSON cannot hold.
            fix: give numbers, texts, lists and plain objects, such as Array.from(…) and Object.fromEntries(…)."
      `);
    const lost = [new Map(), new Set(), new ArrayBuffer(4), 3n, () => 1, Symbol('a')];
    for (const one of lost) expect(message(() => writeJson([one]))).toContain('JSON: 0 is ');
    expect(message(() => writeJson(new Map()))).toContain('JSON: it is a Map');
    expect(writeJson({ left: undefined, day: new Date(0) })).toBe('{"day":"1970-01-01T00:00:00.000Z"}');
  });
});

describe('what is no file', () => {
  const model = new Linear(1, 1);
  const nowhere = {} as Engine;

  test('bytes in any view are read, and nothing else', () => {
    const file = encodeSafetensors(stored({ x: [[2], [1, 2]] }));
    const wide = new Uint8Array([...Array(8).keys(), ...file]);
    for (const bytes of [file.buffer, new DataView(file.buffer), wide.subarray(8)])
      expect(message(() => loadWeights(nowhere, bytes as ArrayBuffer, model))).toContain('it has no weight');
    const loadAll = (engine: Engine, bytes: Uint8Array) => load(engine, bytes, { model });
    for (const take of [loadWeights, loadAll]) {
      expect(message(() => take(nowhere, 'model.safetensors' as never, model))).toMatchInlineSnapshot(`
        "the file is "model.safetensors".
            fix: give its bytes: await readFile(path), await response.arrayBuffer() or await save(…)."
      `);
      expect(message(() => take(nowhere, Promise.resolve(file) as never, model))).toMatch(/is a Promise\./);
    }
  });

  test('a model by itself is not what is saved and loaded', async () => {
    const file = encodeSafetensors(stored({}));
    expect(message(() => load(nowhere, file, model as never))).toMatch(
      /load: model is undefined\.[^]*give a Module/,
    );
    await expect(save(nowhere, model as never)).rejects.toThrow('save: model is undefined');
    await expect(save(nowhere, undefined as never)).rejects.toThrow('save: model is undefined');
  });

  test('numbers of another type are named with what to do', () => {
    const file = fileOf({ x: { dtype: 'F64', shape: [1], data_offsets: [0, 8] } }, 8);
    expect(message(() => decodeSafetensors(file, 'a.safetensors'))).toMatchInlineSnapshot(`
      "a.safetensors: x holds F64; F32, F16 and BF16 can be read.
          fix: save it as F32, with PyTorch's float(), or leave it out."
    `);
  });
});

describe('a hostile file', () => {
  const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const one = (shape: unknown, offsets: unknown, bytes = 8, dtype: unknown = 'F32') =>
    refused(fileOf({ x: entry(shape, offsets, dtype) }, bytes));

  test('the length of the header', () => {
    expect(refused(fileOf('{}', 0, 2n ** 64n - 1n))).toMatchInlineSnapshot(
      `"a.safetensors: its header claims 18446744073709552000 bytes, more than the format allows."`,
    );
    expect(refused(fileOf('{}', 0, 2n ** 63n))).toMatch(/more than the format allows/);
    expect(refused(fileOf('{}', 0, 100_000_001n))).toMatch(/more than the format allows/);
    expect(refused(fileOf('{}', 0, 3n))).toMatchInlineSnapshot(
      `"a.safetensors: its header claims 3 bytes, but the file has 10."`,
    );
    expect(refused(fileOf('{}', 4, 0n))).toMatch(/not JSON/);
  });

  test('no JSON', () => {
    expect(refused(fileOf('{"x":'))).toMatchInlineSnapshot(`"a.safetensors: its header is not JSON."`);
    expect(refused(fileOf('\u0000\u0001'))).toMatch(/not JSON/);
    expect(refused(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe]))).toMatch(/not JSON/);
    expect(refused(fileOf('{"x": NaN}'))).toMatch(/not JSON/);
  });

  test('other JSON', () => {
    for (const text of ['[]', 'null', '7', '"x"']) expect(refused(fileOf(text))).toMatch(/not a JSON object/);
    for (const description of [null, 7, 'x', []]) {
      expect(refused(fileOf({ x: description }))).toBe('a.safetensors: x has no description.');
    }
    expect(refused(fileOf({ x: {} }))).toMatchInlineSnapshot(
      `"a.safetensors: x holds missing; F32, F16 and BF16 can be read."`,
    );
    expect(refused(fileOf({ __metadata__: [] }))).toMatchInlineSnapshot(
      `"a.safetensors: its __metadata__ does not consist of texts."`,
    );
    expect(refused(fileOf({ __metadata__: { a: 1 } }))).toMatch(/__metadata__/);
    expect(refused(fileOf('{"__metadata__":{"a":{"toString":1,"valueOf":1}}}'))).toMatch(/__metadata__/);
  });

  test('other types', () => {
    expect(one([2], [0, 8], 8, 'F64')).toMatchInlineSnapshot(
      `"a.safetensors: x holds F64; F32, F16 and BF16 can be read."`,
    );
    for (const dtype of ['f32', 'I64', null, 1, { toString: 1, valueOf: 1 }, 'toString']) {
      expect(one([2], [0, 8], 8, dtype)).toMatch(/; F32, F16 and BF16 can be read/);
    }
  });

  test('shapes', () => {
    for (const shape of [
      undefined,
      2,
      'x',
      [-2],
      [1.5],
      ['2'],
      [null],
      [1e300],
      [2 ** 53],
      [[2]],
      { length: 1 },
    ]) {
      expect(one(shape, [0, 8])).toMatch(/^a\.safetensors: the shape of x is /);
    }
    expect(one([3], [0, 8])).toMatchInlineSnapshot(`"a.safetensors: x [3] needs 12 bytes, has 8."`);
    expect(one([2 ** 52, 2 ** 52], [0, 8])).toMatch(/needs 8\.1\d+e\+31 bytes, has 8/);
    expect(one([2 ** 32, 2 ** 32], [0, 0], 0)).toMatch(/needs/);
    expect(one(Array(100).fill(2 ** 50), [0, 8])).toMatch(/needs Infinity bytes/);
    expect(one([...Array(100).fill(2 ** 50), 0], [0, 0], 0)).toMatch(/needs NaN bytes/);
  });

  test('offsets', () => {
    for (const offsets of [
      undefined,
      8,
      [0],
      [0, 4, 8],
      [-4, 4],
      [0.5, 8.5],
      ['0', '8'],
      [0, 1e300],
      [0, 2 ** 53],
    ]) {
      expect(one([2], offsets)).toMatch(/^a\.safetensors: the place of x is /);
    }
    expect(one([2], [0, 8], 4)).toMatchInlineSnapshot(
      `"a.safetensors: x lies at bytes 0 to 8, but there are 4 bytes of values."`,
    );
    expect(one([2], [8, 0])).toMatchInlineSnapshot(
      `"a.safetensors: x lies at bytes 8 to 0, but there are 8 bytes of values."`,
    );
    expect(one([2], [2 ** 52, 2 ** 52 + 8])).toMatch(/but there are 8 bytes of values/);
    expect(one([1], [0, 4], 8)).toMatchInlineSnapshot(
      `"a.safetensors: 4 bytes behind the last tensor belong to none."`,
    );
  });

  test('holes and overlaps', () => {
    const two = (a: number[], b: number[], bytes: number) =>
      refused(fileOf({ a: entry([1], a), b: entry([1], b) }, bytes));
    expect(two([0, 4], [8, 12], 12)).toMatchInlineSnapshot(
      `"a.safetensors: b starts at byte 8, but the values before it end at 4."`,
    );
    expect(two([0, 4], [2, 6], 6)).toMatchInlineSnapshot(
      `"a.safetensors: b starts at byte 2, but the values before it end at 4."`,
    );
    expect(two([0, 4], [0, 4], 4)).toMatch(/b starts at byte 0, but the values before it end at 4/);
    expect(two([4, 8], [8, 12], 12)).toMatch(/a starts at byte 4/);
  });

  test('a name twice, in whatever spelling and depth', () => {
    const text = JSON.stringify(entry([1], [0, 4]));
    expect(refused(fileOf(`{"x":${text},"x":${text}}`, 4))).toMatchInlineSnapshot(
      `"a.safetensors: its header has x twice."`,
    );
    expect(refused(fileOf(`{"x":${text},"\\u0078":${text}}`, 4))).toMatch(/has x twice/);
    expect(refused(fileOf(`{"x":${text},"x" : ${text}}`, 4))).toMatch(/has x twice/);
    expect(refused(fileOf('{"x":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'))).toMatch(
      /has dtype twice/,
    );
    expect(refused(fileOf('{"__metadata__":{"a":"1","a":"2"}}'))).toMatch(/has a twice/);
    const fine =
      '{"__metadata__":{"x":"\\"x\\": {","y":"x"},"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}';
    expect(decoded(fileOf(fine)).tensors.size).toBe(1);
  });

  test('nothing is copied before all is checked: many names for the same bytes', () => {
    const size = 4e6;
    const header = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`x${i}`, entry([size / 4], [0, size])]),
    );
    const file = fileOf(header, size);
    const start = performance.now();
    expect(refused(file)).toMatch(/starts at byte 0, but the values before it end at/);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('nested deeply, or with endless names: a short message', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(refused(fileOf(`{"x":{"dtype":"F32","shape":${deep},"data_offsets":[0,0]}}`)).length).toBeLessThan(
      200,
    );
    expect(refused(fileOf(`{"x":{"dtype":${deep}}}`)).length).toBeLessThan(200);
    expect(refused(fileOf({ ['x'.repeat(1e6)]: 7 })).length).toBeLessThan(200);
    expect(one(Array(1e5).fill(1), [0, 8]).length).toBeLessThan(200);
  });
});

describe("PyTorch's layout", () => {
  const numbers = (size: number) => Float32Array.from({ length: size }, (_, i) => i);

  test('a plain parameter is stored as it is', () => {
    const plain = new Parameter([2, 3], 'zeros');
    expect(torchShape(plain)).toEqual([2, 3]);
    expect([...toTorch(plain, numbers(6))]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a matrix is transposed', () => {
    const matrix = transposed(2, 3, 'zeros');
    expect([matrix.shape, torchShape(matrix)]).toEqual([
      [2, 3],
      [3, 2],
    ]);
    expect([...toTorch(matrix, numbers(6))]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...fromTorch(matrix, numbers(6))]).toEqual([0, 2, 4, 1, 3, 5]);
  });

  test('gates: [4H, I] block by block there, [I, H·4] unit by unit here', () => {
    const [gates, hidden, inputs] = [4, 3, 2];
    const weight = interleaved(gates, hidden, inputs, 'zeros');
    expect([weight.shape, torchShape(weight)]).toEqual([
      [2, 12],
      [12, 2],
    ]);
    const theirs = toTorch(weight, numbers(24));
    for (let gate = 0; gate < gates; gate++) {
      for (let unit = 0; unit < hidden; unit++) {
        for (let i = 0; i < inputs; i++) {
          const ours = i * gates * hidden + unit * gates + gate;
          expect(theirs[(gate * hidden + unit) * inputs + i]).toBe(ours);
        }
      }
    }
    const bias = interleaved(gates, hidden, null, 'zeros');
    expect([...toTorch(bias, numbers(12))]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  });

  test('there and back is exact', () => {
    const cases = [
      transposed(5, 7, 'zeros'),
      interleaved(3, 5, 4, 'zeros'),
      interleaved(4, 6, null, 'zeros'),
    ];
    for (const parameter of cases) {
      const special = [0x7f800000, 0xff800000, 0x80000000, 1, 0x807fffff, 0x7fc00000];
      const bits = Uint32Array.from(
        { length: parameter.size },
        (_, i) => special[i % 7] ?? 0x3f800000 + i * 7919,
      );
      const values = new Float32Array(bits.buffer);
      expect([...bitsOf(fromTorch(parameter, toTorch(parameter, values)))]).toEqual([...bits]);
      expect([...bitsOf(toTorch(parameter, fromTorch(parameter, values)))]).toEqual([...bits]);
    }
  });
});

describe('a checkpoint', () => {
  /** The memory of an engine: what reads and writes of states need. */
  class Memory {
    readonly flats = new Map<State, Float32Array>();

    async read(state: State): Promise<Float32Array> {
      const { flat, offset } = state.home ?? { flat: state, offset: 0 };
      if (!this.flats.has(flat)) this.flats.set(flat, new Float32Array(flat.size));
      return this.flats.get(flat)!.slice(offset, offset + state.size);
    }

    write(state: State, data: Float32Array, start?: number): void {
      const { flat, offset } = state.home ?? { flat: state, offset: 0 };
      if (start === undefined && data.length !== state.size) throw new Error('wrong size');
      const values = this.flats.get(flat) ?? new Float32Array(flat.size);
      values.set(data, offset + (start ?? 0));
      this.flats.set(flat, values);
    }

    fill(state: State, seed: number): void {
      const random = new Random(seed);
      this.write(
        state,
        Float32Array.from({ length: state.size }, () => random.uniform()),
      );
    }
  }

  class Net extends Module {
    readonly first = new Linear(3, 5);
    readonly second = new Linear(5, 2);

    override forward(): never {
      throw new Error('only its parameters matter here');
    }
  }

  const made = () => {
    const model = new Net();
    const optimizer = new Adam(model.parameters(), { learningRate: 1e-3 });
    const memory = new Memory();
    return { model, optimizer, memory, engine: memory as unknown as Engine };
  };

  const filled = async () => {
    const { model, optimizer, memory, engine } = made();
    [optimizer.flat, ...Object.values(optimizer.moments)].forEach((state, i) => memory.fill(state, i));
    optimizer.steps = 17;
    const progress = { step: 17, order: [3, 1, 2] };
    const file = encodeSafetensors(await saveCheckpoint(engine, { model, optimizer, progress }));
    return { file, memory, optimizer };
  };

  test("has PyTorch's names and shapes", async () => {
    const { tensors, metadata } = decoded((await filled()).file);
    expect([...tensors].map(([name, { shape }]) => `${name} ${JSON.stringify(shape)}`))
      .toMatchInlineSnapshot(`
      [
        "first.weight [5,3]",
        "first.bias [5]",
        "second.weight [2,5]",
        "second.bias [2]",
        "optimizer.exp_avg.first.weight [5,3]",
        "optimizer.exp_avg.first.bias [5]",
        "optimizer.exp_avg.second.weight [2,5]",
        "optimizer.exp_avg.second.bias [2]",
        "optimizer.exp_avg_sq.first.weight [5,3]",
        "optimizer.exp_avg_sq.first.bias [5]",
        "optimizer.exp_avg_sq.second.weight [2,5]",
        "optimizer.exp_avg_sq.second.bias [2]",
      ]
    `);
    expect(metadata).toMatchInlineSnapshot(`
      {
        "format": "pt",
        "optimizer": "{"name":"Adam","steps":17}",
        "progress": "{"step":17,"order":[3,1,2]}",
      }
    `);
  });

  test('goes on bit for bit', async () => {
    const { file, memory, optimizer } = await filled();
    const other = made();
    loadCheckpoint(other.engine, decoded(file), 'a.safetensors', other);
    expect(other.optimizer.steps).toBe(17);
    const pairs = [
      [optimizer.flat, other.optimizer.flat],
      [optimizer.moments.exp_avg, other.optimizer.moments.exp_avg],
      [optimizer.moments.exp_avg_sq, other.optimizer.moments.exp_avg_sq],
    ];
    for (const [one, two] of pairs) {
      const [before, after] = [memory.flats.get(one)!, other.memory.flats.get(two)!];
      for (const { home, size } of optimizer.flat.members) {
        const { offset } = home!;
        expect(after.slice(offset, offset + size)).toEqual(before.slice(offset, offset + size));
      }
    }
    expect(progressOf(decoded(file), 'a.safetensors')).toEqual({ step: 17, order: [3, 1, 2] });
  });

  test('that does not fit changes nothing and says why', async () => {
    const { file } = await filled();
    const attempt = (change: (tensors: Map<string, { shape: number[]; data: Float32Array }>) => void) => {
      const { tensors, metadata } = decoded(file);
      change(tensors as never);
      const other = made();
      const text = message(() => loadCheckpoint(other.engine, { tensors, metadata }, 'a.safetensors', other));
      expect(other.memory.flats.size).toBe(0);
      return text;
    };
    expect(attempt((tensors) => tensors.delete('second.bias'))).toMatchInlineSnapshot(`
      "a.safetensors: it has no second.bias [2].
          it has first.weight, first.bias, second.weight, optimizer.exp_avg.first.weight, optimizer.exp_avg.first.bias, optimizer.exp_avg.second.weight, …
          fix: build the model with the settings that the checkpoint was made with."
    `);
    expect(attempt((tensors) => tensors.set('third', { shape: [1], data: Float32Array.of(1) })))
      .toMatchInlineSnapshot(`
      "a.safetensors: it has third, which this model has not.
          the model has first.weight, first.bias, second.weight, second.bias
          fix: build the model with the settings that the checkpoint was made with."
    `);
    expect(attempt((tensors) => tensors.set('first.weight', { shape: [3, 5], data: new Float32Array(15) })))
      .toMatchInlineSnapshot(`
      "a.safetensors: first.weight is [3, 5] there, but [5, 3] in this model.
          fix: build the model with the settings that the checkpoint was made with."
    `);
    expect(attempt((tensors) => tensors.delete('optimizer.exp_avg.first.weight'))).toMatch(
      /it has no optimizer\.exp_avg/,
    );
  });

  test('with metadata that is no use', async () => {
    const { tensors } = decoded((await filled()).file);
    const attempt = (metadata: Record<string, string>) => {
      const other = made();
      return message(() => loadCheckpoint(other.engine, { tensors, metadata }, 'a.safetensors', other)).split(
        '\n',
      )[0];
    };
    expect(attempt({})).toMatchInlineSnapshot(
      `"a.safetensors: it was saved with no optimizer, this run uses Adam."`,
    );
    expect(attempt({ optimizer: '{' })).toMatchInlineSnapshot(`"a.safetensors: its metadata is not JSON."`);
    expect(attempt({ optimizer: '{"name":"SGD","steps":1}' })).toMatchInlineSnapshot(
      `"a.safetensors: it was saved with SGD, this run uses Adam."`,
    );
  });
});
