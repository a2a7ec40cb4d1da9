// Where tensors live on the device: a buffer for each state, slots that all recordings share, constants for as long as
// a recording needs them, and staging buffers for reading back. What is dropped without being destroyed is freed when
// JavaScript collects it.

import { callerLine, check, fail, hereStack, shapeText } from '../../graph/check';
import type { Call, Tensor } from '../../graph/tensor';
import { Flat, aligned, bytesOf, type Keeper, type State } from '../../graph/state';
import type { TypedArray } from '../../graph/shape';
import type { CountedDevice } from './device';
import { SlotPool } from './slots';
import { COPY_DST, COPY_SRC, MAP_READ, READ, STORAGE } from './usages';

/** Staging buffers that are kept for the next reading, and the largest of them. */
const MOST_STAGING = 8;
const LARGE_STAGING = 4 * 2 ** 20;

/** A function that does not refer to the buffer's owner. */
export const discarding = (buffers: Buffers, buffer: GPUBuffer) => () => buffers.discard(buffer);

/** What a state, or a flat buffer of several, holds when it gets its buffer; null for zeros. */
export type Beginning = (owner: State) => TypedArray | null;

const initial: Beginning = (owner) => owner.initialValues();

/** The buffers of an engine: those of its states, and the slots that its recordings share. */
export class Buffers {
  readonly pool: SlotPool;
  /** Grows whenever a buffer that may be bound is gone. */
  changes = 0;
  /** The states that have one, flat ones in place of their members. */
  readonly living = new Map<GPUBuffer, WeakRef<State>>();
  private readonly states = new WeakMap<State, GPUBuffer>();
  /** States whose buffers are bound by a replay, and so cannot move. */
  private readonly bound = new WeakSet<State>();
  private readonly constants = new Map<Tensor, { readonly buffer: GPUBuffer; users: number }>();
  private readonly staging: GPUBuffer[] = [];
  private readonly collected = new FinalizationRegistry<() => void>((free) => free());

  constructor(
    private readonly counted: CountedDevice,
    /** Whose states these are, whichever device they are on. */
    private readonly keeper: Keeper,
    private readonly begin = initial,
    /** Fills new slots with NaN, to find kernels that read what nobody wrote. */
    private readonly poison = false,
  ) {
    const make = (rank: number, bytes: number) => this.slot(`slot ${rank}`, bytes / 4);
    this.pool = new SlotPool(make, (buffer) => this.discard(buffer));
  }

  /** Whether the device is still there. */
  get open(): boolean {
    return !this.counted.ended;
  }

  /** The buffer of a state, or of the flat buffer it is part of, with its initial content. */
  state(state: State): { buffer: GPUBuffer; offset: number } {
    const owner = state.home?.flat ?? state;
    return { buffer: this.states.get(owner) ?? this.take(owner), offset: state.home?.offset ?? 0 };
  }

  /** The same for a replay, which keeps the buffer for as long as it lives. */
  bind(state: State): { buffer: GPUBuffer; offset: number } {
    this.bound.add(state);
    return this.state(state);
  }

  /** Refuses a state that was destroyed, or that another engine has. */
  alive(state: State, user?: Call): void {
    const at = () => callerLine(user?.stack ?? hereStack());
    const text = `${state.name} ${shapeText(state.shape)}`;
    if (state.destroyed) {
      const what = user ? `${user.op.name}: ` : '';
      fail(`${what}${text} was destroyed.`, {
        at: at(),
        fix: 'build the model anew, and record its steps.',
      });
    }
    if (!state.keeper || state.keeper === this.keeper) return;
    fail(`${text} lives in ${state.keeper.gone?.() ? 'a destroyed' : 'another'} engine.`, {
      at: at(),
      fix: 'use one engine for a model; in another, build it anew and load a checkpoint, or write() what read() gives.',
    });
  }

  private take(owner: State): GPUBuffer {
    const members = owner instanceof Flat ? owner.members : [];
    [owner, ...members].forEach((state) => this.alive(state));
    members.forEach((member) => this.refuseBound(member));
    const values = this.begin(owner);
    const buffer = this.storage(owner.name, owner.size);
    this.states.set(owner, buffer);
    this.living.set(buffer, new WeakRef(owner));
    this.whenDropped(owner, discarding(this, buffer));
    if (values) this.upload(buffer, 0, values);
    members.forEach((member) => this.move(member, buffer));
    owner.keeper = this.keeper;
    return buffer;
  }

