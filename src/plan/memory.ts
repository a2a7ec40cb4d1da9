// Lifetimes give buffer reuse. Every tensor has a place: a slot (a buffer shared by tensors that do not live
// at the same time), a state's own buffer, or a constant's. Views and in-place results share their input's.
//
// A slot is a whole buffer, because one dispatch may not bind a buffer both for reading and for writing.

import type { Call, Tensor } from '../graph/tensor';
import { ALIGNMENT, State, aligned } from '../graph/state';

/** The storage that a tensor lies in. */
export type Home =
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'feed'; readonly tensor: Tensor };

/** Where a tensor lives: `offset` elements into its home. */
export interface Place {
  readonly home: Home;
  readonly offset: number;
  /** Stored in f16, see half.ts: two elements have the room of one, in which offsets and sizes are counted. */
  readonly half?: boolean;
}

/** Where every tensor of a step lies. */
export interface Memory {
  place(x: Tensor): Place;
  /** Elements of every slot. */
  readonly slots: readonly number[];
  /** Slots that must keep their content until the next replay. */
  readonly kept: ReadonlySet<number>;
  /** Inputs of pack calls that could not be written in place and must be copied. */
  readonly copied: ReadonlySet<Tensor>;
  /** All that lies in slots. */
  readonly lives: readonly Life[];
}

interface Root {
  readonly tensor: Tensor;
  readonly offset: number;
}

/** Places for all tensors of these calls, in this order: those that do not live at once share slots. */
export function planMemory(
  calls: readonly Call[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): Memory {
  const aliases = new Map<Tensor, Root>();
  const rootOf = (x: Tensor): Root => {
    let root: Root = { tensor: x, offset: 0 };
    for (let alias = aliases.get(x); alias; alias = aliases.get(alias.tensor)) {
      root = { tensor: alias.tensor, offset: root.offset + alias.offset };
    }
    return root;
  };
  const copied = new Set<Tensor>();
  for (const call of calls) aliasOne(call, aliases, rootOf);
  const readers = readersByRoot(calls, outputs, rootOf);
  for (const call of calls) if (call.op.pack) packOne(call, readers, aliases, rootOf, copied);

  const lives = lifetimes(calls, inputs, outputs, rootOf);
  const { slotOf, slots } = assignSlots(lives);
  const kept = new Set(outputs.map((x) => slotOf.get(rootOf(x).tensor)).filter((slot) => slot !== undefined));
  return {
    slots,
    lives,
    kept,
    copied,
    place: (x) => placeOf(rootOf(x), slotOf),
  };
}

/** Calls come in order, so that an input's root is known and no chain of aliases grows. */
function aliasOne(
  { op, inputs, outputs }: Call,
  aliases: Map<Tensor, Root>,
  rootOf: (x: Tensor) => Root,
): void {
  if (op.view) aliases.set(Object.values(outputs)[0], rootOf(Object.values(inputs)[0]));
  for (const [output, input] of Object.entries(op.inPlace ?? {})) {
    aliases.set(outputs[output], rootOf(inputs[input!]));
  }
}

/** Who needs the value of a tensor or of a view of it: calls, and `wanted` for whom the step is made. */
function readersByRoot(
  calls: readonly Call[],
  outputs: readonly Tensor[],
  rootOf: (x: Tensor) => Root,
): Map<Tensor, Set<Call | 'wanted'>> {
  const readers = new Map<Tensor, Set<Call | 'wanted'>>();
  const note = (x: Tensor, reader: Call | 'wanted') => {
    const { tensor } = rootOf(x);
    readers.set(tensor, (readers.get(tensor) ?? new Set()).add(reader));
  };
  for (const call of calls) if (!call.op.view) Object.values(call.inputs).forEach((x) => note(x, call));
  outputs.forEach((x) => note(x, 'wanted'));
  return readers;
}

/**
 * Lets the members of a pack be written where they belong, when they are fresh results that nobody else reads
 * and that belong in one place only.
 */
function packOne(
  call: Call,
  readers: ReadonlyMap<Tensor, ReadonlySet<unknown>>,
  aliases: Map<Tensor, Root>,
  rootOf: (x: Tensor) => Root,
  copied: Set<Tensor>,
): void {
  const [target, ...members] = Object.values(call.inputs);
  const offsets = call.attrs.offsets as readonly number[];
  const roots = members.map(rootOf);
  const times = new Map<Tensor, number>();
  for (const { tensor } of roots) times.set(tensor, (times.get(tensor) ?? 0) + 1);
  members.forEach((member, i) => {
    const { tensor: root, offset } = roots[i];
    const fresh = root.call && offset === 0 && root.size === member.size;
    const alone = readers.get(root)?.size === 1 && times.get(root) === 1;
    if (fresh && alone) aliases.set(root, { tensor: target, offset: offsets[i] });
    else copied.add(member);
  });
  aliases.set(Object.values(call.outputs)[0], { tensor: target, offset: 0 });
}

/** A tensor that needs memory of its own, from the call that is the first to touch it to the last, by their places. */
export interface Life<T = Tensor> {
  readonly tensor: T;
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
    if (!root.call && root.source.kind !== 'input') return;
    const life = lives.get(root);
    if (life) life.death = Math.max(life.death, time);
    else lives.set(root, { tensor: root, birth: time, death: time });
  };
  inputs.forEach((x) => touch(x, -1));
  calls.forEach((call, time) => {
    for (const x of [...Object.values(call.inputs), ...Object.values(call.outputs)]) touch(x, time);
  });
  // Inputs too, so that a plan can be run again on the same ones.
  [...inputs, ...outputs].forEach((x) => touch(x, Infinity));
  return [...lives.values()];
}

