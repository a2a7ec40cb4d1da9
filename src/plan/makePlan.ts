// From what a step wants to its plan. Every limit of the device is checked here, before anything is allocated.

import { callerLine, fail, inContext, shapeText } from '../graph/check';
import { auditOf } from '../graph/bound';
import { copyDispatch } from '../graph/copy';
import { givenText } from '../graph/op';
import { ParamBlocks } from '../graph/params';
import type { Call, Dispatch, Part, Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import type { PlanTraits } from '../graph/tuning';
import { gibibytes, largestTensors } from './explain';
import { planLaunch, type PlannedDispatch, type Planning } from './launch';
import { boundSize, planMemory, type Memory } from './memory';
import type { Plan, Wanted } from './plan';
import { schedule } from './schedule';

/** An adapter, and what an engine does with every plan: see half.ts. */
export type StepTraits = PlanTraits & { half?: (plan: Plan) => Plan };

/** The plan of a step on an adapter with these traits. Refuses what the adapter cannot do, and says which op it is. */
export function makePlan({ inputs, outputs: wanted, effects }: Wanted, traits: StepTraits): Plan {
  const { calls, outputs } = schedule(wanted, effects, traits);
  refuseStrangers(calls, inputs, outputs);
  const memory = planMemory(calls, inputs, outputs);
  const params = new ParamBlocks();
  // A state first: where one is too large, no smaller batch helps.
  refuseTooLarge(calls, memory, traits, true);
  refuseTooLarge(calls, memory, traits, false);
  const used = new Set([...calls.flatMap((call) => Object.values(call.inputs)), ...outputs]);
  const dispatches = calls.flatMap((call) =>
    inContext(
      call.op.name,
      () => givenText(call.op, call.inputs, call.attrs),
      () => callerLine(call.stack),
      () => planCall(call, used, { memory, params, traits }),
    ),
  );
  const feeds = [...used].filter(({ source }) => source.kind === 'feed');
  const plan = { calls, dispatches, memory, params: params.bytes(), inputs, outputs, feeds };
  return traits.half?.(plan) ?? plan;
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
      fix: 'pass it to this step as an argument, or keep it in a State with assign().',
    });
  };
  for (const { op, inputs: used, stack } of calls) {
    for (const [name, x] of Object.entries(used)) refuse(`${op.name}: ${name}`, x, stack);
  }
  outputs.forEach((x) => refuse('The result', x));
}

function planCall(call: Call, used: ReadonlySet<Tensor>, planning: Planning): PlannedDispatch[] {
  if (call.op.view) return [];
  const { memory, traits } = planning;
  const t = { ...call.inputs, ...call.outputs };
  if (call.op.pack) {
    return packCopies(call, memory).map((copy) => planLaunch(copy, call, 0, new Set(), planning));
  }
  const list = [call.op.dispatch(t, call.dims, call.attrs, traits)].flat();
  const flops = call.op.flops?.(t, call.dims, call.attrs) ?? 0;
  const written = new Set<Tensor>();
  const planned = list.map((first) => {
    const { dispatch, choice } = traits.tuning?.choose(call, first) ?? { dispatch: first };
    return { ...planLaunch(dispatch, call, flops / list.length, written, planning), choice };
  });
  auditOf(list[0].kernel.kernel)?.written(call, list, written, used);
  return planned;
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

/** A tensor that no buffer can hold is found before anything is made: of `states`, or of what is computed. */
function refuseTooLarge(calls: readonly Call[], memory: Memory, traits: Traits, states: boolean): void {
  for (const { op, inputs, outputs, attrs, stack } of calls) {
    // A pack binds its members alone.
    const whole = !op.inParts && !op.pack;
    const limit = whole ? Math.min(traits.maxBindingBytes, traits.maxBufferBytes) : traits.maxBufferBytes;
    for (const [name, x] of Object.entries({ ...inputs, ...outputs })) {
      const bytes = boundSize(x.size) * 4;
      if (bytes <= limit || (x.source.kind === 'state') !== states) continue;
      const most = whole
        ? `this device binds at most ${sizeText(limit)} (maxStorageBufferBindingSize)`
        : `a buffer of this device holds at most ${sizeText(limit)} (maxBufferSize)`;
      const largest = largestTensors(calls, memory).map((line) => `  ${line}`);
      fail(`${op.name}: ${name} needs ${sizeText(bytes)}, but ${most}.`, {
        given: [givenText(op, inputs, attrs), 'largest tensors of the step:', ...largest].join('\n    '),
        at: callerLine(stack),
        fix: fixOf(states, whole),
      });
    }
  }
}

function fixOf(state: boolean, whole: boolean): string {
  if (!whole) return 'give the parameters to two optimizers, half to each.';
  return state ? 'make this parameter smaller, or two of it.' : 'make the batch or the sequence smaller.';
}

const sizeText = (bytes: number): string => gibibytes(bytes) || `${Math.ceil(bytes / 2 ** 20)} MiB`;
