// The product of picked rows is rewritten in the schedule, so gradients are of what the program says: also those of the
// picked rows themselves, and where the rows are used elsewhere too.

import { afterAll, describe, expect, test } from 'vitest';
import { add, array, embedding, gradient, matmul, mul, sum, tanh, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const [V, K] = [4, 8];
const args = (positions: number, N: number) =>
  [
    array(
      [positions],
      Uint32Array.from({ length: positions }, (_, i) => (i * 3) % V),
    ),
    array([V, K], uniform(1, V * K)),
    array([K, N], uniform(2, K * N)),
  ] as const;

describe.each([4, 16])('N = %i', (N) => {
  test.each([2, 40])('∂L/∂e of Σ e·w and of Σ(e + …), %i positions', async (positions) => {
    const both = engine.record((ids: Tensor, table: Tensor, w: Tensor) => {
      const e = embedding(ids, table);
      return gradient(add(sum(e), sum(matmul(e, w))), [e, table, w]);
    });
    const alone = engine.record((ids: Tensor, table: Tensor, w: Tensor) => {
      const e = embedding(ids, table);
      return gradient(sum(matmul(e, w)), [e]);
    });
    const given = args(positions, N);
    const [ids, table, w] = given.map(({ data }) => data);
    const rowSum = (k: number) => [...w].slice(k * N, (k + 1) * N).reduce((total, x) => total + x, 0);
    const [de, dtable, dw] = await Promise.all(both(...given).map((reading) => reading.read()));
    const [deAlone] = await Promise.all(alone(...given).map((reading) => reading.read()));
    for (let i = 0; i < positions * K; i++) {
      expect(de[i]).toBeCloseTo(1 + rowSum(i % K), 5);
      expect(deAlone[i]).toBeCloseTo(rowSum(i % K), 5);
    }
    for (let i = 0; i < V * K; i++) {
      const times = ids.filter((id) => id === Math.floor(i / K)).length;
      expect(dtable[i]).toBeCloseTo(times * (1 + rowSum(i % K)), 4);
    }
    for (let i = 0; i < K * N; i++) {
      const picked = [...ids].reduce((total, id) => total + table[id * K + Math.floor(i / N)], 0);
      expect(dw[i]).toBeCloseTo(picked, 4);
    }
  });
});

test('the way back of a product with bias and activation goes by the rows of the table', async () => {
  const N = 16;
  const step = engine.record((ids: Tensor, table: Tensor, w: Tensor, bias: Tensor) => {
    const y = matmul(embedding(ids, table), w, { bias });
    return { y, grads: gradient(sum(tanh(mul(y, y))), [table, w, bias]) };
  });
  // The same, where nothing can be rewritten: the rows are computed, not picked.
  const plain = engine.record((rows: Tensor, w: Tensor, bias: Tensor) => {
    const y = matmul(rows, w, { bias });
    return { y, grads: gradient(sum(tanh(mul(y, y))), [rows, w, bias]) };
  });
  const [ids, table, w] = args(40, N);
  const bias = array([N], uniform(3, N));
  const rows = Float32Array.from(
    { length: 40 * K },
    (_, i) => table.data[ids.data[Math.floor(i / K)] * K + (i % K)],
  );
  const products = step
    .plan(ids, table, w, bias)
    .dispatches.filter(({ label }) => label === 'matmul' || label === 'product')
    .map(({ call }) => call.inputs.a.shape[0]);
  expect(products).toEqual(products.map(() => V));
  expect(products.length).toBeGreaterThan(2);
  const found = step(ids, table, w, bias);
  const wanted = plain(array([40, K], rows), w, bias);
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    expect(a.length).toBe(b.length);
    for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], 4);
  };
  close(await found.y.read(), await wanted.y.read());
  const [dtable, dw, dbias] = await Promise.all(found.grads.map((reading) => reading.read()));
  const [drows, dw2, dbias2] = await Promise.all(wanted.grads.map((reading) => reading.read()));
  close(dw, dw2);
  close(dbias, dbias2);
  const sums = new Float64Array(V * K);
  for (let i = 0; i < 40 * K; i++) sums[ids.data[Math.floor(i / K)] * K + (i % K)] += drows[i];
  close(dtable, sums);
});
