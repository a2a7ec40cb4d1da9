// Where tensors live on the device: a buffer for each state, a pool of slots that all recordings share, and
// staging buffers for reading back.

import { Flat, type State, aligned, type Tensor, type TypedArray } from '../graph/tensor';
import { fail } from '../graph/check';
import type { CountedDevice } from './device';

const bytesOf = (elements: number): number => aligned(elements) * 4;

export class Buffers {
  private readonly states = new Map<State, GPUBuffer>();
  /** States whose buffers are bound by a replay, and so cannot move. */
  private readonly bound = new Set<State>();
  private readonly constants = new Map<Tensor, GPUBuffer>();
  private readonly pool: GPUBuffer[] = [];
  private readonly staging: GPUBuffer[] = [];

  constructor(
    private readonly device: CountedDevice,
    /** Fills new slots with NaN, to find kernels that read what nobody wrote. */
    private readonly poison = false,
  ) {}

  /** The buffer of a state, or of the flat buffer it is part of, with its initial content. */
  state(state: State): { buffer: GPUBuffer; offset: number } {
    const owner = state.home?.flat ?? state;
    let buffer = this.states.get(owner);
    if (!buffer) {
      const values = owner.initialValues();
      buffer = this.storage(owner.name, owner.size);
      this.states.set(owner, buffer);
      if (values) this.upload(buffer, 0, values);
      if (owner instanceof Flat) owner.members.forEach((member) => this.move(member, buffer!));
    }
    return { buffer, offset: state.home?.offset ?? 0 };
  }

  /** The same for a replay, which keeps the buffer for as long as it lives. */
  bind(state: State): { buffer: GPUBuffer; offset: number } {
    this.bound.add(state);
    return this.state(state);
  }

  /** A parameter that was written before an optimizer took it over brings its value along. */
  private move(member: State, flat: GPUBuffer): void {
    const own = this.states.get(member);
    if (!own) return;
    if (this.bound.has(member)) {
      fail(`${member.name} was used by a recorded step before an optimizer took it over.`, {
        fix: 'create the optimizer before the first recorded step runs.',
      });
    }
    const encoder = this.device.device.createCommandEncoder();
    encoder.copyBufferToBuffer(own, 0, flat, member.home!.offset * 4, member.size * 4);
    this.device.submit(encoder.finish());
    this.states.delete(member);
    this.device.destroyBuffer(own);
  }

  constant(tensor: Tensor): GPUBuffer {
    let buffer = this.constants.get(tensor);
    if (!buffer) {
      buffer = this.storage('constant', tensor.size);
      this.constants.set(tensor, buffer);
      if (tensor.source.kind === 'constant') this.upload(buffer, 0, tensor.source.data);
    }
    return buffer;
  }

  storage(label: string, elements: number, also: GPUBufferUsageFlags = 0): GPUBuffer {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    return this.device.createBuffer(label, bytesOf(elements), STORAGE | COPY_SRC | COPY_DST | also);
  }

  /**
   * Buffers for the slots of a plan. Recordings run one after the other, so they share them; slots in `kept`
   * hold results that are read later and get buffers of their own.
   */
  slots(sizes: readonly number[], kept: ReadonlySet<number>): GPUBuffer[] {
    const taken = new Set<GPUBuffer>();
    const largestFirst = sizes.map((size, slot) => ({ size, slot })).sort((a, b) => b.size - a.size);
    const buffers: GPUBuffer[] = [];
    for (const { size, slot } of largestFirst) {
      if (kept.has(slot)) {
        buffers[slot] = this.slot(`result ${slot}`, size);
        continue;
      }
      const bytes = bytesOf(size);
      const fits = this.pool.filter((buffer) => !taken.has(buffer) && buffer.size >= bytes);
      let buffer = fits.sort((a, b) => a.size - b.size)[0];
      if (!buffer) this.pool.push((buffer = this.slot(`slot ${this.pool.length}`, size)));
      taken.add(buffer);
      buffers[slot] = buffer;
    }
    return buffers;
  }

  private slot(label: string, size: number): GPUBuffer {
    const buffer = this.storage(label, size);
    if (this.poison) this.upload(buffer, 0, new Float32Array(aligned(size)).fill(NaN));
    return buffer;
  }

  upload(buffer: GPUBuffer, offset: number, data: TypedArray): void {
    // Deno panics at an empty write.
    if (!data.length) return;
    this.device.queue.writeBuffer(buffer, offset * 4, data.buffer, data.byteOffset, data.byteLength);
  }

  /** Copies `size` elements into a staging buffer now, and gives them when the device has got there. */
  async read(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    const bytes = size * 4;
    const staging = this.takeStaging(bytes);
    const encoder = this.device.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset * 4, staging, 0, bytes);
    this.device.submit(encoder.finish());
    await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.staging.push(staging);
    await this.device.settle();
    return copy;
  }

  private takeStaging(bytes: number): GPUBuffer {
    const found = this.staging.findIndex((buffer) => buffer.size >= bytes && buffer.size <= bytes * 4 + 4096);
    if (found >= 0) return this.staging.splice(found, 1)[0];
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)));
    return this.device.createBuffer('staging', size, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }
}
