// The data modules in plain Node: generators against their published definitions, batches, the data folder,
// downloads from a server on this machine, and the anchors on the real files where a data folder has them.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, inflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adding, PREDICT_ONE_MSE } from '../../src/data/adding';
import { copyMemory, guessZeroLoss } from '../../src/data/copyMemory';
import { dataFile, dataFolder } from '../../src/data/folder.node';
import { musicFromMatlab, readMatlab } from '../../src/data/matlab';
import * as music from '../../src/data/music';
import { Random } from '../../src/random';
import { published } from '../harness/data';
import { fetchData, listData, SOURCES, type Source } from '../../src/data/sources.node';
import { fileInZip } from '../../src/data/zip';

const many = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
const mean = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0) / list.length;

describe('Random', () => {
  test('is sfc32: the same words as the definition in big integers', () => {
    const random = new Random(2024);
    let [a, b, c, counter] = random.save().map(BigInt);
    const next = (): number => {
      const out = BigInt.asUintN(32, a + b + counter++);
      a = b ^ (b >> 9n);
      b = BigInt.asUintN(32, c + (c << 3n));
      c = BigInt.asUintN(32, ((c << 21n) | (c >> 11n)) + out);
      return Number(out);
    };
    expect(many(1000, () => random.integer(2 ** 32))).toEqual(many(1000, next));
  });

  test('gives these numbers on every platform', () => {
    const random = new Random(1);
    expect(many(3, () => random.integer(1000))).toEqual([182, 7, 954]);
    expect(many(2, () => random.uniform())).toEqual([0.0006662069280951588, 0.4364642765994976]);
    expect(many(2, () => random.normal())).toEqual([-0.947102774800113, 0.8295314385304767]);
    expect(random.fork('dropout').save()).toEqual([
      364789020, 2775310970, 2388841550, 13, 1459447492, 404817689,
    ]);
  });

  test('uniform and normal have their moments, integer and shuffle are fair', () => {
    const random = new Random(5);
    const u = many(100_000, () => random.uniform());
    expect(Math.min(...u.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u.slice(0, 50_000))).toBeLessThan(1);
    expect(mean(u)).toBeCloseTo(1 / 2, 2);
    expect(mean(u.map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 3);
    const z = many(100_000, () => random.normal());
    [0, 1, 0, 3].forEach((moment, i) => {
      expect(Math.abs(mean(z.map((x) => x ** (i + 1))) - moment)).toBeLessThan(0.1);
    });
    expect(mean(z.map((x) => (Math.abs(x) < 1.96 ? 1 : 0)))).toBeCloseTo(0.95, 2);
    const faces = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      for (const face of [`${random.integer(6)}`, random.shuffle(['a', 'b', 'c']).join('')]) {
        faces.set(face, (faces.get(face) ?? 0) + 1);
      }
    }
    expect(faces.size).toBe(12);
    for (const count of faces.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500); // 5.5 sigma
  });

  test('continues bit for bit from a saved state, through JSON', () => {
    const random = new Random(-7);
    random.normal();
    const saved = JSON.parse(JSON.stringify(random.save()));
    const draw = (from: Random): unknown => [
      from.normal(),
      from.uniform(),
      from.integer(9),
      from.fork('a').save(),
    ];
    const other = new Random(0);
    other.restore(saved);
    expect(draw(other)).toEqual(draw(random));
  });

  test('forks depend on the seed and the name only; seeds and names differ', () => {
    const random = new Random(3);
    const before = random.fork('init').save();
    random.uniform();
    expect(random.fork('init').save()).toEqual(before);
    const seeds = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32)].map((seed) => new Random(seed));
    const names = ['', 'a', 'b', 'ab', 'ba', 'aa'].map((name) => random.fork(name));
    const nested = [random.fork('a').fork('b'), random.fork('b').fork('a')];
    const streams = [random, ...seeds, ...names, ...nested].map((stream) => String(stream.save()));
    expect(new Set(streams).size).toBe(streams.length);
  });

  test('says what it cannot do', () => {
    expect(() => new Random(0.5)).toThrow('the seed is 0.5');
    expect(() => new Random(1).integer(0)).toThrow('integer(0) has no range');
    expect(() => new Random(1).restore([1, 2, 3])).toThrow('[1,2,3] is no saved state');
  });
});

