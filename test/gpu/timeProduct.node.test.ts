// A software driver is timed in a process of its own, and one that does not work is told from one that does.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { timeProduct } from '../../src/gpu/device/timeProduct.node';
import { softwareDrivers } from '../../src/gpu/device/vulkan.node';

const drivers = process.platform === 'linux' ? softwareDrivers() : [];

test.skipIf(drivers.length === 0)('a driver multiplies rightly, and shows how fast', async () => {
  const shown = await timeProduct(drivers[0].icd);
  expect(shown).toEqual({ name: expect.stringMatching(/\S+ \S+ — \S/), gflops: expect.any(Number) });
  expect(shown!.gflops).toBeGreaterThan(0.01);
});

test.skipIf(process.platform !== 'linux')('a driver that is no driver does not work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-driver-'));
  try {
    const icd = join(folder, 'icd.json');
    writeFileSync(icd, JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: './no.so' } }));
    expect(await timeProduct(icd)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
