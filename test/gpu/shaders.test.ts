// Every kernel is valid WGSL to this implementation's compiler, also those that no other test here runs.

import { afterAll, expect, test } from 'vitest';
import { Kernel } from '../../src/graph/kernel';
import { shortNames } from '../../src/build/shortNames';
import { reflect } from '../../src/wgsl/reflect';
import { shrink } from '../../src/wgsl/shrink';
import { openTestEngine } from '../harness/engine';

const kernels = import.meta.glob<Kernel>('../../shaders/*/*.wgsl', { eager: true, import: 'default' });
const texts = import.meta.glob<string>('../../shaders/*/*.wgsl', {
  ...{ eager: true, import: 'default', query: '?raw' },
});
const engine = await openTestEngine({ family: 'direct' });
afterAll(() => engine.destroy());

/** What the compiler says of them, by name. */
async function problemsOf(codes: readonly (readonly [name: string, code: string])[]): Promise<string[]> {
  const subgroups = engine.device.features.has('subgroups');
  const problems: string[] = [];
  let valid = 0;
  for (const [name, code] of codes) {
    if (!subgroups && /^enable subgroups;/m.test(code)) continue;
    engine.device.pushErrorScope('validation');
    const module = engine.device.createShaderModule({ label: name, code });
    const { messages } = await module.getCompilationInfo();
    const error = await engine.device.popErrorScope();
    const errors = messages.filter(({ type }) => type === 'error').map(({ message }) => message);
    if (error) errors.push(error.message);
    problems.push(...errors.map((message) => `${name}: ${message}`));
    valid++;
  }
  expect(valid).toBeGreaterThan(70);
  return problems;
}

test('all shaders', async () => {
  const codes = Object.values(kernels).map((kernel) => [kernel.name, kernel.with().code] as const);
  expect(await problemsOf(codes)).toEqual([]);
});

test('as short as the package has them', async () => {
  const names = Object.keys(texts).map((path) => /(\w+)\.wgsl/.exec(path)![1]);
  const shrunk = Object.values(texts).map(shrink);
  const short = shortNames(shrunk);
  expect(short.join('').length).toBeLessThan(0.95 * shrunk.join('').length);
  const kinds = names.map((name, i) => [reflect(name, shrunk[i]), reflect(name, short[i])]);
  for (const [whole, made] of kinds) expect({ ...made, code: '' }).toEqual({ ...whole, code: '' });
  const made = kinds.map(([{ name }, reflection]) => [name, new Kernel(reflection).with().code] as const);
  expect(await problemsOf(made)).toEqual([]);
});
