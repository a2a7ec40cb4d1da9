// The launches of a plan with everything that the device must be told: pipelines, bind groups, offsets of params.

import { fail } from '../../graph/check';
import type { PlannedDispatch } from '../../plan/launch';
import type { Plan } from '../../plan/plan';
import type { CountedDevice } from '../device/device';
import type { ReplayMemory } from './replayMemory';

/** A planned launch with its pipeline and what it binds. */
export interface Launch {
  readonly planned: PlannedDispatch;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly offsets: readonly number[];
}

/** Launches that bind what `memory` has now; those that bind the same share a bind group. */
export function bindLaunches(
  { dispatches }: Plan,
  memory: ReplayMemory,
  params: GPUBuffer | null,
  device: CountedDevice,
): Launch[] {
  const groups = new Map<string, GPUBindGroup>();
  const ids = new Map<object, number>();
  const idOf = (object: object) => ids.get(object) ?? (ids.set(object, ids.size), ids.size - 1);
  return dispatches.map((planned, i) => {
    const { variant, bindings, label } = planned;
    const located = bindings.map((binding) => ({ ...binding, ...memory.locate(binding.place) }));
    refuseConflicts(planned, located);
    const key = located.map(({ buffer, offset, size }) => `${idOf(buffer)}:${offset}:${size}`).join();
    const name = `${idOf(variant.kernel)} ${key}`;
    let group = groups.get(name);
    if (!group) {
      const entries: GPUBindGroupEntry[] = located.map(({ binding, buffer, offset, size }) => ({
        binding,
        resource: { buffer, offset: offset * 4, size: size * 4 },
      }));
      const block = variant.kernel.reflection.bindings.find(({ access }) => access === 'params');
      const size = Math.ceil(variant.kernel.reflection.paramsBytes / 16) * 16;
      if (block) entries.push({ binding: block.binding, resource: { buffer: params!, size } });
      group = device.createBindGroup(`#${i} ${label}`, variant, entries);
      groups.set(name, group);
    }
    const offsets = planned.paramsOffset < 0 ? [] : [planned.paramsOffset];
    return { planned, pipeline: device.pipeline(variant), group, offsets };
  });
}

/** WebGPU forbids one buffer as both read-only and writable in a dispatch, even in disjoint parts. */
function refuseConflicts(
  { label, variant }: PlannedDispatch,
  bound: readonly { buffer: GPUBuffer; writes: boolean }[],
): void {
  const written = new Set(bound.filter(({ writes }) => writes).map(({ buffer }) => buffer));
  if (bound.some(({ buffer, writes }) => !writes && written.has(buffer))) {
    fail(`${label}: ${variant.kernel.name}.wgsl would read and write one buffer through two bindings.`, {
      fix: 'declare the shared tensor as inPlace, or copy it first.',
    });
  }
}
