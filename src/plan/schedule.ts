// From "what is wanted" to "which calls, in which order": dead code is dropped, equal calls are shared, some go another
// way (rewrite.ts), work is absorbed into the epilogue of the kernel before it, elementwise calls in a row are joined
// (chain.ts), effects are put in their places (effects.ts), and in-place calls get a copy where one is needed.

import { joinChains } from './chain';
import { copyOp } from '../graph/copy';
import { checkEffects, inOrder } from './effects';
import { callsBehind, inOrderOfCreation } from '../graph/gradient';
import { apply } from '../graph/op';
import { mapValues, type Absorbable, type Call, type Consumer, type Tensor } from '../graph/tensor';
import { rewriteCalls } from './rewrite';
import { State } from '../graph/state';
import type { Traits } from '../graph/traits';

/** The calls that compute what is wanted, in order. */
export interface Schedule {
  readonly calls: readonly Call[];
  /** The wanted tensors, each replaced by the one that really holds its value. */
  readonly outputs: readonly Tensor[];
}

/** Which calls compute `asked` and `effects`, and in which order. */
export function schedule(
  asked: readonly Tensor[],
  effects: readonly Call[],
  { chains }: Pick<Traits, 'chains'>,
): Schedule {
  const writes = checkEffects(effects);
  // Who asks for a state gets a copy: its value in this step, from before what the step writes, whenever it is read.
  // And who asks for an argument: a result may be an argument of the next step, whose arguments may go where it lies.
  const last = new Set(effects);
  const wanted = asked.map((x) => (showsOthers(x, last) ? copyOp({ x }, {}).y : x));
  const roots = [...wanted, ...effects.flatMap((call) => Object.values(call.inputs))];
  const pure = callsBehind(roots).filter((call) => !last.has(call));
  const { calls, same } = rewriteShared(pure, roots);
  const outputs = wanted.map(same);
  const ends = effects.map((call) => withInputs(call, same));
  const absorbed = absorb(calls, ends, outputs);
  const fused = chains ? joinChains(absorbed, ends, outputs) : absorbed;
  return { calls: copyBeforeOverwrite(inOrder(fused, ends, writes), new Set(ends), outputs), outputs };
}

/** Whether a tensor is storage of an argument or a state: that, a view of it, or the result of an effect on it. */
function showsOthers(x: Tensor, effects: ReadonlySet<Call>): boolean {
  if (x.source.kind !== 'call') return x instanceof State || x.source.kind === 'input';
  const { call, output } = x.source;
  const { op, inputs } = call;
  if (op.view || op.pack) return showsOthers(Object.values(inputs)[0], effects);
  const under = effects.has(call) ? op.inPlace?.[output] : undefined;
  return under !== undefined && showsOthers(inputs[under], effects);
}

const ids = new WeakMap<object, number>();
let count = 0;

/** A number for an op or a function: two may have one name. */
function idOf(object: object): number {
  const id = ids.get(object) ?? ++count;
  ids.set(object, id);
  return id;
}

/** JSON makes null of ±∞ and NaN, drops functions, and does not tell -0 from 0. */
const distinct = (_name: string, value: unknown): unknown => {
  if (typeof value === 'function') return `function ${idOf(value)}`;
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? 'number -0' : `number ${value}`;
};

/** Equal calls shared, and again after some have gone another way; `same`: what holds a tensor's value then. */
function rewriteShared(
  pure: readonly Call[],
  roots: readonly Tensor[],
): { calls: Call[]; same: (x: Tensor) => Tensor } {
  const once = shareEqual(pure);
  const first = (x: Tensor) => once.same.get(x) ?? x;
  const rewritten = rewriteCalls(once.calls, roots.map(first));
  if (!rewritten.same.size) return { calls: once.calls, same: first };
  const { calls, same } = shareEqual(rewritten.calls);
  const moved = (x: Tensor) => rewritten.same.get(x) ?? x;
  const last = (x: Tensor) => same.get(x) ?? x;
  return { calls, same: (x) => last(moved(first(x))) };
}

/** Calls of the same op on the same inputs with the same options become one. */
function shareEqual(calls: readonly Call[]): { calls: Call[]; same: Map<Tensor, Tensor> } {
  const same = new Map<Tensor, Tensor>();
  const known = new Map<string, Call>();
  const kept: Call[] = [];
  for (const call of calls) {
    const now = withInputs(call, (x) => same.get(x) ?? x);
    const inputs = Object.entries(now.inputs).map(([name, x]) => `${name}:${x.id}`);
    const key = `${idOf(call.op)}|${inputs.join()}|${JSON.stringify(call.attrs, distinct)}`;
    const twin = call.op.pack ? undefined : known.get(key);
    if (twin) {
      for (const name in call.outputs) same.set(call.outputs[name], twin.outputs[name]);
    } else {
      known.set(key, now);
      kept.push(now);
    }
  }
  return { calls: kept, same };
}

