// MNIST: the files, sequences of pixels, batches in an order that can be saved, and what is wrong with a file.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readData } from '../../src/runs/readData.node';
import { readIdx } from '../../src/data/idx';
import {
  PIXELS,
  imageBatch,
  permutation,
  readImages,
  someImages,
  type Images,
  type Mnist,
} from '../../src/data/mnist';
import { Random } from '../../src/random';
import { mnist, permutedMnist } from '../../src/tasks/mnist/index';
import { mnistTask } from '../../src/tasks/mnist/mnistTask';
import { published } from '../harness/data';

/** An IDX file of bytes. */
function idx(shape: readonly number[], data: Uint8Array, magic = 0x0800 + shape.length): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  [magic, ...shape].forEach((word, i) => header.setUint32(4 * i, word));
  const file = new Uint8Array(header.byteLength + data.length);
  file.set(new Uint8Array(header.buffer));
  file.set(data, header.byteLength);
  return file;
}

/** Image i has the pixels (i + j) mod 256 and the digit i mod 10. */
function images(count: number): Images {
  const pixels = new Uint8Array(count * PIXELS);
  for (let at = 0; at < pixels.length; at++) pixels[at] = Math.floor(at / PIXELS) + (at % PIXELS);
  return { pixels, labels: Uint8Array.from({ length: count }, (_, i) => i % 10) };
}

describe('files', () => {
  const { pixels, labels } = images(3);
  const where = ['images', 'digits'] as const;

  test('two IDX files are images and digits', () => {
    expect(readImages(idx([3, 28, 28], pixels), idx([3], labels), where)).toEqual({ pixels, labels });
  });

  test('what is wrong with one', () => {
    const whole = idx([3, 28, 28], pixels);
    expect(() => readIdx(Uint8Array.of(31, 139), 3, 'a.gz')).toThrow(
      'a.gz has 2 bytes, too few for a header',
    );
    expect(() => readIdx(idx([3], labels), 3, 'digits')).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: idx: digits begins with 2049 where 2051 is expected (bytes, 3 axes).
          fix: it is cut short, or no such file; fetch it again with \`npx seqgpu data mnist\`.]
    `);
    expect(() => readIdx(whole.subarray(0, 10), 3, 'images')).toThrow('too few for a header of 16');
    expect(() => readIdx(whole.subarray(0, 900), 3, 'images')).toThrow(
      'images has 884 bytes of data where [3, 28, 28] needs 2352',
    );
    expect(() => readImages(whole, idx([2], labels.subarray(1)), where)).toThrow('3 images, digits 2 digits');
    expect(() => readImages(idx([3, 14, 56], pixels), idx([3], labels), where)).toThrow('14 × 56 pixels');
    expect(() => readImages(whole, idx([3], Uint8Array.of(1, 12, 3)), where)).toThrow('has 12 at 1');
  });
});

describe('the data folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-mnist-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, bytes: Uint8Array) =>
    writeFileSync(join(folder, 'mnist', `${name}-ubyte.gz`), bytes);

  test('four gzip files; what is cut short or no gzip is told', async () => {
    await expect(readData(mnist, {}, { data: folder })).rejects.toThrow(
      'mnist/train-images-idx3-ubyte.gz is missing',
    );
    mkdirSync(join(folder, 'mnist'));
    for (const [name, count] of [
      ['train', 5003],
      ['t10k', 2],
    ] as const) {
      const { pixels, labels } = images(count);
      write(`${name}-images-idx3`, gzipSync(idx([count, 28, 28], pixels), { level: 1 }));
      write(`${name}-labels-idx1`, gzipSync(idx([count], labels)));
    }
    const { content, facts } = (await readData(permutedMnist, {}, { data: folder }))!;
    expect(facts).toMatchObject({ images: 3 });
    expect([...(content as Mnist).test.labels]).toEqual([0, 1]);
    const whole = gzipSync(idx([2], Uint8Array.of(3, 4)));
    write('t10k-labels-idx1', whole.subarray(0, -6));
    await expect(readData(mnist, {}, { data: folder })).rejects.toThrow(
      /t10k-labels-idx1-ubyte.gz is no whole gzip file.*fix: move/s,
    );
    write('t10k-labels-idx1', Uint8Array.of(60, 104, 116, 109));
    await expect(readData(mnist, {}, { data: folder })).rejects.toThrow('is no whole gzip file');
    write('t10k-labels-idx1', whole);
    write('t10k-images-idx3', whole);
    await expect(readData(mnist, {}, { data: folder })).rejects.toThrow(
      'begins with 2049 where 2051 is expected',
    );
  });
});