/**
 * Largest first, each into the smallest slot that is free all its life: slots never grow, and a small tensor that
 * lives long cannot keep a large slot from those that need it (greedy by size, Pisarchyk & Lee 2020).
 */
export function assignSlots<T extends { readonly size: number }>(
  lives: readonly Life<T>[],
): { slotOf: Map<T, number>; slots: number[] } {
  const slots: { size: number; lives: Life<T>[] }[] = [];
  const slotOf = new Map<T, number>();
  // Of one size by birth, as they came: a sort leaves equals in their order.
  const bySize = [...lives].sort((a, b) => b.tensor.size - a.tensor.size);
  for (const life of bySize) {
    const free = (slot: { lives: Life<T>[] }) => slot.lives.every((other) => apart(life, other));
    // Slots were made largest first, so the smallest is found from the end.
    let slot = slots.length - 1;
    while (slot >= 0 && !free(slots[slot])) slot--;
    if (slot < 0) slot = slots.push({ size: aligned(life.tensor.size), lives: [] }) - 1;
    slots[slot].lives.push(life);
    slotOf.set(life.tensor, slot);
  }
  return { slotOf, slots: slots.map(({ size }) => size) };
}

/** Not touched by the same call, either. */
const apart = (a: Life<unknown>, b: Life<unknown>): boolean => a.death < b.birth || b.death < a.birth;

function placeOf({ tensor, offset }: Root, slotOf: ReadonlyMap<Tensor, number>): Place {
  const slot = slotOf.get(tensor);
  if (slot !== undefined) return { home: { kind: 'slot', slot }, offset };
  if (tensor instanceof State) {
    const { home } = tensor;
    return { home: { kind: 'state', state: home?.flat ?? tensor }, offset: (home?.offset ?? 0) + offset };
  }
  const kind = tensor.source.kind === 'feed' ? 'feed' : 'constant';
  return { home: { kind, tensor }, offset };
}

/** Elements bound for a tensor: whole vec4s, so that kernels may read four at a time. */
export const boundSize = (size: number): number => Math.max(4, Math.ceil(size / 4) * 4);

export { ALIGNMENT };
