// The adapters of this machine in lines, for `doctor` and `--adapter list`: which one is taken, and why.

import { chosen, speedText } from '../../gpu/device/attempts.node';
import { listAdapters, nodeGpu, type ListedAdapter } from '../../gpu/device/node';

/** Names that lavapipe has. */
const LAVAPIPE = /llvmpipe|lavapipe/i;

/** Whether the machine has a lavapipe that works. */
export const hasLavapipe = (listed: readonly ListedAdapter[]): boolean =>
  listed.some(({ name }) => name !== null && LAVAPIPE.test(name));

/** A line for each adapter; `driver`: of the one that is taken. */
export function adapterLines(listed: readonly ListedAdapter[], driver: string | undefined): string[] {
  const working = listed.filter(({ name }) => name !== null);
  return listed.map((one) => {
    if (one.name === null) return `${one.driver}: does not work with WebGPU`;
    const speed = one.gflops === undefined ? [] : [`${speedText(one.gflops)} in a product (measured)`];
    const taken = one.driver === driver && one === working.find((other) => other.driver === driver);
    const why = taken ? [`taken: ${reason(one, working)}`] : [];
    return `${one.name}: ${[...why, ...speed, one.driver].join(', ')}`;
  });
}

function reason({ software }: ListedAdapter, working: readonly ListedAdapter[]): string {
  const { SEQGPU_ADAPTER: wanted } = process.env;
  if (wanted) return `its name has "${wanted}"`;
  const given = chosen();
  if (given) return given.name;
  if (working.length === 1) return 'the only one';
  if (!software) return 'a GPU goes before software';
  return 'the fastest of the software adapters';
}

/** Prints what `--adapter` can choose from; the action's exit code is 1 where there is nothing. */
export async function printAdapters(): Promise<number> {
  delete process.env.SEQGPU_ADAPTER;
  const listed = await listAdapters('all');
  const { driver, tried } = await nodeGpu();
  const lines = adapterLines(listed, driver);
  console.log(lines.length > 0 ? lines.join('\n') : `no adapter:\n  ${tried.join('\n  ')}`);
  return driver ? 0 : 1;
}