test('copyMemory is the published task', () => {
  const T = 7;
  const { x, ids, targets } = copyMemory({ length: T, batch: 400, random: new Random(1) });
  expect([x.shape, ids.shape, targets.shape]).toEqual([
    [400, T + 20, 1],
    [400, T + 20],
    [400, T + 20],
  ]);
  expect([...x.data]).toEqual([...ids.data]);
  const seen = new Set<number>();
  for (let b = 0; b < 400; b++) {
    const digits = [...ids.data.subarray(b * (T + 20), b * (T + 20) + 10)];
    digits.forEach((digit) => seen.add(digit));
    const [input, target] = [ids, targets].map((a) => [...a.data.subarray(b * (T + 20), (b + 1) * (T + 20))]);
    expect(input).toEqual([...digits, ...many(T - 1, () => 0), ...many(11, () => 9)]);
    expect(target).toEqual([...many(T + 10, () => 0), ...digits]);
  }
  expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect([500, 1000, 2000].map((t) => guessZeroLoss(t).toFixed(4))).toEqual(['0.0400', '0.0204', '0.0103']);
  const again = copyMemory({ length: T, batch: 400, random: new Random(1) });
  expect(again.ids.data).toEqual(ids.data);
  expect(() => copyMemory({ length: 0, batch: 1, random: new Random(1) })).toThrow('length is 0');
});

test('adding is the published task', () => {
  const [T, B] = [5, 20_000];
  const { x, target } = adding({ length: T, batch: B, random: new Random(1) });
  expect([x.shape, target.shape]).toEqual([
    [B, T, 2],
    [B, 1],
  ]);
  const pairs = new Map<string, number>();
  for (let b = 0; b < B; b++) {
    const steps = many(T, () => 0).map((_, t) => [x.data[(b * T + t) * 2], x.data[(b * T + t) * 2 + 1]]);
    const marked = steps.flatMap(([, mark], t) => (mark === 1 ? [t] : []));
    const zeros = steps.filter(([, mark]) => mark === 0).length;
    if (marked.length !== 2 || zeros !== T - 2) throw new Error(`row ${b} has marks ${marked}`);
    expect(target.data[b]).toBe(Math.fround(steps[marked[0]][0] + steps[marked[1]][0]));
    pairs.set(marked.join(), (pairs.get(marked.join()) ?? 0) + 1);
  }
  expect(pairs.size).toBe(10);
  for (const count of pairs.values()) expect(Math.abs(count - B / 10)).toBeLessThan(250); // 5.9 sigma
  expect(mean([...target.data].map((y) => (y - 1) ** 2))).toBeCloseTo(PREDICT_ONE_MSE, 2);
  expect(() => adding({ length: 1, batch: 1, random: new Random(1) })).toThrow('length is 1');
});

