// Every tensor of a step with a summary of it, in the order in which the step makes them: what `checkStep` runs.

import { callerLine } from '../graph/check';
import { callsBehind } from '../graph/gradient';
import type { Call, Tensor } from '../graph/tensor';
import type { Wanted } from './plan';
import { allFinite, summaryFrom, summaryOf, summaryText, type Summary } from '../graph/summary';
import { State } from '../graph/state';

/** A tensor with the numbers that a run found in it. */
export interface Found extends Summary {
  /** `argument 1`, the name of a state, or that of an op's input or output. */
  readonly name: string;
}

/** The first of a step's tensors that holds a NaN or an infinity. */
export interface Culprit extends Found {
  /** The op that made it, behind its scopes; absent for arguments and states, which came with it into the step. */
  readonly op?: string;
  /** What the op was given. */
  readonly inputs: readonly Found[];
  /** The caller's line, where an op was called. */
  readonly at?: string;
}

/** What `checkStep` found. As text it says all of it. */
export interface StepCheck {
  /** Whether every value of every tensor is finite. */
  readonly finite: boolean;
  readonly culprit: Culprit | null;
  /** Tensors looked at. */
  readonly tensors: number;
  toString(): string;
}

interface Looked {
  readonly x: Tensor;
  readonly name: string;
  /** Absent for what comes with its values into the step. */
  readonly call?: Call;
}

/** What a step must make beside its effects so that `found` can tell what was in its tensors. */
export interface Inspection {
  readonly wanted: Wanted;
  /** From the values of `wanted.outputs`. */
  found(rows: readonly ArrayLike<number>[]): StepCheck;
}

/** What a step has to compute so that every tensor in it can be judged, and how to read the answers. */
export function inspect({ inputs, outputs, effects }: Wanted): Inspection {
  const looked = everyTensor(inputs, outputs, effects);
  const summaries = looked.map(({ x }) => summaryOf(x));
  const found = (rows: readonly ArrayLike<number>[]): StepCheck => {
    const known = new Map(looked.map(({ x }, i) => [x, summaryFrom(x.shape, rows[i])]));
    const first = looked.find(({ x }) => !allFinite(known.get(x)!));
    const culprit = first ? culpritFrom(first, known) : null;
    // Integers are looked at to be shown with what is made of them: an id beyond a table makes a NaN.
    const tensors = looked.filter(({ x }) => x.dtype === 'f32').length;
    const text = culprit ? culpritText(culprit) : `All values of the step's ${tensors} tensors are finite.`;
    return { finite: !culprit, culprit, tensors, toString: () => text };
  };
  return { wanted: { inputs, outputs: summaries, effects }, found };
}

/** What comes into the step, then what its calls make; views and constants hold nothing of their own. */
function everyTensor(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  effects: readonly Call[],
): Looked[] {
  const behind = callsBehind([...outputs, ...effects.flatMap(({ outputs: after }) => Object.values(after))]);
  const looked = new Map<Tensor, Looked>();
  const look = (one: Looked) => {
    if (one.x.size > 0 && !looked.has(one.x)) looked.set(one.x, one);
  };
  inputs.forEach((x, i) => look({ x, name: `argument ${i + 1}` }));
  for (const { op, inputs: given } of behind) {
    // What a pack is written to holds the results of the step before.
    for (const x of Object.values(given).slice(op.pack ? 1 : 0)) {
      if (x instanceof State) look({ x, name: x.name });
    }
  }
  // What nobody reads is an op's own scratch memory, which may hold anything.
  const ends = effects.flatMap(({ outputs: after }) => Object.values(after));
  const read = new Set([...outputs, ...ends, ...behind.flatMap(({ inputs: given }) => Object.values(given))]);
  for (const call of behind) {
    if (call.op.view || call.op.pack) continue;
    for (const [name, x] of Object.entries(call.outputs)) if (read.has(x)) look({ x, name, call });
  }
  return [...looked.values()];
}

function culpritFrom({ x, name, call }: Looked, known: ReadonlyMap<Tensor, Summary>): Culprit {
  const summary = known.get(x)!;
  if (!call) return { ...summary, name, inputs: [] };
  const inputs = Object.entries(call.inputs).flatMap(([input, given]) => {
    const seen = known.get(given) ?? known.get(sourceOf(given));
    return seen ? [{ ...seen, name: input }] : [];
  });
  return { ...summary, name, op: `${call.scope}${call.op.name}`, inputs, at: callerLine(call.stack) };
}

/** What a view shows. */
function sourceOf(x: Tensor): Tensor {
  while (x.call?.op.view) [x] = Object.values(x.call.inputs);
  return x;
}

function culpritText({ op, at, inputs, ...result }: Culprit): string {
  const line = (found: Found) => `    ${found.name}  ${summaryText(found)}`;
  if (op === undefined) return `${result.name} comes into the step with it:\n${line(result)}`;
  const given = inputs.length ? ['  given:', ...inputs.map(line)] : [];
  return [`${op} is the first to make one:`, line(result), ...given, `    at ${at}`].join('\n');
}
