// Copies of states to measure on: the states themselves, and whoever uses them meanwhile, notice nothing.

import type { State } from '../../graph/state';
import { statesWritten, type Plan } from '../../plan/plan';
import type { Buffers } from '../device/buffers';
import type { CountedDevice } from '../device/device';

/** Copies of states, which stand in for them while something is measured. */
export class StateCopies {
  private readonly copies = new Map<State, GPUBuffer>();

  constructor(
    private readonly device: CountedDevice,
    private readonly buffers: Buffers,
  ) {}

  /** For the states that a plan writes, flat buffers among them, copies as they were when first asked for. */
  of(plan: Plan): Map<State, GPUBuffer> {
    return new Map([...statesWritten(plan)].map((state) => [state, this.copyOf(state)]));
  }

  private copyOf(state: State): GPUBuffer {
    let copy = this.copies.get(state);
    if (!copy) {
      const { buffer } = this.buffers.state(state);
      this.copies.set(state, (copy = this.buffers.storage(`copy of ${state.name}`, state.size)));
      const encoder = this.device.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      this.device.submit(encoder.finish());
    }
    return copy;
  }

  destroy(): void {
    for (const copy of this.copies.values()) this.device.destroyBuffer(copy);
  }
}