describe('music', () => {
  const lengths = new Random(9);
  const pieces: music.Piece[] = many(23, () => many(2 + lengths.integer(50), () => [lengths.integer(88)]));
  const tiny = { name: 'tiny', keys: 88, train: [[[1], [2, 3]]], valid: [[[0]]], test: [[[87], []]] };
  const changed =
    (change: object): (() => unknown) =>
    () =>
      music.parseMusic(JSON.stringify({ ...tiny, ...change }), 'x.json');

  test('reads its own text and names what is wrong', () => {
    expect(music.parseMusic(music.musicText(tiny))).toEqual(tiny);
    expect(() => music.parseMusic('{"name', 'x.json')).toThrow('music: x.json is not JSON');
    expect(() => music.parseMusic('null', 'x.json')).toThrow('x.json has no name');
    expect(changed({ keys: 87 })).toThrow('x.json says keys 87 where 88 are expected');
    expect(changed({ valid: [] })).toThrow('x.json has no pieces under "valid"');
    expect(changed({ train: [[[1]], []] })).toThrow('x.json has train piece 1 without a step');
    expect(changed({ test: [[[1], [88]]] })).toThrow(
      'test piece 0 with step 1 = [88]: key 88 is not in 0..87',
    );
    expect(changed({ test: [[[2, 1]]] })).toThrow('step 0 = [2,1]: keys are sorted and distinct');
    expect(changed({ test: [[['1']]] })).toThrow('key "1" is not in 0..87');
    expect(changed({ test: [[1]] })).toThrow('test piece 0 whose step 0 is not a list of keys');
  });

  test('an epoch has every piece once, padded, with a weight for each predicted step', () => {
    const epoch = music.batches({ pieces, batch: 5, random: new Random(1) });
    const list = [...epoch];
    expect(list.length).toBe(epoch.count);
    expect(list.flatMap((b) => b.rows).sort((i, j) => i - j)).toEqual(pieces.map((_, i) => i));
    expect(list.reduce((sum, b) => sum + b.predicted, 0)).toBe(music.predictedSteps(pieces));
    for (const { x, targets, weights, predicted, rows } of list) {
      const [B, T] = weights.shape;
      expect([B, T % 16, x.shape, targets.shape]).toEqual([5, 0, [B, T, 88], [B, T, 88]]);
      expect(mean([...weights.data]) * B * T).toBeCloseTo(predicted, 6);
      const keysAt = (a: typeof x, row: number, t: number): number[] =>
        [...a.data.subarray((row * T + t) * 88, (row * T + t + 1) * 88)].flatMap((on, key) =>
          on ? [key] : [],
        );
      for (let row = 0; row < B; row++) {
        for (let t = 0; t < T; t++) {
          const piece = pieces[rows[row]] ?? [];
          const counts = t + 1 < piece.length;
          expect(weights.data[row * T + t]).toBe(counts ? 1 : 0);
          expect(keysAt(x, row, t)).toEqual(counts ? piece[t] : []);
          expect(keysAt(targets, row, t)).toEqual(counts ? piece[t + 1] : []);
        }
      }
      const longest = Math.max(...rows.map((index) => pieces[index].length - 1));
      expect(T - longest).toBeLessThan(16);
    }
  });

  test('the order is seeded, changes every epoch, and continues from a saved position', () => {
    const rows = (random?: Random): string =>
      JSON.stringify([...music.batches({ pieces, batch: 3, random })].map((b) => b.rows));
    const random = new Random(4);
    const first = rows(random);
    expect(first).toBe(rows(new Random(4)));
    expect(first).not.toBe(rows(random));
    expect(rows()).toBe(rows());
    const epoch = music.batches({ pieces, batch: 3, random });
    epoch.next();
    epoch.next();
    const resume = JSON.parse(JSON.stringify(epoch.save()));
    const other = new Random(0);
    const rest = [...music.batches({ pieces, batch: 3, random: other, resume })];
    expect(rest).toEqual([...epoch]);
    expect(other.save()).toEqual(random.save());
    expect(() => music.batches({ pieces, batch: 3, resume })).toThrow('is no position in these 8 batches');
    expect(() => music.batches({ pieces, batch: 0 })).toThrow('batch 0, bucket 16');
  });

  for (const [name, marginal, markov] of [
    ['jsb-chorales', 11.091, 10.491],
    ['nottingham', 10.261, 5.153],
  ] as const) {
    const file = `poly-music/${name}.json`;
    const paths = published(`anchors of ${file}`, [file]);
    test.skipIf(!paths)(`anchors of ${file} are the published ones`, { timeout: 60_000 }, () => {
      const text = readFileSync(paths![0], 'utf8');
      const { train, test: held, ...rest } = music.parseMusic(text, file);
      expect(music.marginalNll(train, held)).toBeCloseTo(marginal, 3);
      expect(music.markovNll(train, held)).toBeCloseTo(markov, 3);
      expect(music.musicText({ train, test: held, ...rest })).toBe(text);
    });
  }
});

