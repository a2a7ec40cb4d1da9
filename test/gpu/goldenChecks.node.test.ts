// Ten steps of models as the report of a machine takes them, against PyTorch: those whose layers no other has. The report
// takes all, in both families of kernels; so do the tests of the models, from other weights.

import { afterAll, expect, test } from 'vitest';
import { GOLDEN_CHECKS } from '../../src/bench/golden/check';
import { GOLDEN_MODELS } from '../../src/bench/golden/models';
import golden from '../../src/bench/golden/losses.json';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine({ family: 'direct' });
afterAll(() => engine.destroy());

test('every model has ten losses and ten norms', () => {
  expect(Object.keys(golden.models)).toEqual(Object.keys(GOLDEN_MODELS));
  for (const { losses, norms } of Object.values(golden.models)) {
    expect([losses.length, norms.length]).toEqual([10, 10]);
  }
});

const TRAINED = ['GRU', 'MinLSTM', 'gated convolutions', 'WaveNet', 'GNMT', 'translation Transformer'];

test.each(TRAINED)('%s', async (name) => {
  const { run, allowed } = GOLDEN_CHECKS.find((check) => check.name === name)!;
  expect(await run(engine)).toBeLessThan(allowed);
});
