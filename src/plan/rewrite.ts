// Other ways to the same results, for ops that know one (`rewrite`). It is done when a step is planned: its gradients
// are derived from what the program says, and are rewritten like everything else. Rewriting while recording would lose
// them, since a tensor that the program holds would no longer be on the way to the loss.

import { callsBehind } from '../graph/gradient';
import { type Attrs, type Call, type Rewriting, Tensor, mapValues } from '../graph/tensor';

/** Calls in order, some of which have taken the place of others. */
export interface Rewritten {
  readonly calls: Call[];
  /** What holds the value of a tensor now, where that is another one. */
  readonly same: ReadonlyMap<Tensor, Tensor>;
}

/** `calls` in order, and in place of some others; `wanted` are read by nobody but from outside. */
export function rewriteCalls(calls: readonly Call[], wanted: readonly Tensor[]): Rewritten {
  if (!calls.some(({ op }) => op.rewrite)) return { calls: [...calls], same: new Map() };
  const pass = new Pass(calls, wanted);
  calls.forEach((call) => pass.take(call));
  return {
    calls: withoutDead(
      pass.kept,
      wanted.map((x) => pass.same.get(x) ?? x),
    ),
    same: pass.same,
  };
}

class Pass {
  readonly kept: Call[] = [];
  readonly same = new Map<Tensor, Tensor>();
  private readonly makers = new Map<Tensor, Call>();
  /** By the tensor as it was before. */
  private readonly readers = new Map<Tensor, Set<Call>>();
  private readonly before = new Map<Tensor, Tensor>();
  private readonly wanted: ReadonlySet<Tensor>;

  constructor(calls: readonly Call[], wanted: readonly Tensor[]) {
    this.wanted = new Set(wanted);
    for (const call of calls) this.note(call);
  }

  take(call: Call): void {
    const now = this.remade(call);
    const found = now.op.rewrite?.(this.seenBy(now)) ?? null;
    if (!found) {
      this.keep(now);
      return;
    }
    this.forget(now);
    const wanted = Object.values(found).filter((y) => y !== undefined);
    for (const made of callsBehind(wanted, (x) => this.makers.has(x))) {
      const placed = { ...made, stack: call.stack, scope: call.scope };
      this.note(placed);
      this.take(placed);
    }
    for (const [name, y] of Object.entries(found)) {
      if (y) this.replace(now.outputs[name], this.same.get(y) ?? y);
    }
    for (const name in found) this.same.set(call.outputs[name], this.same.get(now.outputs[name])!);
  }

  private seenBy({ inputs, outputs, attrs, dims }: Call): Rewriting<Attrs> {
    return {
      t: { ...inputs, ...outputs },
      dims,
      attrs,
      madeBy: (x) => this.makers.get(x),
      readersOf: (x) => [...(this.readers.get(this.before.get(x) ?? x) ?? [])],
      wanted: (x) => this.wanted.has(this.before.get(x) ?? x),
    };
  }

  /** The call on what its inputs are now. New results come after all others, which keeps the order by number. */
  private remade(call: Call): Call {
    const moved = Object.values(call.inputs).some((x) => this.same.has(x));
    if (!moved) return call;
    const inputs = mapValues(call.inputs, (x) => this.same.get(x) ?? x);
    const outputs: Record<string, Tensor> = {};
    const made: Call = { ...call, inputs, outputs };
    for (const [name, { shape, dtype }] of Object.entries(call.outputs)) {
      outputs[name] = new Tensor(shape, dtype, { kind: 'call', call: made, output: name });
      this.replace(call.outputs[name], outputs[name]);
    }
    this.forget(call);
    this.note(made);
    return made;
  }

  private replace(x: Tensor, by: Tensor): void {
    this.same.set(x, by);
    this.before.set(by, x);
  }

  private keep(call: Call): void {
    this.kept.push(call);
    Object.values(call.outputs).forEach((y) => this.makers.set(y, call));
  }

  private readersAt(x: Tensor): Set<Call> {
    const key = this.before.get(x) ?? x;
    const found = this.readers.get(key) ?? new Set();
    this.readers.set(key, found);
    return found;
  }

  private note(call: Call): void {
    Object.values(call.inputs).forEach((x) => this.readersAt(x).add(call));
  }

  private forget(call: Call): void {
    Object.values(call.inputs).forEach((x) => this.readersAt(x).delete(call));
  }
}

/** Without calls whose results nobody reads any more. */
function withoutDead(calls: readonly Call[], wanted: readonly Tensor[]): Call[] {
  const needed = new Set(wanted);
  const kept = [...calls].reverse().filter(({ inputs, outputs }) => {
    const used = Object.values(outputs).some((y) => needed.has(y));
    if (used) Object.values(inputs).forEach((x) => needed.add(x));
    return used;
  });
  return kept.reverse();
}