describe('matlab', () => {
  const tiny = readFileSync(new URL('../fixtures/tinyMusic.mat', import.meta.url));

  test('reads a file that SciPy wrote', async () => {
    const variables = await readMatlab(tiny);
    expect([...variables.keys()].sort()).toEqual(['note', 'nr', 'testdata', 'traindata', 'validdata']);
    expect(variables.get('nr')).toMatchObject({ kind: 'matrix', shape: [1, 1], values: { 0: 7 } });
    expect(variables.get('note')).toEqual({ kind: 'other', what: 'text' });
    expect(musicFromMatlab('tiny', variables)).toEqual({
      name: 'tiny',
      keys: 88,
      train: [
        [[0, 87], [], [39, 51, 58]],
        [[1], [2]],
      ],
      valid: [
        [
          [10, 20],
          [10, 21],
        ],
      ],
      test: [[[5], [], [], [86]]],
    });
  });

  test('reads both byte orders, doubles stored as smaller types, and empty cells', async () => {
    for (const little of [true, false]) {
      const doubles = element(little, 4, Buffer.from(little ? [1, 2, 3, 0] : [2, 1, 0, 3]));
      const m = matrix(little, 6, [1, 2], 'm', doubles);
      const c = matrix(little, 1, [1, 2], 'cc', Buffer.concat([m, element(little, 14, Buffer.alloc(0))]));
      const variables = await readMatlab(Buffer.concat([matlabHeader(little), m, c]));
      const inner = { kind: 'matrix', shape: [1, 2], values: Float64Array.of(0x0201, 3) };
      expect(variables.get('m')).toEqual(inner);
      const empty = { kind: 'matrix', shape: [0, 0], values: [] };
      expect(variables.get('cc')).toEqual({ kind: 'cells', shape: [1, 2], cells: [inner, empty] });
    }
  });

  test('says what is wrong with a file', async () => {
    await expect(readMatlab(Buffer.from('<!DOCTYPE html><html>'))).rejects.toThrow('is no MATLAB 5 file');
    await expect(readMatlab(tiny.subarray(0, 300))).rejects.toThrow('the file is cut short');
    expect(() => musicFromMatlab('tiny', new Map())).toThrow('tiny has no cell array traindata');
    const wide = matrix(true, 9, [1, 2], 'traindata', element(true, 2, Buffer.from([1, 0])));
    const cells = matrix(true, 1, [1, 1], 'traindata', wide);
    const variables = await readMatlab(Buffer.concat([matlabHeader(true), cells]));
    expect(() => musicFromMatlab('tiny', variables)).toThrow(
      'traindata 0 is matrix [1, 2] where a matrix of T rows',
    );
    const short = matrix(true, 9, [2, 2], 'm', element(true, 2, Buffer.from([1, 0])));
    const file = Buffer.concat([matlabHeader(true), short]);
    await expect(readMatlab(file)).rejects.toThrow('m [2, 2] has 2 values instead of 4');
  });

  const words = (little: boolean, ...list: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * list.length);
    list.forEach((word, i) => (little ? bytes.writeInt32LE(word, 4 * i) : bytes.writeInt32BE(word, 4 * i)));
    return bytes;
  };
  function element(little: boolean, type: number, bytes: Buffer): Buffer {
    return Buffer.concat([
      words(little, type, bytes.length),
      bytes,
      Buffer.alloc((8 - (bytes.length % 8)) % 8),
    ]);
  }
  function matrix(little: boolean, kind: number, shape: number[], name: string, values: Buffer): Buffer {
    const head = [element(little, 6, words(little, kind, 0)), element(little, 5, words(little, ...shape))];
    return element(little, 14, Buffer.concat([...head, element(little, 1, Buffer.from(name)), values]));
  }
  function matlabHeader(little: boolean): Buffer {
    return Buffer.from('MATLAB 5.0'.padEnd(124) + (little ? '\x00\x01IM' : '\x01\x00MI'), 'latin1');
  }
});

