// What the host hands over: numbers of every kind become f32 or u32 exactly, or are refused at the caller's line.

import { describe, expect, test } from 'vitest';
import { array, hostArray, writable } from '../../../src/graph/host';
import { outputsOf } from '../../../src/plan/result';
import { Flat, Parameter, State, type Initial } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import { constant } from '../../../src/ops/elementwise/constant';
import { reshape } from '../../../src/ops/layout/view';

const FLOATS = [1, 2.5, -3];
const input = (...shape: number[]) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });
/** Hands over what the types refuse. */
const any = (value: unknown) => value as never;

describe('numbers that are converted', () => {
  test.each([
    ['Float32Array', Float32Array.from(FLOATS)],
    ['Float64Array', Float64Array.from(FLOATS)],
    ['a list', FLOATS],
    ['shared memory', new Float32Array(new SharedArrayBuffer(12)).map((_, i) => FLOATS[i])],
  ])('%s is f32', (_kind, data) => {
    for (const { data: found } of [
      array([3], data),
      hostArray(data, 0),
      hostArray({ shape: [3], data }, 0),
    ]) {
      expect(found).toBeInstanceOf(Float32Array);
      expect([...found]).toEqual(FLOATS);
      expect(found.buffer).toBeInstanceOf(ArrayBuffer);
    }
  });

  test.each([
    ['Uint32Array', Uint32Array.of(0, 7, 200)],
    ['Int32Array', Int32Array.of(0, 7, 200)],
    ['Int16Array', Int16Array.of(0, 7, 200)],
    ['Uint8Array', Uint8Array.of(0, 7, 200)],
    ['Uint8ClampedArray', Uint8ClampedArray.of(0, 7, 200)],
    ['BigInt64Array', BigInt64Array.of(0n, 7n, 200n)],
    ['BigUint64Array', BigUint64Array.of(0n, 7n, 200n)],
  ])('%s is u32', (_kind, data) => {
    for (const { data: found } of [array([3], data), hostArray(data, 0)]) {
      expect(found).toBeInstanceOf(Uint32Array);
      expect([...found]).toEqual([0, 7, 200]);
    }
  });

  test('what is right already is not copied', () => {
    const given = { shape: [2], data: Float32Array.of(1, 2) };
    expect(hostArray(given, 0)).toBe(given);
    expect(array([2], given.data).data).toBe(given.data);
  });

  test('lists of lists have the shape of their lengths; a number has none', () => {
    const rows = hostArray([[1, 2, 3], Float64Array.of(4, 5, 6)], 0);
    expect(rows).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect(hostArray([Int8Array.of(1, 2)], 0)).toEqual({ shape: [1, 2], data: Uint32Array.of(1, 2) });
    expect(hostArray(0.1, 0)).toEqual({ shape: [], data: Float32Array.of(0.1) });
  });

  test('to a state of its type, where that is exact', () => {
    const ids = new State([3], 'zeros', 'ids', 'u32');
    expect(writable(ids, [1, 2, 3])).toEqual(Uint32Array.of(1, 2, 3));
    expect(writable(ids, Float32Array.of(1, 2, 3))).toEqual(Uint32Array.of(1, 2, 3));
    expect(writable(new State([3]), Int32Array.of(-1, 2, 2 ** 24))).toEqual(Float32Array.of(-1, 2, 2 ** 24));
    expect(writable(ids, [9], 2)).toEqual(Uint32Array.of(9));
    expect(constant([2], Uint8Array.of(1, 2)).source).toMatchObject({ data: Float32Array.of(1, 2) });
  });
});

