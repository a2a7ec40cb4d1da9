// The gradients that the report of a machine asks for, in both families of kernels; and that one which is wrong is seen.

import { afterAll, describe, expect, test } from 'vitest';
import { GRADIENT_CHECKS } from '../../src/bench/gradientChecks';
import { FAMILIES, runChecks, type Checked } from '../../src/bench/checks';
import { checkGradient } from '../../src/testing/index';
import { add, detach, matmul, mul, tanh } from '../../src/index';
import { openTestEngine } from '../harness/engine';

describe.each(FAMILIES)('%s', async (family) => {
  const engine = await openTestEngine({ family });
  afterAll(() => engine.destroy());

  test.each(GRADIENT_CHECKS.map((check) => [check.name, check] as const))('%s', async (_name, check) => {
    expect(await check.run(engine)).toBeLessThan(check.allowed);
  });
});

test('half of a gradient is found, and told by its name', async () => {
  const [{ allowed }] = GRADIENT_CHECKS;
  const half = {
    name: 'gradient of half',
    allowed,
    run: async (engine: Parameters<(typeof GRADIENT_CHECKS)[0]['run']>[0]) => {
      // What is detached is computed, and differentiated no more.
      const body = (a: Parameters<typeof tanh>[0], b: Parameters<typeof tanh>[0]) =>
        add(mul(matmul(a, b), 0.5), mul(detach(matmul(a, b)), 0.5));
      const inputs = [
        [5, 6],
        [6, 7],
      ] as const;
      return (await checkGradient(engine, body, inputs, { elements: 1 })).worst;
    },
  };
  const sheet = { head: [], rows: [], findings: [], notes: [], left: [], values: {} };
  await runChecks([half], (family) => openTestEngine({ family }), { sheet, time: { left: () => 60 } });
  expect((sheet.values as { checks: Checked[] }).checks.map(({ error }) => Math.round(10 * error!))).toEqual([
    5, 5,
  ]);
  expect(sheet.findings).toEqual(
    FAMILIES.map((family) =>
      expect.stringMatching(new RegExp(`gradient of half \\(${family}\\) is wrong: off by 5\\.0e-1`)),
    ),
  );
});
