import { expect, test } from 'vitest';
import { placeLabels } from '../../src/report/labels';

const ROOM = [200, 100] as const;

test('a name stands to the right of its mark, or to the left where there is no room', () => {
  const marks = [
    { name: 'LSTM', at: [20, 50] as const },
    { name: 'Transformer', at: [180, 50] as const },
  ];
  expect(placeLabels(marks, ROOM)).toEqual([
    { side: 'right', shift: 0 },
    { side: 'left', shift: 0 },
  ]);
});

test('names of marks in one place stand apart, as near to them as they can', () => {
  const marks = ['RNN', 'GRU', 'LSTM', 'TCN'].map((name) => ({ name, at: [100, 50] as const }));
  const places = placeLabels(marks, ROOM);
  expect(places.slice(0, 2)).toEqual([
    { side: 'right', shift: 0 },
    { side: 'left', shift: 0 },
  ]);
  expect(places.slice(2).map(({ shift }) => Math.abs(shift))).toEqual([14, 14]);
  expect(new Set(places.map(({ side, shift }) => `${side} ${shift}`)).size).toBe(4);
});

test('a name covers no other mark', () => {
  const marks = [
    { name: 'RNN', at: [50, 50] as const },
    { name: 'TCN', at: [72, 50] as const },
  ];
  expect(placeLabels(marks, ROOM)[0].side).toBe('left');
});

test('a name that fits nowhere stands to the right', () => {
  expect(placeLabels([{ name: 'a name without end', at: [5, 5] }], [20, 10])).toEqual([
    { side: 'right', shift: 0 },
  ]);
});
