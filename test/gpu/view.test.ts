// Copies move bits, whatever they mean; and what cannot be cut or joined is said.

import { afterAll, expect, test } from 'vitest';
import { array, concat, slice, transpose, type Tensor } from '../../src/index';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const x = array([2, 3], Uint32Array.of(0xffffffff, 0x7fc00001, 1, 2, 0x80000000, 3));

test('integers keep their bits', async () => {
  const step = engine.record((t: Tensor) => [transpose(t), slice(t, 1, 1), concat([t, t], 0)]);
  const [turned, part, twice] = await Promise.all(step(x).map((reading) => reading.read()));
  expect(turned).toEqual(Uint32Array.of(0xffffffff, 2, 0x7fc00001, 0x80000000, 1, 3));
  expect(part).toEqual(Uint32Array.of(0x7fc00001, 1, 0x80000000, 3));
  expect(twice).toEqual(Uint32Array.from([...x.data, ...x.data]));
});

test('a slice of everything and an order that changes nothing are free', () => {
  const free = (t: Tensor) => [slice(t, 1, 0, 3), transpose(t, [0, 1]), concat([t], 0)];
  // What is behind them is one launch, and an argument that is given back is copied once.
  const behind = engine.record((t: Tensor) => free(t).map((one) => concat([one, one], 0)));
  expect(behind.plan(x).dispatches.map(({ label }) => label)).toEqual(['concat']);
  expect(
    engine
      .record(free)
      .plan(x)
      .dispatches.map(({ label }) => label),
  ).toEqual(['copy']);
});

test('mistakes are named', () => {
  const recorded = (body: (t: Tensor) => Tensor) => () => engine.record(body)(x);
  expect(recorded((t) => slice(t, 1, 2, 4))).toThrow(/slice: 2 to 4 is no part of an axis of 3/);
  expect(recorded((t) => slice(t, 2, 0, 1))).toThrow(/slice: x has no axis 2/);
  expect(recorded((t) => transpose(t, [0, 0]))).toThrow(/transpose: axes \[0, 0\] are not the 2 axes of x/);
  expect(recorded((t) => concat([t, transpose(t)], 1))).toThrow(
    /concat: \[2, 3\] and \[3, 2\] do not join along axis 1/,
  );
});
