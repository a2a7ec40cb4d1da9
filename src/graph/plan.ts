// A plan is a training step as data: the launches in order, what each binds, and the sizes of all buffers.
// The replayer needs nothing else. Every limit of the device is checked here, before anything is allocated.

import { callerLine, check, explain, fail, shapeText } from './check';
import { copyDispatch } from './copy';
import { largestTensors, table } from './explain';
import type { Variant } from './kernel';
import { boundSize, planMemory, type Memory, type Place } from './memory';
import { givenText, type Call, type Dispatch, type Part } from './op';
import { ParamBlocks } from './params';
import { schedule } from './schedule';
import { Tensor, type State } from './tensor';
import type { Traits } from './traits';
import type { Choice } from './tuning';

export interface PlannedBinding {
  readonly binding: number;
  readonly place: Place;
  /** Elements. */
  readonly size: number;
  readonly writes: boolean;
}

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

export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  readonly memory: Memory;
  /** Params of all launches, each block at a multiple of 256 bytes. */
  readonly params: Uint8Array;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Asked of the host at every replay. */
  readonly feeds: readonly Tensor[];
  /** The schedule as a table: kernel, shapes, workgroups, bytes, FLOPs, buffer slot. */
  explain(): string;
}

export interface Wanted {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly effects: readonly Call[];
}

export function makePlan({ inputs, outputs: wanted, effects }: Wanted, traits: Traits): Plan {
  const { calls, outputs } = schedule(wanted, effects, traits);
  refuseStrangers(calls, inputs, outputs);
  const memory = planMemory(calls, inputs, outputs);
  const params = new ParamBlocks();
  refuseTooLarge(calls, memory, traits);
  const dispatches = calls.flatMap((call) =>
    explain(
      call.op.name,
      () => givenText(call.op, call.inputs, call.attrs),
      () => callerLine(call.stack),
      () => planCall(call, memory, params, traits),
    ),
  );
  const used = [...calls.flatMap((call) => Object.values(call.inputs)), ...outputs];
  const feeds = new Set(used.filter(({ source }) => source.kind === 'feed'));
  const plan = { dispatches, memory, params: params.bytes(), inputs, outputs, feeds: [...feeds] };
  return { ...plan, explain: () => table(plan) };
}