describe('the data folder', () => {
  test('is --data, else SEQGPU_DATA, else the cache', () => {
    const env = {
      SEQGPU_DATA: '/from/env',
      XDG_CACHE_HOME: '/xdg',
      HOME: '/home/me',
      LOCALAPPDATA: '/local',
    };
    const none = { ...env, SEQGPU_DATA: '' };
    expect(dataFolder({ option: '/given', env })).toBe('/given');
    expect(dataFolder({ option: 'here', env })).toBe(join(process.cwd(), 'here'));
    expect(dataFolder({ env, platform: 'linux' })).toBe('/from/env');
    expect(dataFolder({ env: none, platform: 'linux' })).toBe('/xdg/seqgpu');
    expect(dataFolder({ env: { ...none, XDG_CACHE_HOME: 'relative' }, platform: 'darwin' })).toBe(
      '/home/me/.cache/seqgpu',
    );
    expect(dataFolder({ env: {}, platform: 'linux' })).toBe(join(homedir(), '.cache', 'seqgpu'));
    expect(dataFolder({ env: none, platform: 'win32' })).toBe(join('/local', 'seqgpu'));
  });

  test('says which file is missing, where it looked and how to get it', () => {
    const missing = (name: string, option?: string) => (): string =>
      dataFile(name, { option, env: { SEQGPU_DATA: '/nowhere' } });
    expect(missing('poly-music/jsb-chorales.json')).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: data: poly-music/jsb-chorales.json is missing.
          looked in /nowhere (from SEQGPU_DATA)
          fix: run \`npx seqgpu data jsb\`, or name another folder with --data DIR.]
    `);
    expect(missing('poly-music/nottingham.json', '/else')).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: data: poly-music/nottingham.json is missing.
          looked in /else (from --data)
          fix: run \`npx seqgpu data nottingham --data /else\`, or name another folder with --data DIR.]
    `);
    expect(missing('other.txt')).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: data: other.txt is missing.
          looked in /nowhere (from SEQGPU_DATA)
          fix: see \`npx seqgpu data\` for known files.]
    `);
  });
});

describe('zip', () => {
  // Python's zipfile: _about.txt as it is, fra.txt deflated, and a comment behind the directory.
  const zip = Buffer.from(
    [
      'UEsDBBQAAAAAAAAAPUvjIvS1BQAAAAUAAAAKAAAAX2Fib3V0LnR4dGFib3V0UEsDBBQAAAAIAAAAPUvQTk75DgAAALQAAAAHAAAA',
      'ZnJhLnR4dHPP1+MMS1RQ5HIfOgwAUEsBAhQDFAAAAAAAAAA9S+Mi9LUFAAAABQAAAAoAAAAAAAAAAAAAAIABAAAAAF9hYm91dC50',
      'eHRQSwECFAMUAAAACAAAAD1L0E5O+Q4AAAC0AAAABwAAAAAAAAAAAAAAgAEtAAAAZnJhLnR4dFBLBQYAAAAAAgACAG0AAABgAAAA',
      'EABQSyBvZiBtYW55dGhpbmdz',
    ].join(''),
    'base64',
  );
  const text = (name: string, from: Uint8Array = zip) =>
    new TextDecoder().decode(fileInZip(from, name, inflateRawSync));

  test('gives a file of it, stored or deflated', () => {
    expect(text('_about.txt')).toBe('about');
    expect(text('fra.txt')).toBe('Go.\tVa !\n'.repeat(20));
  });

  test('says what is there instead, and what is damaged', () => {
    expect(() => text('deu.txt')).toThrow(
      /there is no deu\.txt in it\.[^]*2 files: "_about\.txt", "fra\.txt"/,
    );
    const damaged = zip.slice();
    damaged.fill(255, 82, 96);
    expect(() => text('fra.txt', damaged)).toThrow(/zip: fra\.txt cannot be unpacked: /);
    expect(() => text('fra.txt', zip.subarray(0, 60))).toThrow('zip: it has no directory');
    expect(() => text('fra.txt', zip.subarray(20))).toThrow(/zip: (its directory|fra\.txt) is cut off/);
  });
});

