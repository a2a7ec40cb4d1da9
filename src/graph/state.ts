// A state is a tensor that outlives a step: a parameter, a moment, a carried hidden state.

import { check, shapeText, shown } from './check';
import { dispose, type Destroyable } from './dispose';
import { asTyped } from './numbers';
import { initial as start } from './options';
import type { DType, Shape, TypedArray } from './shape';
import { Tensor } from './tensor';

/** What a state holds before anything is written to it. */
export type Initial = 'zeros' | ((size: number) => TypedArray);

/** Who has the value of a state: an engine's buffers. */
export interface Keeper {
  free(state: State): void;
  /** Whether it was destroyed. */
  gone?(): boolean;
}

/** Storage that persists between steps. As a tensor it is the value at the start of the step. */
export class State extends Tensor implements Destroyable {
  /** Set once, when the state becomes part of a flat buffer. */
  home: { readonly flat: Flat; readonly offset: number } | null = null;
  /** Set once, by the engine that first needs the value. */
  keeper: Keeper | null = null;
  destroyed = false;

  constructor(
    shape: Shape,
    readonly initial: Initial = 'zeros',
    public name = 'state',
    dtype: DType = 'f32',
  ) {
    super(shape, dtype, { kind: 'state' });
    const right = start(initial);
    check(right === true, `${name}: its initial value is ${shown(initial)}`, `give ${right}`);
  }

  /** What it holds at first; null for zeros. */
  initialValues(): TypedArray | null {
    if (this.initial === 'zeros') return null;
    const { name, shape, size } = this;
    const what = `the initial value of ${name}`;
    const values = asTyped(this.initial(size), this.dtype, what);
    check(
      values.length === size,
      `${what} has ${values.length} values, but ${shapeText(shape)} needs ${size}`,
    );
    return values;
  }

  /** Frees the buffer; that of a member of a flat buffer when all members are destroyed. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.keeper?.free(this);
    if (this.home?.flat.members.every(({ destroyed }) => destroyed)) this.home.flat.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}

/** How a parameter's axes follow from PyTorch's: split its shape into `split`, then permute the axes. */
export interface TorchLayout {
  readonly shape: Shape;
  readonly split: Shape;
  readonly permute: readonly number[];
}

/** A state that training changes. */
export class Parameter extends State {
  /** A mark for types alone: no other state is a parameter. */
  declare protected readonly trained: true;

  constructor(
    shape: Shape,
    initial: Initial,
    /** Absent: stored as PyTorch stores it. */
    readonly torch?: TorchLayout,
  ) {
    super(shape, initial, 'parameter');
  }
}

/** Bindings must start at a multiple of 256 bytes: minStorageBufferOffsetAlignment of every adapter. */
export const ALIGNMENT = 64;

/** So many elements, rounded up to where the next binding may start. */
export const aligned = (elements: number): number => Math.ceil(elements / ALIGNMENT) * ALIGNMENT;

/** What so many elements take in a buffer. */
export const bytesOf = (elements: number): number => aligned(elements) * 4;

/** Elements from which on a tensor is large, and what a workgroup then takes: see elementwise.ts. */
export const LARGE = 2 ** 16;
/** Elements that a workgroup takes of a large tensor. */
export const WIDE = 4096;

/**
 * Many states in one buffer, so that an optimizer step is one dispatch however many tensors there are.
 * Each member starts at an aligned element; the gaps hold zeros, always.
 */
export class Flat extends State {
  constructor(
    readonly members: readonly State[],
    name: string,
    /** Members that lie behind all others, so that each of the two groups is in one piece. */
    behind: ReadonlySet<State> = new Set(),
  ) {
    const offsets = new Map<State, number>();
    let size = 0;
    for (const last of [false, true]) {
      for (const member of members.filter((one) => behind.has(one) === last)) {
        offsets.set(member, size);
        size += aligned(member.size);
      }
      // A little longer, so that updates come out even.
      if (size >= LARGE) size = Math.ceil(size / WIDE) * WIDE;
    }
    super([size], (n) => gathered(members, n), name);
    for (const [member, offset] of offsets) member.home = { flat: this, offset };
  }
}

function gathered(members: readonly State[], size: number): Float32Array {
  const all = new Float32Array(size);
  for (const member of members) all.set(member.initialValues() ?? [], member.home!.offset);
  return all;
}
