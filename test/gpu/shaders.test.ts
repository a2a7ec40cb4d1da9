// Every kernel is valid WGSL to this implementation's compiler, also those that no other test here runs.

import { afterAll, expect, test } from 'vitest';
import type { Kernel } from '../../src/graph/kernel';
import { openTestEngine } from '../harness/engine';

const kernels = import.meta.glob<Kernel>('../../shaders/*.wgsl', { eager: true, import: 'default' });
const engine = await openTestEngine({ family: 'direct' });
afterAll(() => engine.destroy());

test('all shaders', async () => {
  const subgroups = engine.device.features.has('subgroups');
  const problems: string[] = [];
  let valid = 0;
  for (const kernel of Object.values(kernels)) {
    const { code } = kernel.with();
    if (!subgroups && /^enable subgroups;/m.test(code)) continue;
    engine.device.pushErrorScope('validation');
    const module = engine.device.createShaderModule({ label: kernel.name, code });
    const { messages } = await module.getCompilationInfo();
    const error = await engine.device.popErrorScope();
    const errors = messages.filter(({ type }) => type === 'error').map(({ message }) => message);
    if (error) errors.push(error.message);
    problems.push(...errors.map((message) => `${kernel.name}: ${message}`));
    valid++;
  }
  expect(problems).toEqual([]);
  expect(valid).toBeGreaterThan(70);
});
