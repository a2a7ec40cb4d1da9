// One launch of a kernel as data, and what the kernel and its op owe each other: every binding has a tensor of its
// type, nothing is written but results, every result that is read is written, and a long row of workgroups is folded
// only if the kernel finds its place in a folded row. What WGSL says is known from reflection; it is checked here,
// while planning.

import { check } from '../graph/check';
import type { Binding, Variant } from '../graph/kernel';
import { boundSize, type Memory, type Place } from './memory';
import { type Call, type Dispatch, type Part, Tensor } from '../graph/tensor';
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
  const { reflection, name } = variant.kernel;
  const bindable = reflection.bindings.filter(({ access }) => access !== 'params');
  const storage = bindable.filter(({ access }) => access !== 'uniform');
  const limit = traits.maxStorageBuffers;
  check(
    storage.length <= limit,
    `${name}.wgsl binds ${storage.length} buffers, this device at most ${limit}`,
  );
  // A tensor may also stand in for one that this variant does not read.
  const sizes = new Map<Tensor, number>();
  const bindings = bindable.map((binding) => {
    const part = partBound(binding, dispatch, call);
    const planned = planBinding(binding, part, memory, name);
    sizes.set(part.tensor, planned.size);
    if (planned.writes) written.add(part.tensor);
    return planned;
  });
  const values = { ...numbers(call.dims), ...numbers(call.attrs), ...dispatch.params };
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

/** What the call has for a binding, by its name. */
function partBound(binding: Binding, dispatch: Dispatch, call: Call): Part {
  const { name } = binding;
  const file = `${dispatch.kernel.kernel.name}.wgsl`;
  const bound: Tensor | Part | undefined = dispatch.bind?.[name] ?? call.outputs[name] ?? call.inputs[name];
  check(bound, `${file} binds ${name}, which ${call.op.name} does not have`, `bind: { ${name}: … }`);
  const part = bound instanceof Tensor ? { tensor: bound, offset: 0, size: bound.size } : bound;
  checkBinding(binding, part.tensor, dispatch, call);
  return part;
}

function planBinding(
  { access, binding, name }: Binding,
  { tensor, offset, size }: Part,
  memory: Memory,
  kernel: string,
): PlannedBinding {
  const place = memory.place(tensor);
  check(
    access !== 'uniform' || place.home.kind === 'feed',
    `${kernel}.wgsl binds ${name} as a uniform, but the host is not asked for it`,
    'declare it as var<storage, read>; a uniform is what the host gives at every replay, as a learning rate',
  );
  return {
    binding,
    place: { home: place.home, offset: place.offset + offset },
    size: boundSize(size),
    writes: access === 'read_write',
  };
}

/** Refuses a binding that is not of this call, has another type, or is written where it is no result. */
function checkBinding({ name, access, holds }: Binding, x: Tensor, dispatch: Dispatch, call: Call): void {
  const { op, inputs, outputs } = call;
  const file = `${dispatch.kernel.kernel.name}.wgsl`;
  const result = Object.values(outputs).includes(x);
  const taken = Object.values(op.inPlace ?? {}).some((input) => inputs[input!] === x);
  const computed = x.source.kind === 'call' || x.source.kind === 'input';
  check(
    !computed || result || Object.values(inputs).includes(x),
    `${file} binds ${name} to a tensor that is neither an input nor a result of ${op.name}`,
    `make it an input of ${op.name}`,
  );
  check(
    access !== 'read_write' || result || taken,
    `${file} may write ${name}, but that is an input of ${op.name}, which others read`,
    `declare ${name} as var<storage, read>, or name it in inPlace`,
  );
  // What an op binds itself may move bits, or stand in for what this variant does not read.
  const byName = !op.anyType && !dispatch.bind?.[name];
  const wanted = holds === 'i32' ? 'u32' : (holds ?? 'f32');
  check(
    !byName || wanted === 'mixed' || wanted === x.dtype,
    `${file} declares ${name} as ${holds ?? 'f32'}, but it holds ${x.dtype}`,
    `declare ${name} as array<${x.dtype}>, or correct \`integers\` of ${op.name}`,
  );
}

/** A result that somebody reads, or that takes over an input's memory, must be written by one of the launches. */
export function checkWritten(
  { op, inputs, outputs }: Call,
  list: readonly Dispatch[],
  written: ReadonlySet<Tensor>,
  read: ReadonlySet<Tensor>,
): void {
  for (const [name, y] of Object.entries(outputs)) {
    const taken = op.inPlace?.[name];
    const done = written.has(y) || (taken !== undefined && written.has(inputs[taken]));
    if (done || !(read.has(y) || taken)) continue;
    const files = new Set(list.map(({ kernel }) => `${kernel.kernel.name}.wgsl`));
    check(
      false,
      `no launch writes ${name}: ${[...files].join(', ') || 'there is no launch, which'} does not bind it`,
      `declare var<storage, read_write> ${name}, or give it another name with bind: { …: ${name} }`,
    );
  }
}

/** Counts workgroups; a long row of them is folded into y if the kernel can find its place there. */
function workgroupsOf(
  { kernel, threads, workgroups, whole }: Dispatch,
  traits: Traits,
): [number, number, number] {
  const most = traits.maxWorkgroupsPerAxis;
  const size = kernel.workgroupSize;
  const { name, reflection } = kernel.kernel;
  const count = workgroups ?? threads?.map((n, axis) => Math.ceil(n / size[axis]));
  check(count, `a launch of ${name}.wgsl has neither threads nor workgroups`);
  let [x = 1, y = 1, z = 1] = count;
  const row = Math.min(most, traits.longestRow ?? most);
  if (x > row && y === 1 && (reflection.folds || x > most)) {
    check(
      reflection.folds,
      `${name}.wgsl needs a row of ${x} workgroups, ${most} are allowed, and it cannot be folded into y`,
      'ask for the place as `wid.y * groups.x + wid.x` or `gid.y * groups.x * WORKGROUP + gid.x`, where groups is ' +
        '@builtin(num_workgroups), and in no other way; or launch fewer workgroups',
    );
    y = Math.ceil(x / row);
    // None too many, where nothing is guarded.
    if (whole) while (x % y) y++;
    x = Math.ceil(x / y);
  }
  const text = `${name}.wgsl needs ${x} × ${y} × ${z} workgroups`;
  check(
    Math.max(x, y, z) <= most,
    `${text}, at most ${most} an axis are allowed`,
    'make the tensors smaller.',
  );
  return [x, y, z];
}

const numbers = (record: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
