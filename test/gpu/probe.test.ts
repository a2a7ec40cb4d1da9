// Kernels are chosen by how many threads a core runs at once: a handful where the adapter is a CPU, whatever its name.

import { expect, test } from 'vitest';
import { threadsAtOnce } from '../../src/gpu/device/probe';
import { openTestEngine } from '../harness/engine';

// Times are measured, and a machine that is busy with something else may spoil one measurement.
test('a software adapter runs a register of threads at once, a GPU hundreds', async () => {
  const engine = await openTestEngine();
  const { family } = engine.traits;
  const { vendor, architecture, description } = engine.info!;
  const software = /swiftshader|llvmpipe|software|basic render/i.test(
    `${vendor} ${architecture} ${description}`,
  );
  const atOnce = await threadsAtOnce(engine.device);
  engine.destroy();
  expect(family).toBe(software ? 'direct' : 'workgroup');
  expect(atOnce < 32).toBe(software);
});
