// Effects are calls that write to states, in their recorded order. Everybody in a step reads a state as it was before
// the step, so what reads states comes before the first effect; only what was computed from an effect's own result (a
// projection of parameters that were just updated) comes behind that effect.

import { callerLine, fail } from '../graph/check';
import { copyOp } from '../graph/copy';
import { inOrderOfCreation } from '../graph/gradient';
import type { Call, Tensor } from '../graph/tensor';
import { State } from '../graph/state';

interface Region {
  readonly owner: Tensor;
  readonly from: number;
  readonly to: number;
}

interface Write extends Region {
  readonly call: Call;
  /** The region as it is after the write. */
  readonly after: Tensor;
}

/** What the effects of a step overwrite. */
export interface Writes {
  /** The last effect that overwrites what x shows of a state. */
  writerOf(x: Tensor): Call | undefined;
}

const viewed = (x: Tensor): Tensor => {
  let owner = x;
  while (owner.call?.op.view || owner.call?.op.pack) [owner] = Object.values(owner.call.inputs);
  return owner;
};

/** The storage behind a tensor: a view is what it shows, a member of a flat buffer is a part of that. */
function regionOf(x: Tensor): Region {
  const owner = viewed(x);
  const home = owner instanceof State ? owner.home : null;
  const from = home?.offset ?? 0;
  return { owner: home?.flat ?? owner, from, to: from + owner.size };
}

/** An effect must not read what an earlier one has overwritten, unless it asks for that one's result. */
export function checkEffects(effects: readonly Call[]): Writes {
  const written: Write[] = [];
  const last = (x: Tensor): Write | undefined => {
    const { owner, from, to } = regionOf(x);
    return written.filter((write) => write.owner === owner && from < write.to && write.from < to).at(-1);
  };
  for (const call of effects) {
    for (const [name, x] of Object.entries(call.inputs)) {
      const write = last(x);
      if (write) refuse(call, x instanceof State ? x.name : name, write.call);
    }
    for (const [output, input] of Object.entries(call.op.inPlace ?? {})) {
      const x = call.inputs[input!];
      // The result of an earlier effect is the state that that one wrote.
      const before = written.find(({ after }) => after === viewed(x));
      written.push({ ...(before ?? regionOf(x)), call, after: call.outputs[output] });
    }
  }
  return { writerOf: (x) => last(x)?.call };
}

function refuse(call: Call, state: string, writer: Call): never {
  fail(`${call.op.name}: ${state} is used after ${writer.op.name} has overwritten it in the same step.`, {
    at: callerLine(call.stack),
    fix: 'write a state once in a step, and read it before.',
  });
}

/** All calls in an order in which each finds its inputs, and every state as it was before the step. */
export function inOrder(calls: readonly Call[], effects: readonly Call[], writes: Writes): Call[] {
  // How many effects must have happened before a tensor is there.
  const stages = new Map<Tensor, number>();
  const stageOf = (call: Call) => Math.max(0, ...Object.values(call.inputs).map((x) => stages.get(x) ?? 0));
  const note = (call: Call, stage: number) =>
    Object.values(call.outputs).forEach((y) => stages.set(y, stage));
  const byStage: Call[][] = Array.from({ length: effects.length + 1 }, () => []);
  const places = new Map(effects.map((call, i) => [call, i]));
  for (const call of inOrderOfCreation([...calls, ...effects])) {
    const place = places.get(call);
    const stage = stageOf(call);
    note(call, place === undefined ? stage : place + 1);
    if (place === undefined) byStage[stage].push(stage ? withCopies(call, byStage[0], writes) : call);
  }
  return byStage.flatMap((some, i) => (i < effects.length ? [...some, effects[i]] : some));
}

/** A call behind an effect that asks for a state as it was before gets a copy from then. */
function withCopies(call: Call, first: Call[], writes: Writes): Call {
  const inputs = { ...call.inputs };
  for (const [name, x] of Object.entries(inputs)) {
    if (!writes.writerOf(x)) continue;
    const copied = copyOp({ x }, {}).y;
    first.push(copied.call!);
    inputs[name] = copied;
  }
  return { ...call, inputs };
}
