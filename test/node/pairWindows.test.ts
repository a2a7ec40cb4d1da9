// Windows of targets: which tokens a decoder is shown, and which one it is asked for.

import { expect, test } from 'vitest';
import { END, PAD } from '../../src/data/translation/symbols';
import { pairRows, pairWindowsAt } from '../../src/studies/pairWindows';
import { placesIn } from '../../src/studies/places';

const array = (rows: number[][]) => ({
  shape: [rows.length, rows[0].length],
  data: Uint32Array.from(rows.flat()),
});
// The third row of the batch is empty.
const BATCH = [
  array([
    [7, 8, END],
    [9, END, PAD],
    [END, PAD, PAD],
  ]),
  { shape: [3], data: Uint32Array.of(3, 2, 1) },
  array([
    [END, 11, 12, 13],
    [END, 14, PAD, PAD],
    [END, PAD, PAD, PAD],
  ]),
  array([
    [11, 12, 13, END],
    [14, END, PAD, PAD],
    [PAD, PAD, PAD, PAD],
  ]),
];

test('rows that are empty are left out, and padding is no place', () => {
  const rows = pairRows([BATCH]);
  expect(rows.map(({ length, source }) => [length, [...source!]])).toEqual([
    [4, [7, 8, END]],
    [2, [9, END]],
  ]);
  expect(placesIn(rows, 0, 6).map(({ end }) => end)).toEqual([0, 1, 2, 3, 0, 1]);
});

test('the last two inputs of every place, or the one that there is, and one target', () => {
  const places = placesIn(pairRows([BATCH]), 0, 6);
  const [source, lengths, inputs, targets, positions] = pairWindowsAt(places, 2);
  expect(source).toEqual(
    array([...Array(4).fill([7, 8, END]), ...Array(2).fill([9, END, PAD])] as number[][]),
  );
  expect([...lengths.data]).toEqual([3, 3, 3, 3, 2, 2]);
  expect(inputs).toEqual(
    array([
      [END, PAD],
      [END, 11],
      [11, 12],
      [12, 13],
      [END, PAD],
      [END, 14],
    ]),
  );
  expect(positions).toEqual(
    array([
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 0],
      [0, 1],
    ]),
  );
  expect(targets).toEqual(
    array([
      [11, PAD],
      [PAD, 12],
      [PAD, 13],
      [PAD, END],
      [14, PAD],
      [PAD, END],
    ]),
  );
});