/** A tensor that was an argument of another recording has no value in this one. */
function refuseStrangers(
  calls: readonly Call[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): void {
  const known = new Set(inputs);
  const refuse = (what: string, x: Tensor, stack?: Error) => {
    if (x.source.kind !== 'input' || known.has(x)) return;
    fail(`${what} ${shapeText(x.shape)} is an argument of another recording.`, {
      at: stack && callerLine(stack),
      fix: 'pass the value to this step as an argument, or keep it in a State with assign().',
    });
  };
  for (const { op, inputs: used, stack } of calls) {
    for (const [name, x] of Object.entries(used)) refuse(`${op.name}: ${name}`, x, stack);
  }
  outputs.forEach((x) => refuse('The result', x));
}

function planCall(call: Call, memory: Memory, params: ParamBlocks, traits: Traits): PlannedDispatch[] {
  if (call.op.view) return [];
  const t = { ...call.inputs, ...call.outputs };
  const list = call.op.pack
    ? packCopies(call, memory)
    : [call.op.dispatch(t, call.dims, call.attrs, traits)].flat();
  const flops = call.op.flops?.(t, call.dims, call.attrs) ?? 0;
  return list.map((first) => {
    const { dispatch, choice } = traits.tuning?.choose(call, first) ?? { dispatch: first };
    return { ...planDispatch(dispatch, call, flops / list.length, memory, params, traits), choice };
  });
}

function packCopies(call: Call, memory: Memory): Dispatch[] {
  const [target] = Object.values(call.outputs);
  const offsets = call.attrs.offsets as readonly number[];
  return Object.values(call.inputs)
    .slice(1)
    .flatMap((x, i) => {
      const part: Part = { tensor: target, offset: offsets[i], size: x.size };
      return memory.copied.has(x) ? [copyDispatch(x, part)] : [];
    });
}

function planDispatch(
  dispatch: Dispatch,
  call: Call,
  flops: number,
  memory: Memory,
  params: ParamBlocks,
  traits: Traits,
): PlannedDispatch {
  const { kernel: variant } = dispatch;
  const { reflection, name } = variant.kernel;
  const tensors: Record<string, Tensor | Part> = { ...call.inputs, ...call.outputs, ...dispatch.bind };
  const bindable = reflection.bindings.filter(({ access }) => access !== 'params');
  const storage = bindable.filter(({ access }) => access !== 'uniform');
  const limit = traits.maxStorageBuffers;
  check(
    storage.length <= limit,
    `${name}.wgsl binds ${storage.length} buffers, this device at most ${limit}`,
  );
  // A tensor may also stand in for one that this variant does not read.
  const sizes = new Map<Tensor, number>();
  const bindings = bindable.map(({ name: variable, binding, access }): PlannedBinding => {
    const bound = tensors[variable];
    check(
      bound,
      `${name}.wgsl binds ${variable}, which ${call.op.name} does not have`,
      `bind: { ${variable}: … }`,
    );
    const part = bound instanceof Tensor ? { tensor: bound, offset: 0, size: bound.size } : bound;
    const place = memory.place(part.tensor);
    check(
      access !== 'uniform' || place.home.kind === 'feed',
      `${name}.wgsl binds ${variable} as a uniform, but the host is not asked for it`,
      'declare it as var<storage, read>; a uniform is what the host gives at every replay, as a learning rate',
    );
    const size = boundSize(part.size);
    sizes.set(part.tensor, size);
    return {
      binding,
      place: { home: place.home, offset: place.offset + part.offset },
      size,
      writes: access === 'read_write',
    };
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

/** A tensor that no buffer can hold is found before anything is made. */
function refuseTooLarge(calls: readonly Call[], memory: Memory, traits: Traits): void {
  const limit = Math.min(traits.maxBindingBytes, traits.maxBufferBytes);
  for (const { op, inputs, outputs, attrs, stack } of calls) {
    for (const [name, x] of Object.entries({ ...inputs, ...outputs })) {
      const bytes = boundSize(x.size) * 4;
      if (bytes <= limit) continue;
      const most = `this device binds at most ${mebibytes(limit)} (maxStorageBufferBindingSize)`;
      const largest = largestTensors(calls, memory).map((line) => `  ${line}`);
      fail(`${op.name}: ${name} needs ${mebibytes(bytes)}, but ${most}.`, {
        given: [givenText(op, inputs, attrs), 'largest tensors of the step:', ...largest].join('\n    '),
        at: callerLine(stack),
        fix: 'make the batch or the sequence smaller.',
      });
    }
  }
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Counts workgroups; a long row of them is folded into y, as kernels that loop over elements expect. */
function workgroupsOf({ kernel, threads, workgroups }: Dispatch, traits: Traits): [number, number, number] {
  const most = traits.maxWorkgroupsPerAxis;
  const size = kernel.workgroupSize;
  const count = workgroups ?? threads?.map((n, axis) => Math.ceil(n / size[axis]));
  check(count, `a launch of ${kernel.kernel.name}.wgsl has neither threads nor workgroups`);
  let [x = 1, y = 1, z = 1] = count;
  if (x > most && y === 1) {
    y = Math.ceil(x / most);
    x = Math.ceil(x / y);
  }
  const text = `${kernel.kernel.name}.wgsl needs ${x} × ${y} × ${z} workgroups`;
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

/** The states that a plan overwrites, flat buffers counted once. */
export function statesWritten({ dispatches }: Pick<Plan, 'dispatches'>): Set<State> {
  const bindings = dispatches.flatMap((dispatch) => dispatch.bindings);
  return new Set(
    bindings.flatMap(({ writes, place }) =>
      writes && place.home.kind === 'state' ? [place.home.state] : [],
    ),
  );
}