  private refuseBound(member: State): void {
    const free = !this.states.has(member) || !this.bound.has(member);
    const problem = `${member.name} was used by a step before its optimizer was made`;
    check(free, problem, 'create the optimizer before the first step');
  }

  /** A parameter that was written before an optimizer took it over brings its value along. */
  private move(member: State, flat: GPUBuffer): void {
    const own = this.states.get(member);
    if (!own) return;
    const encoder = this.counted.device.createCommandEncoder();
    encoder.copyBufferToBuffer(own, 0, flat, member.home!.offset * 4, member.size * 4);
    this.counted.submit(encoder.finish());
    this.free(member);
  }

  /** Frees a state's buffer, see State.destroy. */
  free(state: State): void {
    const buffer = this.states.get(state);
    if (!buffer) return;
    this.states.delete(state);
    this.discard(buffer);
  }

  /** Runs `free` when `owner`, to which it must not refer, has been collected. */
  whenDropped(owner: object, free: () => void): void {
    this.collected.register(owner, free);
  }

  /** Frees a buffer that may be bound. */
  discard(buffer: GPUBuffer): void {
    this.changes++;
    this.living.delete(buffer);
    this.counted.destroyBuffer(buffer);
  }

  /** The buffer of a constant, until it was returned as often as it was taken. */
  takeConstant(tensor: Tensor): GPUBuffer {
    let constant = this.constants.get(tensor);
    if (!constant) {
      constant = { buffer: this.storage('constant', tensor.size), users: 0 };
      this.constants.set(tensor, constant);
      if (tensor.source.kind === 'constant') this.upload(constant.buffer, 0, tensor.source.data);
    }
    constant.users++;
    return constant.buffer;
  }

  returnConstant(tensor: Tensor): void {
    const constant = this.constants.get(tensor);
    if (!constant || --constant.users) return;
    this.constants.delete(tensor);
    this.discard(constant.buffer);
  }

  storage(label: string, elements: number, also: GPUBufferUsageFlags = 0): GPUBuffer {
    return this.counted.createBuffer(label, bytesOf(elements), STORAGE | COPY_SRC | COPY_DST | also);
  }

  /** Memory for what a step computes. */
  slot(label: string, size: number): GPUBuffer {
    const buffer = this.storage(label, size);
    if (this.poison) this.upload(buffer, 0, new Float32Array(aligned(size)).fill(NaN));
    return buffer;
  }

  upload(buffer: GPUBuffer, offset: number, data: TypedArray | Uint8Array): void {
    // Deno panics at an empty write.
    if (!data.length) return;
    this.counted.queue.writeBuffer(buffer, offset * 4, data);
  }

  /** Copies `size` elements now, and gives them when the device has got there; or what has gone wrong on the way. */
  async read(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    this.counted.rethrow();
    const copy = await this.peek(buffer, offset, size);
    await this.counted.settle();
    return copy;
  }

  /** The same without a look at what has gone wrong. */
  async peek(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    const bytes = size * 4;
    const staging = this.takeStaging(bytes);
    const encoder = this.counted.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset * 4, staging, 0, bytes);
    this.counted.submit(encoder.finish());
    await this.counted.survive(staging.mapAsync(READ, 0, bytes));
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.returnStaging(staging);
    return copy;
  }

  private takeStaging(bytes: number): GPUBuffer {
    const found = this.staging.findIndex((buffer) => buffer.size >= bytes && buffer.size <= bytes * 4 + 4096);
    if (found >= 0) return this.staging.splice(found, 1)[0];
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    return this.counted.createBuffer('staging', size, MAP_READ | COPY_DST);
  }

  private returnStaging(buffer: GPUBuffer): void {
    if (buffer.size <= LARGE_STAGING) this.staging.push(buffer);
    else this.counted.destroyBuffer(buffer);
    // The longest unused first.
    if (this.staging.length > MOST_STAGING) this.counted.destroyBuffer(this.staging.shift()!);
  }
}
