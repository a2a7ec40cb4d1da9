// The comparison with other engines, as far as it needs none of them: errors, orders of axes, ONNX models.

import { describe, expect, test } from 'vitest';
import { transposed } from '../../examples/bench/peers/layout';
import { model } from '../../examples/bench/peers/onnxModel';
import { largestError, rivalRow, stillInIt, summaryOf } from '../../src/bench/peers';
import { array } from '../../src/index';

const floats = (...values: number[]) => Float32Array.from(values);

describe('results', () => {
  test('differ by the largest difference, relative to the largest value of the same array', () => {
    expect(largestError([floats(1, -4)], [floats(1, -3)])).toBe(0.25);
    expect(largestError([floats(100), floats(1)], [floats(100), floats(1.5)])).toBe(0.5);
    expect(largestError([floats(2, 2)], [floats(2, 2)])).toBe(0);
  });

  test('of other lengths, or that are no numbers, differ without limit', () => {
    expect(largestError([floats(1)], [])).toBe(Infinity);
    expect(largestError([floats(1)], [floats(1, 2)])).toBe(Infinity);
    expect(largestError([floats(1)], [floats(NaN)])).toBe(Infinity);
  });

  test('the fastest sample and the median', () => {
    expect(summaryOf([3, 1, 10])).toEqual({ ms: 1, median: 3 });
    expect(summaryOf([5])).toEqual({ ms: 5, median: 5 });
  });
});

test('a rival that is far behind another is measured once, before which all are', () => {
  expect(stillInIt([[], [], []])).toEqual([true, true, true]);
  expect(stillInIt([[10, 9], [27], [28]])).toEqual([true, true, false]);
  expect(stillInIt([[10], []])).toEqual([true, false]);
});

test("a rival's row: its fastest run by ours, and nothing where it has no number", () => {
  const rival = { name: 'slow', version: '1.0' };
  expect(rivalRow(rival, { samples: [9, 6, 8], error: 0.1 }, 2)).toEqual({
    ...{ ...rival, ms: 6, median: 8, error: 0.1, ratio: 3 },
  });
  expect(rivalRow(rival, { samples: [], note: 'has no LSTM' }, 2)).toEqual({ ...rival, note: 'has no LSTM' });
  expect(rivalRow(rival, { samples: [1], note: 'is wrong', error: 2 }, 2)).toEqual({
    ...rival,
    note: 'is wrong',
    error: 2,
  });
});

describe('axes in another order', () => {
  test('a matrix, and back', () => {
    const x = array([2, 3], [1, 2, 3, 4, 5, 6]);
    const y = transposed(x, [1, 0]);
    expect(y).toEqual(array([3, 2], [1, 4, 2, 5, 3, 6]));
    expect(transposed(y, [1, 0])).toEqual(x);
  });

  test('three axes in a circle', () => {
    const x = array([2, 1, 3], [1, 2, 3, 4, 5, 6]);
    expect(transposed(x, [2, 0, 1])).toEqual(array([3, 2, 1], [1, 4, 2, 5, 3, 6]));
  });
});

/** The fields of a protobuf message by number: varints as numbers, the rest as bytes. */
function fieldsOf(bytes: Uint8Array): Record<number, (number | Uint8Array)[]> {
  const fields: Record<number, (number | Uint8Array)[]> = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const value = varint();
    const whole = (key & 7) === 0 ? value : bytes.subarray(at, (at += value));
    (fields[key >> 3] ??= []).push(whole);
  }
  return fields;
}

describe('an ONNX model', () => {
  const attributes = { dilations: [8], group: 1, direction: 'forward' };
  const w = array([1, 300], new Float32Array(300).fill(0.5));
  const bytes = model({
    nodes: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes }],
    inputs: { x: [2, 300] },
    outputs: { y: [2, 1] },
    weights: { w },
  });
  const { 1: version, 7: graph, 8: operators } = fieldsOf(bytes);
  const { 1: nodes, 5: weights, 11: inputs } = fieldsOf(graph[0] as Uint8Array);
  const text = (value: number | Uint8Array) => new TextDecoder().decode(value as Uint8Array);

  test('names its version and that of its operators', () => {
    expect(version).toEqual([8]);
    expect(fieldsOf(operators[0] as Uint8Array)[2]).toEqual([17]);
  });

  test('has nodes with inputs, outputs and attributes', () => {
    const node = fieldsOf(nodes[0] as Uint8Array);
    expect([...node[1], ...node[2], ...node[4]].map(text)).toEqual(['x', 'w', 'y', 'Conv']);
    const found = node[5].map((attribute) => fieldsOf(attribute as Uint8Array));
    expect(found.map((one) => [text(one[1][0]), ...one[20]])).toEqual([
      ['dilations', 7],
      ['group', 2],
      ['direction', 3],
    ]);
    expect([found[0][8], found[1][3], text(found[2][4][0])]).toEqual([[8], [1], 'forward']);
  });

  test('has weights as they are in memory, and the shapes of its inputs', () => {
    const tensor = fieldsOf(weights[0] as Uint8Array);
    expect([tensor[1], tensor[2], text(tensor[8][0])]).toEqual([[1, 300], [1], 'w']);
    expect(new Float32Array((tensor[9][0] as Uint8Array).slice().buffer)).toEqual(w.data);
    const within = (value: number | Uint8Array, ...path: number[]): Record<number, (number | Uint8Array)[]> =>
      path.reduce((fields, field) => fieldsOf(fields[field][0] as Uint8Array), fieldsOf(value as Uint8Array));
    const shape = within(inputs[0], 2, 1, 2);
    expect(shape[1].map((one) => fieldsOf(one as Uint8Array)[1])).toEqual([[2], [300]]);
  });
});