describe('fetchData', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const published = Buffer.from(many(60_000, () => 'abc').join(''));
  const converted = Buffer.from('converted');
  let folder = '';
  let lines: string[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void server.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqgpu-data-'));
    lines = [];
    ranges.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const url = (name = 'toy.bin'): string =>
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const files = (): string[] => readdirSync(folder, { recursive: true }).map(String).sort();
  function get(change: Partial<Source['files'][number]> = {}, deadlineMs = 10_000): Promise<string[]> {
    const file = { path: 'toys/toy.txt', sha256: sha256(converted), urls: [url()], ...change };
    const made = { downloadSha256: sha256(published), convert: () => converted, ...file };
    const sources = [{ name: 'toy', title: 'Toy', files: [made] }];
    return fetchData('toy', folder, (line) => lines.push(line), {
      ...{ sources, retryMs: 1, stallMs: 300, deadlineMs },
    });
  }

  test('downloads, converts and keeps only the result; a second call does nothing', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': published.length }).end(published);
    const [path] = await get();
    expect(readFileSync(path)).toEqual(converted);
    expect(files()).toEqual(['toys', 'toys/toy.txt']);
    expect(lines).toContain(`${url()}: 100 % of 0.18 MB`);
    expect(lines.at(-1)).toBe(`${path} is ready: 0.00 MB, sha256 as expected.`);
    answer = (_, response) => response.writeHead(500).end();
    await get();
    expect(lines.at(-1)).toBe(`${path} is there already.`);
    expect(ranges.length).toBe(1);
  });

  test('of a download whose checksum nobody knows only what is made of it is checked', async () => {
    answer = (_, response) => response.end(Buffer.from('anything'));
    const [path] = await get({ downloadSha256: undefined });
    expect(readFileSync(path)).toEqual(converted);
    rmSync(path);
    await expect(get({ downloadSha256: undefined, convert: () => published })).rejects.toThrow(
      /as converted has other bytes/,
    );
    expect(files()).toEqual(['toys']);
  });

  test('takes up a broken download where it broke, also when the server cannot', async () => {
    for (const canContinue of [true, false]) {
      ranges.length = 0;
      answer = (request, response) => {
        if (!request.headers.range) {
          response
            .writeHead(200, { 'content-length': published.length })
            .write(published.subarray(0, 50_000));
          if (ranges.length === 1) setTimeout(() => response.destroy(), 50);
          else response.end(published.subarray(50_000));
          return;
        }
        const from = canContinue ? Number(/\d+/.exec(request.headers.range)?.[0]) : 0;
        const range = { 'content-range': `bytes ${from}-${published.length - 1}/${published.length}` };
        response.writeHead(canContinue ? 206 : 200, canContinue ? range : {}).end(published.subarray(from));
      };
      expect(readFileSync((await get())[0])).toEqual(converted);
      expect(ranges).toEqual([undefined, 'bytes=50000-']);
      expect(lines.some((line) => line.endsWith('trying again from byte 50000.'))).toBe(true);
      rmSync(join(folder, 'toys'), { recursive: true });
    }
  });

  test('leaves nothing behind after 404, other bytes, a server that stops, or no server', async () => {
    const hand = `by hand:\n    curl -L --create-dirs -o "${join(folder, 'toys', 'toy.bin')}"`;
    answer = (_, response) => response.writeHead(404).end('no');
    await expect(get()).rejects.toThrow(`data: toy could not be downloaded.\n    ${url()}: HTTP 404\n`);
    await expect(get()).rejects.toThrow(hand);
    expect(ranges.length).toBe(2);
    answer = (_, response) => response.end('<html>sign in</html>');
    await expect(get()).rejects.toThrow(
      /toy.bin has other bytes than the published file.\n +20 bytes, sha256 [0-9a-f]{64}, exp/,
    );
    answer = (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('half');
    await expect(get()).rejects.toThrow('no byte for 0.3 s');
    await expect(get({ urls: ['http://127.0.0.1:1/toy.bin'] })).rejects.toThrow(
      /127.0.0.1:1\/toy.bin: fetch failed/,
    );
    answer = (_, response) => response.end(published);
    await expect(get({ convert: () => Buffer.from('x') })).rejects.toThrow('as converted has other bytes');
    expect(files()).toEqual([]);
  });

  test('gives up what is too much, too slow, or swells when it is unpacked', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-length': 2 ** 28 }).write('x');
    await expect(get()).rejects.toThrow(`${url()}: 268.44 MB, more than 134.22 MB`);
    expect(ranges.length).toBe(1);
    answer = (_, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    await expect(get({}, 500)).rejects.toThrow('not here after 0.5 s');
    const bomb = gzipSync(new Uint8Array(2 ** 27 + 1), { level: 9 });
    answer = (_, response) => response.end(bomb);
    const change = { sha256: sha256(published), gzip: true, downloadSha256: undefined, convert: undefined };
    await expect(get(change)).rejects.toThrow(`${bomb.length} bytes, sha256 ${sha256(bomb)}`);
    expect(files()).toEqual([]);
  });

  test('a gzip file is what is in it, however it was compressed', async () => {
    const [fast, small] = [1, 9].map((level) => gzipSync(published, { level }));
    expect(fast.equals(small)).toBe(false);
    const change = { sha256: sha256(published), gzip: true, downloadSha256: undefined, convert: undefined };
    answer = (_, response) => response.end(fast);
    const [path] = await get(change);
    expect(readFileSync(path)).toEqual(fast);
    writeFileSync(path, small);
    await get(change);
    expect(lines.at(-1)).toBe(`${path} is there already.`);
    writeFileSync(path, small.subarray(0, 100));
    await expect(get(change)).rejects.toThrow('its bytes are not those of the published file');
    rmSync(path);
    answer = (_, response) => response.end(fast.subarray(0, -9));
    await expect(get(change)).rejects.toThrow('has other bytes than the published file');
  });

  test('tries the next address, takes a file put there by hand, keeps a file that differs', async () => {
    answer = (request, response) => {
      if (request.url === '/gone') response.writeHead(404);
      response.end(published);
    };
    const [path] = await get({ urls: [url('gone'), url()] });
    writeFileSync(path, 'mine');
    await expect(get()).rejects.toThrow('its bytes are not those of the published file');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    rmSync(path);
    answer = (_, response) => response.writeHead(404).end();
    writeFileSync(join(dirname(path), 'toy.bin'), 'wrong');
    await expect(get()).rejects.toThrow('toy.bin has other bytes than the published file');
    writeFileSync(join(dirname(path), 'toy.bin'), published);
    expect(readFileSync((await get())[0])).toEqual(converted);
    expect(files()).toEqual(['toys', 'toys/toy.bin', 'toys/toy.txt']);
  });

  test('an unwritable folder and an unknown name are errors; the list shows what is present', async () => {
    answer = (_, response) => response.end(published);
    writeFileSync(join(folder, 'toys'), 'a file in the way');
    await expect(get()).rejects.toThrow(/cannot be written: .*--data DIR/s);
    await expect(fetchData('jbs', folder, () => {})).rejects.toThrow(
      'fix: choose one of jsb, nottingham, mnist, wikitext-2, shakespeare, eng-fra, fsdd.',
    );
    mkdirSync(join(folder, 'poly-music'));
    writeFileSync(join(folder, 'poly-music', 'nottingham.json'), '{}');
    expect(listData(folder).map(({ source, state }) => [source.name, state])).toEqual([
      ['jsb', 'missing'],
      ['nottingham', 'different'],
      ...Array<string[]>(4).fill(['mnist', 'missing']),
      ...Array<string[]>(3).fill(['wikitext-2', 'missing']),
      ['shakespeare', 'missing'],
      ['eng-fra', 'missing'],
      ['fsdd', 'missing'],
    ]);
    for (const { urls } of SOURCES.flatMap((source) => source.files)) expect(urls[0]).toMatch(/^https:/);
  });

  test('a collection of files is checked as a whole, and only what is missing is fetched', async () => {
    const names = many(11, () => 0).map((_, i) => `${i}.wav`);
    const sums = [...names].sort().map((name) => `${sha256(Buffer.from(`/x/${name}`))}  toys/${name}\n`);
    const collection = {
      folder: 'toys',
      names,
      urls: [url('gone'), url('x')],
      sha256: sha256(Buffer.from(sums.join(''))),
    };
    const sources = [{ name: 'toy', title: 'Toy', files: [], collection }];
    const fetched = () =>
      fetchData('toy', folder, (line) => lines.push(line), { sources, retryMs: 1, stallMs: 300 });
    const states = () => listData(folder, sources).map(({ path, state }) => [path, state]);
    let spoilt = '';
    answer = ({ url: path = '' }, response) => {
      if (path.startsWith('/gone')) response.writeHead(404);
      response.end(path === spoilt ? 'other' : path);
    };
    expect(states()).toEqual([[join(folder, 'toys'), 'missing']]);
    spoilt = '/x/7.wav';
    await expect(fetched()).rejects.toThrow(
      /bytes of its 11 files are not the published ones[^]*0 were there/,
    );
    expect(files()).toEqual([]);
    spoilt = '';
    expect(await fetched()).toEqual([join(folder, 'toys')]);
    expect(states()).toEqual([[join(folder, 'toys'), 'present']]);
    rmSync(join(folder, 'toys', '10.wav'));
    const before = ranges.length;
    await fetched();
    expect(ranges.length).toBe(before + 2);
    writeFileSync(join(folder, 'toys', '3.wav'), 'mine');
    expect(states()).toEqual([[join(folder, 'toys'), 'different']]);
    await expect(fetched()).rejects.toThrow('move');
    expect(readFileSync(join(folder, 'toys', '3.wav'), 'utf8')).toBe('mine');
    answer = (_, response) => response.writeHead(404).end();
    rmSync(join(folder, 'toys', '3.wav'));
    await expect(fetched()).rejects.toThrow(/toy could not be downloaded[^]*HTTP 404[^]*by hand/);
    expect(existsSync(join(folder, 'toys.partial'))).toBe(false);
    expect(() => dataFile('toys/3.wav', { option: folder, sources })).toThrow('npx seqgpu data toy --data');
  });

  test('a collection stops at its first failure, and keeps what has come for the next call', async () => {
    const names = many(100, () => 0).map((_, i) => `${String(i).padStart(2, '0')}.wav`);
    const lines = names.map((name) => `${sha256(Buffer.from(`/x/${name}`))}  toys/${name}\n`);
    const collection = {
      folder: 'toys',
      names,
      urls: [url('x')],
      sha256: sha256(Buffer.from(lines.join(''))),
    };
    const sources = [{ name: 'toy', title: 'Toy', files: [], collection }];
    const fetched = () => fetchData('toy', folder, () => {}, { sources, retryMs: 1, stallMs: 300 });
    answer = ({ url: path = '' }, response) => {
      response.writeHead(path === '/x/20.wav' ? 404 : 200).end(path);
    };
    await expect(fetched()).rejects.toThrow(
      new RegExp(`/x/20.wav: HTTP 404[^]*put the files into ${join(folder, 'toys')} by hand`),
    );
    expect(ranges.length).toBeLessThan(40);
    expect(existsSync(join(folder, 'toys'))).toBe(false);
    const kept = readdirSync(join(folder, 'toys.partial'));
    expect(kept.length).toBeGreaterThan(10);
    const second: string[] = [];
    answer = ({ url: path = '' }, response) => {
      second.push(path.slice('/x/'.length));
      response.end(path);
    };
    expect(await fetched()).toEqual([join(folder, 'toys')]);
    expect(kept.filter((file) => second.includes(file))).toEqual([]);
    expect(readdirSync(folder)).toEqual(['toys']);
  });
});