const withInputs = (call: Call, same: (x: Tensor) => Tensor): Call => ({
  ...call,
  inputs: mapValues(call.inputs, same),
});

/** Lets a call take over the work of its only consumer, again and again until its op accepts no more. */
function absorb(calls: readonly Call[], effects: readonly Call[], outputs: readonly Tensor[]): Call[] {
  const users = new Map<Tensor, Set<Call>>();
  const note = (call: Call) => {
    for (const x of Object.values(call.inputs)) users.set(x, (users.get(x) ?? new Set()).add(call));
  };
  [...calls, ...effects].forEach(note);
  const forget = (call: Call) => Object.values(call.inputs).forEach((x) => users.get(x)?.delete(call));
  const fixed = new Set([...outputs, ...effects.flatMap((call) => Object.values(call.inputs))]);
  const gone = new Set<Call>();
  const kept: Call[] = [];
  for (let call of calls) {
    if (gone.has(call)) continue;
    for (;;) {
      const [result, ...more] = Object.values(call.outputs);
      const [user, ...others] = users.get(result) ?? [];
      if (!call.op.absorb || more.length || fixed.has(result) || !user || others.length) break;
      const merged = tryAbsorb(call, user, result);
      if (!merged) break;
      [call, user].forEach(forget);
      gone.add(user);
      note(merged);
      call = merged;
    }
    kept.push(call);
  }
  // A merged call carries its consumer's result, so this moves it to where the consumer stood: only there
  // are all its inputs known.
  return inOrderOfCreation(kept);
}

function tryAbsorb(call: Call, user: Call, through: Tensor): Call | null {
  const names = Object.keys(user.inputs).filter((name) => user.inputs[name] === through);
  if (names.length !== 1 || Object.keys(user.outputs).length !== 1) return null;
  const own: Absorbable = { t: { ...call.inputs, ...call.outputs }, attrs: call.attrs };
  const consumer: Consumer = {
    op: user.op,
    through: names[0],
    t: { ...user.inputs, ...user.outputs },
    attrs: user.attrs,
  };
  const merged = call.op.absorb!(own, consumer);
  if (!merged) return null;
  const inputs = Object.entries(merged.t).filter(
    (entry): entry is [string, Tensor] => entry[1] !== undefined,
  );
  const made = apply(call.op, Object.fromEntries(inputs), merged.attrs, call.stack);
  const [name] = Object.keys(made.outputs);
  return { ...made, scope: call.scope, outputs: { [name]: Object.values(user.outputs)[0] } };
}

/** A call that is no effect may destroy its input only when it is the last to read it and nobody owns it. */
function copyBeforeOverwrite(
  calls: readonly Call[],
  effects: ReadonlySet<Call>,
  outputs: readonly Tensor[],
): Call[] {
  // A view is read where what it shows is read.
  const shown = new Map<Tensor, Tensor>();
  const rootOf = (x: Tensor) => shown.get(x) ?? x;
  const last = new Map<Tensor, number>();
  calls.forEach(({ op, inputs, outputs: made }, i) => {
    for (const x of Object.values(inputs)) last.set(rootOf(x), i);
    if (op.view) shown.set(Object.values(made)[0], rootOf(Object.values(inputs)[0]));
  });
  for (const x of outputs) last.set(rootOf(x), Infinity);
  return calls.flatMap((call, i) => {
    if (call.op.pack || !call.op.inPlace || effects.has(call)) return [call];
    const inputs = { ...call.inputs };
    const copies: Call[] = [];
    for (const name of Object.values(call.op.inPlace)) {
      const x = inputs[name!];
      const readTwice = Object.values(call.inputs).filter((other) => rootOf(other) === x).length > 1;
      // An argument stays as it is: the step may be run again on it.
      const fresh = x.call && !x.call.op.view;
      if (fresh && last.get(x) === i && !readTwice) continue;
      const copied = copyOp({ x }, {}).y;
      copies.push(copied.call!);
      inputs[name!] = copied;
    }
    return [...copies, { ...call, inputs }];
  });
}
