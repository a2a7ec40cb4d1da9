// The texts that ran: what each launch of a plan is made of, as WGSL in the constants that it was launched with, and as
// a setup of the editor. The page's kernels have lost their comments; they are shown with them where that is the same
// program.

import { Kernel, type Variant } from '../../src/graph/kernel';
import type { Limit } from '../../src/bench/case';
import type { PlannedDispatch } from '../../src/plan/launch';
import type { Place } from '../../src/plan/memory';
import type { Plan } from '../../src/plan/plan';
import { shrink } from '../../src/wgsl/shrink';
import type { KernelSetup } from './editor/setup';
import { referenceOf } from './editor/references';

const FILES = Object.entries(
  import.meta.glob<string>('../../shaders/*/*.wgsl', { query: '?raw', import: 'default', eager: true }),
);
const SHADERS = new Map(FILES.map(([path, text]) => [/([^/]+)\.wgsl$/.exec(path)![1], text]));

/** A program that was launched, in one size or several. */
export interface LaunchText {
  readonly kernel: string;
  /** As it was compiled. */
  readonly code: string;
  readonly launches: number;
  /** Its constants that differ from the file's, and its workgroups. */
  readonly settings: string;
  /** A setup that launches it as its first launch did. */
  setup(): KernelSetup;
}

/** The programs of a plan, each once. */
export function textsOf(plan: Pick<Plan, 'dispatches' | 'params'>, limit: Limit): LaunchText[] {
  const groups = new Map<string, PlannedDispatch[]>();
  for (const one of plan.dispatches) {
    groups.set(one.variant.code, [...(groups.get(one.variant.code) ?? []), one]);
  }
  return [...groups.values()].map((launches): LaunchText => {
    const [first] = launches;
    const { variant, workgroups } = first;
    const changes = Object.entries(variant.changes).map(([name, value]) => `${name} ${String(value)}`);
    const counts = workgroups.join(' × ').replace(/( × 1)+$/, '');
    const grid = `${counts} workgroup${counts === '1' ? '' : 's'} of ${variant.workgroupSize[0]}`;
    const written = asWritten(variant);
    // Made now: a plan holds on to the buffers' sizes of a whole model.
    const made = setupOf(first, written.rolled, plan.params, limit);
    return {
      kernel: variant.kernel.name,
      code: written.code,
      launches: launches.length,
      settings: [grid, ...changes].join(', '),
      setup: () => structuredClone(made),
    };
  });
}

/** The same program with the comments of its file. */
function asWritten(variant: Variant): Pick<Variant, 'code' | 'rolled'> {
  const { kernel, changes } = variant;
  const code = SHADERS.get(kernel.name);
  if (code === undefined) return variant;
  const whole = new Kernel({ ...kernel.reflection, code }).with(changes);
  return shrink(whole.code) === shrink(variant.code) ? whole : variant;
}

function setupOf(
  { variant, bindings, paramsOffset, workgroups, flops, bytes }: PlannedDispatch,
  wgsl: string,
  params: Uint8Array,
  limit: Limit,
): KernelSetup {
  const { reflection } = variant.kernel;
  const view = new DataView(params.buffer, params.byteOffset);
  const numbers = reflection.params.map(({ name, type, offset }): [string, string] => {
    const at = paramsOffset + offset;
    const value = { f32: view.getFloat32, u32: view.getUint32, i32: view.getInt32 }[type].call(
      view,
      at,
      true,
    );
    return [name, String(value)];
  });
  const buffers = reflection.bindings
    .filter(({ access }) => access !== 'params')
    .map(({ name, access, holds }, i): [string, KernelSetup['buffers'][string]] => {
      const fill = access === 'read' && !holds ? 'uniform' : 'zeros';
      // A tensor that is bound under two names holds the same under both.
      const seed = String(bindings.findIndex(({ place }) => isSame(place, bindings[i].place)) + 1);
      return [name, { size: String(bindings[i].size), fill, seed, low: '', high: '' }];
    });
  return {
    name: `${variant.kernel.name}, changed`,
    wgsl,
    buffers: Object.fromEntries(buffers),
    params: Object.fromEntries(numbers),
    constants: {},
    workgroups: workgroups.map(String) as [string, string, string],
    reference: referenceOf(variant),
    flops: flops ? String(flops) : '',
    bytes: String(bytes),
    limit,
    tolerance: '',
    origin: wgsl,
  };
}

const isSame = (one: Place, other: Place): boolean => {
  const homes = Object.values(other.home);
  return one.offset === other.offset && Object.values(one.home).every((part, i) => part === homes[i]);
};