describe('numbers that are refused, at this line', () => {
  const detached = Float32Array.of(1, 2, 3);
  structuredClone(detached, { transfer: [detached.buffer] });
  const ids = new State([3], 'zeros', 'ids', 'u32');
  const state = new State([2, 3], 'zeros', 'memory');
  const cases: Record<string, [body: () => unknown, message: string]> = {
    'negative integers': [
      () => hostArray(Int32Array.of(1, -2), 1),
      'value 1 of argument 2 of the step is -2',
    ],
    'a DataView': [
      () => hostArray(any({ shape: [1], data: new DataView(new ArrayBuffer(4)) }), 0),
      'is a DataView',
    ],
    'an ArrayBuffer': [() => array([1], any(new ArrayBuffer(4))), 'array is an ArrayBuffer'],
    'a text': [() => hostArray(any('1'), 0), 'argument 1 of the step is "1"'],
    'a tensor': [() => hostArray(any(input(2)), 0), 'argument 1 of the step is a Tensor'],
    null: [() => hostArray(any(null), 0), 'argument 1 of the step is null'],
    undefined: [() => hostArray(any(undefined), 0), 'argument 1 of the step is undefined'],
    'a list with a hole': [() => array([2], any([1, undefined])), 'value 1 of array is undefined'],
    'a list of texts': [() => array([2], any(['1', '2'])), 'value 0 of array is "1"'],
    'lists of different lengths': [() => hostArray([[1, 2], [3]], 0), 'has lists of different lengths'],
    'more than f32 holds': [() => array([1], [1e39]), 'value 0 of array is 1e+39, which f32 cannot hold'],
    'the same, of 64 bits': [() => hostArray(Float64Array.of(1e39), 0), '1e+39, which f32 cannot hold'],
    'the same, a number': [() => hostArray(1e39, 0), '1e+39, which f32 cannot hold'],
    'integers beyond 32 bits': [
      () => array([1], BigInt64Array.of(2n ** 32n)),
      '4294967296n, which u32 cannot hold',
    ],
    'integers that f32 rounds': [() => writable(state, Int32Array.of(2 ** 24 + 1), 0), '16777217, which f32'],
    'fractions as u32': [() => writable(ids, [0, 0.5, 1]), 'value 1 of what is written to ids is 0.5'],
    'NaN as u32': [() => writable(ids, [0, 0, NaN]), 'is NaN, which u32 cannot hold'],
    'too few': [() => array([2, 2], [1, 2, 3]), 'array: 3 values do not fill the shape [2, 2]'],
    'too many': [() => hostArray({ shape: [2], data: FLOATS }, 0), '3 values do not fill the shape [2]'],
    'nothing at all': [() => hostArray([], 0), '[0] is no shape'],
    'an empty shape': [() => array([0, 3], []), '[0, 3] is no shape'],
    'half a row': [() => array([1.5, 2], [1, 2, 3]), '[1.5, 2] is no shape'],
    'a length for a shape': [() => array(any(3), [1, 2, 3]), '3 is no shape'],
    'values that were transferred': [() => array([3], detached), '0 values'],
    'an empty state': [() => new State([0, 3]), '[0, 3] is no shape'],
    'an empty constant': [() => constant([0], []), '[0] is no shape'],
    'what no number counts': [
      () => new State([1e9, 4e9]),
      '[1000000000, 4000000000] has 4000000000000000000 elements, 14901161194 GiB',
    ],
    'an empty view': [() => reshape(input(4), [0, -1]), 'is no shape'],
    'a constant too short': [() => constant([3], [1, 2]), 'constant: 2 values do not fill [3]'],
    'writing nowhere': [() => writable(any(input(2)), [1]), 'write: a Tensor is not a State'],
    'writing too much': [
      () => writable(state, [1, 2, 3]),
      'write: memory [2, 3] holds 6 values, 3 were given',
    ],
    'writing past the end': [
      () => writable(state, [1, 2], 5),
      'holds 6 values, 2 were given from element 5 on',
    ],
  };
  for (const start of [-1, 0.5, NaN, 6, Infinity]) {
    cases[`writing from ${start}`] = [() => writable(state, [1], start), `there is no element ${start}`];
  }

  test.each(Object.entries(cases))('%s', (_name, [body, message]) => {
    expect(body).toThrow(message);
    expect(body).toThrow(/\n {4}at .*test\/node\/graph\/host\.test\.ts:\d+/);
  });
});

describe('initial values', () => {
  const values = (initial: unknown, dtype: 'f32' | 'u32' = 'f32') =>
    new State([2], initial as Initial, 'start', dtype).initialValues();

  test('are as many as the state has, of its type', () => {
    expect(values('zeros')).toBeNull();
    expect(values(() => Float64Array.of(1, 2))).toEqual(Float32Array.of(1, 2));
    expect(values(() => [1, 2], 'u32')).toEqual(Uint32Array.of(1, 2));
  });

  test.each([
    [() => Float32Array.of(1), 'the initial value of start has 1 values, but [2] needs 2'],
    [() => Float32Array.of(1, 2, 3), 'has 3 values, but [2] needs 2'],
    [() => 0, 'the initial value of start is 0'],
    [() => undefined, 'the initial value of start is undefined'],
    [() => ['a', 'b'], 'value 0 of the initial value of start is "a"'],
    [Float32Array.of(1, 2), 'start: its initial value is a Float32Array'],
    ['ones', 'start: its initial value is "ones"'],
    [null, 'start: its initial value is null'],
  ])('%s is refused', (initial, message) => {
    expect(() => values(initial)).toThrow(message);
  });

  test('the same where an optimizer has joined parameters', () => {
    const flat = (initial: unknown) => new Flat([new Parameter([3], initial as Initial)], 'all');
    expect(
      flat(() => FLOATS)
        .initialValues()!
        .slice(0, 4),
    ).toEqual(Float32Array.of(...FLOATS, 0));
    expect(() => flat(() => [1]).initialValues()).toThrow('has 1 values, but [3] needs 3');
  });
});

describe('results', () => {
  test('tensors in lists and objects, in any depth', () => {
    const [a, b, c] = [input(1), input(2), input(3)];
    const { outputs, shapeOf } = outputsOf<string>({ y: a, states: [{ h: b, c }], none: [] });
    expect(outputs).toEqual([a, b, c]);
    expect(shapeOf(['A', 'B', 'C'])).toEqual({ y: 'A', states: [{ h: 'B', c: 'C' }], none: [] });
    expect(outputsOf(undefined).shapeOf([])).toBeUndefined();
  });

  test.each([
    [null, 'the result of the recorded function is null'],
    [3, 'the result of the recorded function is 3'],
    [{ y: input(1), loss: undefined }, 'the result.loss of the recorded function is undefined'],
    [[[input(1)], 'text'], 'the result[1] of the recorded function is "text"'],
    [new Map([['y', input(1)]]), 'is a Map'],
    [Promise.resolve(), 'the recorded function is async: its result is a promise'],
  ])('%s is refused', (result, message) => {
    expect(() => outputsOf(result)).toThrow(message);
    expect(() => outputsOf(result)).toThrow(/host\.test\.ts:\d+/);
  });
});
