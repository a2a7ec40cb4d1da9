// Lifetimes give buffer reuse. Every tensor has a place: a slot (a buffer shared by tensors that do not live
// at the same time), a state's own buffer, or a constant's. Views and in-place results share their input's.
//
// A slot is a whole buffer, because one dispatch may not bind a buffer both for reading and for writing.

import type { Call } from './op';
import { ALIGNMENT, State, aligned, type Tensor } from './tensor';

export type Home =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'feed'; readonly tensor: Tensor };

/** Where a tensor lives: `offset` elements into its home. */
export interface Place {
  readonly home: Home;
  readonly offset: number;
}

export interface Memory {
  place(x: Tensor): Place;
  /** Elements of every slot. */
  readonly slots: readonly number[];
  /** Slots that must keep their content until the next replay. */
  readonly kept: ReadonlySet<number>;
  /** Inputs of pack calls that could not be written in place and must be copied. */
  readonly copied: ReadonlySet<Tensor>;
  /** Elements needed if nothing were reused. */
  readonly total: number;
}

interface Root {
  readonly tensor: Tensor;
  readonly offset: number;
}

export function planMemory(calls: readonly Call[], inputs: readonly Tensor[], outputs: readonly Tensor[]): Memory {
  const aliases = new Map<Tensor, Root>();
  const rootOf = (x: Tensor): Root => {
    const alias = aliases.get(x);
    if (!alias) return { tensor: x, offset: 0 };
    const above = rootOf(alias.tensor);
    return { tensor: above.tensor, offset: above.offset + alias.offset };
  };
  const copied = new Set<Tensor>();
  for (const call of calls) aliasOne(call, aliases);
  for (const call of calls) if (call.op.pack) packOne(call, calls, outputs, aliases, rootOf, copied);

  const lives = lifetimes(calls, inputs, outputs, rootOf);
  const { slotOf, slots } = assignSlots(lives);
  const kept = new Set(outputs.map((x) => slotOf.get(rootOf(x).tensor)).filter((slot) => slot !== undefined));
  return {
    slots,
    kept,
    copied,
    total: lives.reduce((sum, life) => sum + aligned(life.tensor.size), 0),
    place: (x) => placeOf(rootOf(x), slotOf),
  };
}

function aliasOne(call: Call, aliases: Map<Tensor, Root>): void {
  const { op, inputs, outputs } = call;
  if (op.view || op.pack) {
    aliases.set(Object.values(outputs)[0], { tensor: Object.values(inputs)[0], offset: 0 });
  }
  for (const [output, input] of Object.entries(op.inPlace ?? {})) {
    aliases.set(outputs[output], { tensor: inputs[input!], offset: 0 });
  }
}

/** Lets the members of a pack be written where they belong, when they are fresh results nobody else reads. */
function packOne(
  call: Call,
  calls: readonly Call[],
  outputs: readonly Tensor[],
  aliases: Map<Tensor, Root>,
  rootOf: (x: Tensor) => Root,
  copied: Set<Tensor>,
): void {
  const [target, ...members] = Object.values(call.inputs);
  const offsets = call.attrs.offsets as readonly number[];
  members.forEach((member, i) => {
    const root = rootOf(member);
    const fresh = root.tensor.source.kind === 'call' && root.offset === 0 && root.tensor.size === member.size;
    const readers = calls.filter(
      (other) =>
        other !== call && !other.op.view && Object.values(other.inputs).some((x) => rootOf(x).tensor === root.tensor),
    );
    const twice = members.some((other, j) => j < i && rootOf(other).tensor === rootOf(target).tensor && other === member);
    const wanted = outputs.some((x) => rootOf(x).tensor === root.tensor);
    if (fresh && !readers.length && !wanted && !twice) aliases.set(root.tensor, { tensor: target, offset: offsets[i] });
    else copied.add(member);
  });
}

interface Life {
  readonly tensor: Tensor;
  readonly birth: number;
  death: number;
}

/** First and last call that touches each tensor that needs memory of its own. */
function lifetimes(
  calls: readonly Call[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  rootOf: (x: Tensor) => Root,
): Life[] {
  const lives = new Map<Tensor, Life>();
  const touch = (x: Tensor, time: number) => {
    const root = rootOf(x).tensor;
    if (root.source.kind !== 'call' && root.source.kind !== 'input') return;
    const life = lives.get(root);
    if (life) life.death = Math.max(life.death, time);
    else lives.set(root, { tensor: root, birth: time, death: time });
  };
  inputs.forEach((x) => touch(x, -1));
  calls.forEach((call, time) => {
    for (const x of [...Object.values(call.inputs), ...Object.values(call.outputs)]) touch(x, time);
  });
  outputs.forEach((x) => touch(x, Infinity));
  return [...lives.values()];
}

/** Best fit over time: the smallest free slot that is large enough, else the largest, grown, else a new one. */
function assignSlots(lives: readonly Life[]): { slotOf: Map<Tensor, number>; slots: number[] } {
  const slots: number[] = [];
  const freeAt: number[] = [];
  const slotOf = new Map<Tensor, number>();
  for (const { tensor, birth, death } of [...lives].sort((a, b) => a.birth - b.birth)) {
    const need = aligned(tensor.size);
    const free = slots.map((_, slot) => slot).filter((slot) => freeAt[slot] < birth);
    free.sort((a, b) => slots[a] - slots[b]);
    // An input is written before the step runs, whatever else its slot is for: it needs one of its own.
    const found = birth < 0 ? undefined : (free.find((slot) => slots[slot] >= need) ?? free.at(-1));
    const slot = found ?? slots.length;
    slots[slot] = Math.max(slots[slot] ?? 0, need);
    freeAt[slot] = death;
    slotOf.set(tensor, slot);
  }
  return { slotOf, slots };
}

function placeOf({ tensor, offset }: Root, slotOf: ReadonlyMap<Tensor, number>): Place {
  const slot = slotOf.get(tensor);
  if (slot !== undefined) return { home: { kind: 'slot', slot }, offset };
  if (tensor instanceof State) {
    const home = tensor.home;
    return home
      ? { home: { kind: 'state', state: home.flat }, offset: home.offset + offset }
      : { home: { kind: 'state', state: tensor }, offset };
  }
  const kind = tensor.source.kind === 'feed' ? 'feed' : 'constant';
  return { home: { kind, tensor }, offset };
}

/** Elements bound for a tensor: whole vec4s, so that kernels may read four at a time. */
export const boundSize = (size: number): number => Math.max(4, Math.ceil(size / 4) * 4);

export { ALIGNMENT };
