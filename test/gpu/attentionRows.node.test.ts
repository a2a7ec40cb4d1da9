// Attention of more queries, or keys, a thread than are likeliest, as a measurement may choose: the same results, also
// where the last thread has rows left over, and where nobody may look at a NaN.

import { afterAll, expect, test } from 'vitest';
import { attention, gradient, Tuning, type Tensor } from '../../src/index';
import { openTestEngine } from '../harness/engine';
import { checkNaN } from '../harness/nan';
import { checkCase } from '../harness/opCase';
import { zeros, type Case } from '../harness/reference';
import * as reference from '../reference/attention';

const tuning = new Tuning();
const engine = await openTestEngine({ family: 'direct', tuning, chains: false, poison: true });
afterAll(() => engine.destroy());

/** Rows of a thread in each kernel, where the ways of this number are tried. */
function rowsOf({ shapes, options }: Case, trial: number): number[] {
  tuning.trial = trial;
  const step = engine.record((...all: Tensor[]) => {
    const [q, k, v, dy] = all;
    return gradient(attention(q, k, v, options as reference.Options & { lengths: undefined }), [q, k, v], dy);
  });
  const given = [...shapes.slice(0, 3), shapes[0]].map((shape) => {
    const { data } = zeros(...shape);
    return { shape, data: Float32Array.from(data) };
  });
  const { dispatches } = step.plan(...given);
  step.destroy();
  return dispatches.flatMap(({ variant: { code, kernel } }) =>
    kernel.name.startsWith('attention') ? [Number(/const ROWS = (\d+)u/.exec(code)![1])] : [],
  );
}

const CASES = [
  reference.one([1, 21, 27, 2, 16]),
  reference.one([2, 13, 13, 1, 32], { causal: true }),
  reference.one([1, 14, 21, 1, 16], { causal: true }),
  reference.one([3, 25, 13, 1, 16], { lengths: [13, 5, 0] }),
  reference.one([1, 67, 66, 1, 16], { causal: true }),
] as const;

test.each([
  [CASES[0], 0, [4, 4, 4]],
  [CASES[0], 1, [8, 8, 8]],
  [CASES[0], 2, [12, 12, 12]],
  [CASES[1], 2, [12, 12, 12]],
  [reference.one([1, 20, 6, 1, 16]), 2, [12, 12, 4]],
  [reference.one([1, 3, 20, 1, 16]), 1, [3, 3, 8]],
  // Narrow heads of many queries begin with eight; wide ones keep fewer vec4s.
  [CASES[4], 0, [8, 4, 4]],
  [CASES[4], 1, [4, 8, 8]],
  [reference.one([1, 80, 80, 1, 32]), 0, [8, 4, 4]],
  [reference.one([1, 80, 80, 1, 64]), 0, [4, 4, 4]],
  [reference.one([1, 80, 80, 1, 64]), 2, [4, 4, 4]],
])('$0.name, way $1: rows of a thread', (c, trial, rows) => {
  const [[, Q], [, T]] = c.shapes;
  const without = [Q, Q, T].map((extent) => Math.min(4, extent));
  expect(rowsOf(c, trial)).toEqual(engine.traits.quads ? rows : without);
});

test.each([0, 1, 2])('way %i is the reference', async (trial) => {
  tuning.trial = trial;
  for (const c of CASES) await checkCase(reference, c, engine);
});

test.each([1, 2])('way %i: NaN goes where it is seen, and nowhere else', async (trial) => {
  tuning.trial = trial;
  await checkNaN(reference, reference.one([1, 13, 17, 1, 16], { causal: true }), engine);
  await checkNaN(reference, reference.one([2, 12, 14, 1, 16], { lengths: [3, 13] }), engine);
});
