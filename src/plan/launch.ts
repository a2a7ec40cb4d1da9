// One launch of a kernel as data: what is bound to it, its params, its workgroups. What WGSL says is known from
// reflection; whether kernel and op fit each other is checked by the kernel's audit.

import { check } from '../graph/check';
import { auditOf, boundTo } from '../graph/bound';
import type { Binding, Variant } from '../graph/kernel';
import { boundSize, type Memory, type Place } from './memory';
import type { Call, Dispatch, Part, Tensor } from '../graph/tensor';
import type { ParamBlocks } from '../graph/params';
import type { Traits } from '../graph/traits';
import type { Choice, PlanTraits } from '../graph/tuning';

/** A place that a launch binds. */
export interface PlannedBinding {
  readonly binding: number;
  readonly place: Place;
  /** Elements. */
  readonly size: number;
  readonly writes: boolean;
}

/** A launch as data: its kernel, what it binds, its params and how many workgroups. */
export interface PlannedDispatch {
  /** The op's name, behind its scopes. */
  readonly label: string;
  readonly variant: Variant;
  readonly bindings: readonly PlannedBinding[];
  /** Where this launch's params start in `Plan.params`, in bytes. */
  readonly paramsOffset: number;
  readonly workgroups: readonly [number, number, number];
  readonly flops: number;
  readonly bytes: number;
  readonly call: Call;
  /** Which of several ways this is, where there are several. */
  readonly choice?: Choice;
}

/** What the launches of a plan are made from. */
export interface Planning {
  readonly memory: Memory;
  readonly params: ParamBlocks;
  readonly traits: PlanTraits;
}

/** Plans one launch of a call that makes `flops`; notes in `written` what it writes. */
export function planLaunch(
  dispatch: Dispatch,
  call: Call,
  flops: number,
  written: Set<Tensor>,
  { memory, params, traits }: Planning,
): PlannedDispatch {
  const { kernel: variant } = dispatch;
  const { reflection } = variant.kernel;
  const values = { ...call.dims, ...call.attrs, ...dispatch.params };
  auditOf(variant.kernel)?.launch(dispatch, call, values, traits);
  const bindable = reflection.bindings.filter(({ access }) => access !== 'params');
  // A tensor may also stand in for one that this variant does not read.
  const sizes = new Map<Tensor, number>();
  const bindings = bindable.map((binding) => {
    const part = boundTo(binding.name, dispatch, call)!;
    const planned = planBinding(binding, part, memory);
    sizes.set(part.tensor, planned.size);
    if (planned.writes) written.add(part.tensor);
    return planned;
  });
  return {
    label: `${call.scope}${call.op.name}`,
    variant,
    bindings,
    paramsOffset: params.add(variant, values),
    workgroups: workgroupsOf(dispatch, traits),
    flops,
    bytes: 4 * [...sizes.values()].reduce((sum, size) => sum + size, 0),
    call,
  };
}

function planBinding(
  { access, binding }: Binding,
  { tensor, offset, size }: Part,
  memory: Memory,
): PlannedBinding {
  const place = memory.place(tensor);
  return {
    binding,
    place: { home: place.home, offset: place.offset + offset },
    size: boundSize(size),
    writes: access === 'read_write',
  };
}

/** Counts workgroups; a long row of them is folded into y if the kernel can find its place there. */
function workgroupsOf(
  { kernel, threads, workgroups, whole }: Dispatch,
  traits: Traits,
): [number, number, number] {
  const most = traits.maxWorkgroupsPerAxis;
  const size = kernel.workgroupSize;
  const { name, reflection } = kernel.kernel;
  let [x = 1, y = 1, z = 1] = workgroups ?? threads!.map((n, axis) => Math.ceil(n / size[axis]));
  const row = Math.min(most, traits.longestRow ?? most);
  if (x > row && y === 1 && reflection.folds) {
    y = Math.ceil(x / row);
    // None too many, where nothing is guarded.
    if (whole) while (x % y) y++;
    x = Math.ceil(x / y);
  }
  const text = `${name}.wgsl needs ${x} × ${y} × ${z} workgroups`;
  check(
    Math.max(x, y, z) <= most,
    `${text}, at most ${most} an axis are allowed`,
    'make the tensors smaller',
  );
  return [x, y, z];
}