describe('sequences', () => {
  test('one pixel a step, normalised; permuted, the same pixels in an order that is always the same', () => {
    const some = images(4);
    const [x, digits] = imageBatch(some, [2, 0]);
    expect(x.shape).toEqual([2, PIXELS, 1]);
    expect([...digits.data]).toEqual([2, 0]);
    [0, 1, 783].forEach((t) => {
      expect(x.data[t]).toBeCloseTo((((2 + t) % 256) / 255 - 0.1307) / 0.3081, 5);
    });
    const order = permutation();
    expect(order).toEqual(permutation());
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(PIXELS).keys()]);
    expect([...order.slice(0, 4)]).toMatchInlineSnapshot(`
      [
        605,
        135,
        88,
        544,
      ]
    `);
    const [mixed] = imageBatch(some, [2, 0], order);
    order.forEach((pixel, t) => expect(mixed.data[t]).toBe(x.data[pixel]));
  });

  test('some images of a split', () => {
    expect(someImages(images(5), 2, 4).labels).toEqual(Uint8Array.of(2, 3));
  });
});

describe('the task', () => {
  const mnist = { train: images(5012), test: images(120) };
  const firstPixels = (task: ReturnType<typeof mnistTask>, batches: number, saved?: never) => {
    const source = task.source(new Random(3));
    if (saved) source.restore(saved);
    return Array.from({ length: batches }, () => source.next()[0].data.filter((_, at) => at % PIXELS === 0));
  };

  test('trains on all but the last 5,000, in whole batches, in an order that goes on where it was saved', () => {
    const task = mnistTask({ mnist, batch: 5 });
    expect(task.stepsPerEpoch).toBe(2);
    const seen = firstPixels(task, 6);
    // Every image of an epoch once.
    expect(new Set([...seen[0], ...seen[1]]).size).toBe(10);
    expect(seen[0]).not.toEqual(seen[2]);
    const source = task.source(new Random(3));
    for (let i = 0; i < 3; i++) source.next();
    const saved = JSON.parse(JSON.stringify(source.save())) as never;
    expect(firstPixels(task, 3, saved)).toEqual(seen.slice(3));
  });

  test('budgets, batches of a split, and what always the same answer has', () => {
    const task = mnistTask({ mnist, batch: 4, trainImages: 8, evaluationImages: 70 });
    expect(task.stepsPerEpoch).toBe(2);
    const sizes = [...task.batches('test')].map((batch) => task.weightOf(batch));
    expect(sizes).toEqual([50, 20]);
    expect([...task.batches('valid')][0][1].data[0]).toBe(12 % 10);
    expect(task.anchors).toEqual([{ name: 'always 0', value: 0.9 }]);
    expect(task.report!({ accuracy: 0.75, 'cross-entropy': 1 })).toMatchObject({
      error: 0.25,
      accuracy: 0.75,
    });
  });

  test('fewer images than a batch', () => {
    expect(() => mnistTask({ mnist, batch: 16 })).toThrow(
      'a batch of 16 does not fit into 12 training images',
    );
    expect(() => mnistTask({ mnist, batch: 8, trainImages: 7 })).toThrow('into 7 training images');
  });
});

const PUBLISHED = ['train', 't10k'].flatMap((split) =>
  ['images-idx3', 'labels-idx1'].map((what) => `mnist/${split}-${what}-ubyte.gz`),
);
const paths = published('counts and the anchor of MNIST', PUBLISHED);
test.skipIf(!paths)('the published images: how many, and the anchor', { timeout: 60_000 }, () => {
  const [trained, digits, tested, answers] = paths!.map(
    (path) => new Uint8Array(gunzipSync(readFileSync(path))),
  );
  const mnist = {
    train: readImages(trained, digits, ['images', 'labels']),
    test: readImages(tested, answers, ['images', 'labels']),
  };
  expect([mnist.train, mnist.test].map(({ labels }) => labels.length)).toEqual([60_000, 10_000]);
  // 1,135 of the 10,000 are a 1.
  expect(mnistTask({ mnist, batch: 64 }).anchors).toEqual([{ name: 'always 1', value: 0.8865 }]);
});
