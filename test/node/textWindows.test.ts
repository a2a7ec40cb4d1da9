// Places of a text with the k tokens before each.

import { expect, test } from 'vitest';
import { textWindows } from '../../src/data/textWindows';

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
