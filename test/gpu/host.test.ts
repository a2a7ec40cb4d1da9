// What the host hands over arrives, or is refused at the caller's line and leaves everything as it was.

import { afterAll, expect, test } from 'vitest';
import { State, add, array, assign, embedding, mean, scale, square, type Tensor } from '../../src/index';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

/** Refused with this text, at a line of this file. */
function refused(body: () => unknown, message: string): void {
  expect(body).toThrow(message);
  expect(body).toThrow(/\n {4}at .*test\/gpu\/host\.test\.ts:\d+/);
}
/** Hands over what the types refuse. */
const any = (value: unknown) => value as never;

test('numbers of any kind arrive', async () => {
  const half = engine.record((x: Tensor) => scale(x, 0.5));
  const shared =
    typeof SharedArrayBuffer === 'undefined' ? [] : [new Float32Array(new SharedArrayBuffer(12))];
  for (const one of shared) one.set([1, 2, -3]);
  for (const data of [[1, 2, -3], Float64Array.of(1, 2, -3), Float32Array.of(1, 2, -3), ...shared]) {
    for (const given of [data, array([3], data), { shape: [3], data }])
      expect([...(await half(given).read())]).toEqual([0.5, 1, -1.5]);
  }
  expect(await half([[4, 6]]).read()).toEqual(Float32Array.of(2, 3));

  const table = new State([4, 1], () => Float32Array.of(10, 11, 12, 13), 'table');
  const rows = engine.record((ids: Tensor) => embedding(ids, table));
  for (const ids of [
    Uint8Array.of(3, 0),
    Int32Array.of(3, 0),
    BigInt64Array.of(3n, 0n),
    Uint32Array.of(3, 0),
  ])
    expect([...(await rows(ids).read())]).toEqual([13, 10]);
  refused(() => rows([3, 0]), 'ids holds f32 but u32 is needed');
  refused(() => rows(Int32Array.of(-1)), 'value 0 of argument 1 of the step is -1');
});

test('an empty tensor cannot be made', () => {
  const sum = engine.record((a: Tensor, b: Tensor) => add(a, b));
  refused(() => sum({ shape: [0], data: new Float32Array(0) }, [1]), '[0] is no shape');
  refused(() => sum([], [1]), '[0] is no shape');
  refused(() => sum({ shape: [0, 3], data: new Float32Array(0) }, [1]), '[0, 3] is no shape');
});

test('as many arguments as the function has parameters', async () => {
  const difference = engine.record((a: Tensor, b: Tensor) => add(a, scale(b, -1))) as unknown as (
    ...all: number[]
  ) => { item(): Promise<number> };
  refused(() => difference(5), 'the step was called with 1 argument, its function takes 2');
  refused(() => difference(5, 3, 1), 'the step was called with 3 arguments, its function takes 2');
  expect(await difference(5, 3).item()).toBe(2);
  const all = engine.record((...list: Tensor[]) => list.reduce((a, b) => add(a, b)));
  expect(await all(1, 2, 3).item()).toBe(6);
  const first = engine.record((...list: Tensor[]) => list[0]);
  expect(await first(4, 5).item()).toBe(4);
  const both = engine.record((a: Tensor, b: Tensor | number = 10) => add(a, b)) as unknown as typeof all;
  expect(await both(1).item()).toBe(11);
  expect(await both(1, 2).item()).toBe(3);
});

test('what is recorded is a function', () => {
  const layer = { forward: (x: Tensor) => x };
  refused(() => engine.record(layer as never), '{ forward } is no function of tensors');
  refused(() => engine.train(undefined as never), 'undefined is no function of tensors');
});

test('results are tensors in lists and objects; anything else is refused', async () => {
  const nested = engine.record((x: Tensor) => ({
    y: x,
    parts: [{ twice: scale(x, 2) }, [square(x)]] as const,
  }));
  const { y, parts } = nested(3);
  expect([await y.item(), await parts[0].twice.item(), await parts[1][0].item()]).toEqual([3, 6, 9]);
  const record = (body: (x: Tensor) => unknown) => () => engine.record(body as (x: Tensor) => Tensor)(1);
  refused(
    record(async (x) => x),
    'the recorded function is async',
  );
  refused(
    record(() => null),
    'the result of the recorded function is null',
  );
  refused(
    record(function* (x) {
      yield x;
    }),
    'the result of the recorded function is {',
  );
  refused(
    record((x) => [x, 1]),
    'the result[1] of the recorded function is 1',
  );
});

test('what is refused leaves a state as it was', async () => {
  const state = new State([3], () => Float32Array.of(1, 2, 3), 'memory');
  const twice = engine.record(() => assign(state, scale(state, 2)));
  refused(() => engine.write(state, [9], -1), 'memory [3] holds 3 values, there is no element -1');
  refused(() => engine.write(state, [9], NaN), 'there is no element NaN');
  refused(() => engine.write(state, [9, 9], 2), '2 were given from element 2 on');
  refused(() => engine.write(state, any('999')), 'what is written to memory is "999"');
  await expect(engine.read(any(scale(state, 2)))).rejects.toThrow('read: a Tensor is not a State');
  twice();
  engine.write(state, Int16Array.of(7), 1);
  expect([...(await engine.read(state))]).toEqual([2, 7, 6]);

  let values = [1];
  const late = new State(
    [2],
    any(() => values),
    'late',
  );
  const read = engine.record(() => mean(late));
  refused(() => read(), 'the initial value of late has 1 values, but [2] needs 2');
  values = [1, 2];
  expect(await read().item()).toBe(1.5);
});
