// The gradient of embedding: every place counts once, in one order; and ids that are not in the table.

import { afterAll, expect, test } from 'vitest';
import { array, embedding, gradient, mul, sum, type Tensor } from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const step = engine.record((ids: Tensor, table: Tensor, dy: Tensor) => {
  const y = embedding(ids, table);
  return { y, dtable: gradient(sum(mul(y, dy)), [table])[0] };
});

async function run(ids: Uint32Array, V: number, C: number) {
  const dys = uniform(3, ids.length * C);
  const { y, dtable } = step(
    array([ids.length], ids),
    array([V, C], uniform(2, V * C)),
    array([ids.length, C], dys),
  );
  const [values, slopes] = await Promise.all([y.read(), dtable.read()]);
  return { values, slopes: slopes as Float32Array, dys };
}

test.each([
  [1120, 33278, 8],
  [5000, 300, 5],
])('%i ids of %i rows of %i', async (N, V, C) => {
  const ids = Uint32Array.from(uniform(1, N), (u) => Math.floor(((u + 1) / 2) ** 4 * V));
  const { slopes, dys } = await run(ids, V, C);
  const wanted = new Float64Array(V * C);
  ids.forEach((id, n) => {
    for (let c = 0; c < C; c++) wanted[id * C + c] += dys[n * C + c];
  });
  let worst = 0;
  slopes.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - wanted[i]))));
  expect(worst).toBeLessThan(1e-4);
  expect((await run(ids, V, C)).slopes).toEqual(slopes);
});

test.each([4, 3])('ids that are not in the table give NaN and no gradient (C = %i)', async (C) => {
  const { values, slopes } = await run(Uint32Array.of(2, 5, 0, 0xffffffff, 2), 5, C);
  const rows = [0, 1, 2, 3, 4].map((n) => values.slice(n * C, (n + 1) * C));
  for (const n of [1, 3]) expect(rows[n].every(Number.isNaN)).toBe(true);
  for (const n of [0, 2, 4]) expect(rows[n].every(Number.isFinite)).toBe(true);
  expect(slopes.slice(3 * C).every((value) => value === 0)).toBe(true);
  expect(slopes.every(Number.isFinite)).toBe(true);
});
