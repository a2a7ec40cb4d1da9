import { expect, test } from 'vitest';
import { spreadLabels } from '../../src/report/labels';

test('names that are far from each other stand at their heights', () => {
  expect(spreadLabels([80, 10, 40], 14, 100)).toEqual([80, 10, 40]);
  expect(spreadLabels([], 14, 100)).toEqual([]);
});

test('names at one height stand apart around it', () => {
  expect(spreadLabels([50, 50, 50], 14, 100)).toEqual([36, 50, 64]);
});

test('names that push each other move as one, in their order', () => {
  const places = spreadLabels([50, 52, 90], 14, 100);
  expect(places[1] - places[0]).toBeCloseTo(14, 9);
  expect((places[0] + places[1]) / 2).toBeCloseTo(51, 9);
  expect(places[2]).toBe(90);
});

test('names stay in the picture, and move closer where there are too many', () => {
  expect(spreadLabels([99, 100], 14, 100)).toEqual([86, 100]);
  expect(spreadLabels([0, 1], 14, 100)).toEqual([0, 14]);
  expect(spreadLabels([5, 5, 5], 14, 20)).toEqual([0, 10, 20]);
});
