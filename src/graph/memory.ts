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
    kept,
    copied,
    total: lives.reduce((sum, life) => sum + aligned(life.tensor.size), 0),
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
    const fresh = root.source.kind === 'call' && offset === 0 && root.size === member.size;
    const alone = readers.get(root)?.size === 1 && times.get(root) === 1;
    if (fresh && alone) aliases.set(root, { tensor: target, offset: offsets[i] });
    else copied.add(member);
  });
  aliases.set(Object.values(call.outputs)[0], { tensor: target, offset: 0 });
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

/** Best fit over time: the smallest free slot that is large enough, else the largest, grown, or a new one. */
function assignSlots(lives: readonly Life[]): { slotOf: Map<Tensor, number>; slots: number[] } {
  const slots: number[] = [];
  const freeAt: number[] = [];
  const slotOf = new Map<Tensor, number>();
  for (const { tensor, birth, death } of [...lives].sort((a, b) => a.birth - b.birth)) {
    const need = aligned(tensor.size);
    // An input is written before the step runs, whatever else its slot is for: it needs one of its own.
    const slot = (birth < 0 ? undefined : bestFit(slots, freeAt, birth, need)) ?? slots.length;
    slots[slot] = Math.max(slots[slot] ?? 0, need);
    freeAt[slot] = death;
    slotOf.set(tensor, slot);
  }
  return { slotOf, slots };
}

function bestFit(
  slots: readonly number[],
  freeAt: readonly number[],
  birth: number,
  need: number,
): number | undefined {
  let best: number | undefined;
  for (let slot = 0; slot < slots.length; slot++) {
    if (freeAt[slot] >= birth) continue;
    const [size, held] = [slots[slot], best === undefined ? -1 : slots[best]];
    const better = held < need ? size > held : size >= need && size < held;
    if (better) best = slot;
  }
  return best;
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
