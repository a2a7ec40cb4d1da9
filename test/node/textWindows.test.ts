// Places of a text with the k tokens before each.

import { expect, test } from 'vitest';
import { TextSamples } from '../../src/data/textSamples';
import { textWindows } from '../../src/data/textWindows';
import { Random } from '../../src/random';

const tokens = Uint32Array.from({ length: 50 }, (_, i) => 100 + i);
const all = (options: Parameters<typeof textWindows>[1], rows = 4) => [...textWindows(tokens, options, rows)];
const targetsOf = (windows: ReturnType<typeof all>) => windows.flatMap(({ targets }) => [...targets.data]);

test('the same places for every k, spread over the text, each with the tokens before it', () => {
  const [one, three] = [1, 3].map((k) => all({ k, longest: 8, places: 10 }));
  expect(targetsOf(one)).toEqual([108, 112, 116, 120, 124, 129, 133, 137, 141, 145]);
  expect(targetsOf(three)).toEqual(targetsOf(one));
  expect(three.map(({ ids }) => ids.shape)).toEqual([
    [4, 3],
    [4, 3],
    [2, 3],
  ]);
  const rows = three.flatMap(({ ids }) => [...ids.data]);
  const wanted = targetsOf(three).flatMap((target) => [target - 3, target - 2, target - 1]);
  expect(rows).toEqual(wanted);
});

test('every place there is, and none that is not', () => {
  expect(targetsOf(all({ k: 2, longest: 2, places: 48 }))).toEqual([...tokens.subarray(2)]);
  expect(() => all({ k: 2, longest: 2, places: 49 })).toThrow('50 tokens have no 49 places with 2 tokens');
  expect(() => all({ k: 3, longest: 2, places: 1 })).toThrow('with 3 tokens before');
  expect(() => all({ k: 0, longest: 2, places: 1 })).toThrow('k is 0');
});

test('samples begin anywhere, carry nothing, and go on where they were saved', () => {
  const tokens = Uint8Array.from({ length: 40 }, (_, i) => i);
  const options = { tokens, batch: 3, bptt: 5 };
  const samples = new TextSamples({ ...options, random: new Random(2) });
  expect(samples.count).toBe(2);
  const starts = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const { ids, targets, first } = samples.next();
    expect([ids.shape, targets.shape, first]).toEqual([[3, 5], [3, 5], true]);
    for (let b = 0; b < 3; b++) {
      const start = ids.data[b * 5] as number;
      starts.add(start);
      const row = [...ids.data].slice(b * 5, b * 5 + 5);
      expect(row).toEqual(row.map((_, t) => start + t));
      expect([...targets.data].slice(b * 5, b * 5 + 5)).toEqual(row.map((id) => Number(id) + 1));
    }
  }
  expect([...starts].sort((a, b) => a - b)).toEqual(Array.from({ length: 35 }, (_, i) => i));
  const saved = samples.save();
  const wanted = samples.next();
  const again = new TextSamples({ ...options, random: new Random(99) });
  again.restore(saved);
  expect(again.next()).toEqual(wanted);
});

test('samples of a text that is too short are refused', () => {
  const make =
    (length: number, batch = 1) =>
    () =>
      new TextSamples({
        tokens: new Uint8Array(length),
        batch,
        bptt: 5,
        random: new Random(1),
        name: 'book',
      });
  expect(make(5)).toThrow(/book has 5 tokens[^]*5 \+ 1 = 6 are needed[^]*bptt of at most 4/);
  expect(make(6)().next().targets.data).toHaveLength(5);
  expect(make(6, 0)).toThrow('batch is 0');
});
