// What a replay holds on the device, and where in it the tensors of its plan live. It is freed on demand, or when the
// replay was dropped and collected.

import { check } from '../../graph/check';
import type { Place } from '../../plan/memory';
import type { Call, Tensor } from '../../graph/tensor';
import type { Plan } from '../../plan/plan';
import { bytesOf, type State } from '../../graph/state';
import type { Buffers } from '../device/buffers';
import { Feeds } from './feeds';
import type { Demand } from '../device/slots';

/** A tensor's buffer, and where in it the tensor starts, in elements. */
export interface Located {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** Where a replay's memory is from. */
export interface MemoryOptions {
  /** Buffers that stand in for those of states: to measure without a trace, see stateCopies.ts. */
  readonly standIns?: ReadonlyMap<State, GPUBuffer>;
  /** All slots are this replay's own: its commands may be submitted between those of others. */
  readonly apart?: boolean;
}

/** The buffers that a replay binds, its own and shared ones. */
export class ReplayMemory {
  readonly feeds: Feeds;
  private readonly holdings: Holdings;
  private readonly kept = new Map<number, GPUBuffer>();
  /** The rank in the pool of every other slot. */
  private readonly ranks = new Map<number, number>();
  private readonly stateBuffers: MemoryOptions['standIns'];
  /** Every state, and a call that needs it. */
  private readonly states = new Map<State, Call>();
  private seen = -1;
  private slots: readonly GPUBuffer[] | null = null;

  constructor(
    plan: Plan,
    private readonly buffers: Buffers,
    { standIns, apart = false }: MemoryOptions = {},
  ) {
    const { slots } = plan.memory;
    const kept = apart ? new Set(slots.keys()) : plan.memory.kept;
    const shared = slots
      .map((size, slot) => ({ bytes: bytesOf(size), slot }))
      .filter(({ slot }) => !kept.has(slot));
    shared.sort((a, b) => b.bytes - a.bytes).forEach(({ slot }, rank) => this.ranks.set(slot, rank));
    this.holdings = new Holdings(
      buffers,
      shared.map(({ bytes }) => bytes),
    );
    buffers.whenDropped(this, freeing(this.holdings));
    for (const slot of kept) {
      this.kept.set(slot, this.holdings.add(buffers.slot(`result ${slot}`, slots[slot])));
    }
    this.feeds = new Feeds(plan, buffers, (...what) => this.own(...what));
    this.stateBuffers = standIns;
    for (const { bindings, call } of plan.dispatches) {
      for (const { place } of bindings)
        if (place.home.kind === 'state') this.states.set(place.home.state, call);
    }
  }

  get freed(): boolean {
    return this.holdings.freed;
  }

  /** A buffer that is freed with everything else. */
  own(label: string, elements: number, also?: GPUBufferUsageFlags): GPUBuffer {
    return this.holdings.add(this.buffers.storage(label, elements, also));
  }

  /**
   * Whether buffers have been replaced since the last time: then whatever has bound them must bind them anew. Refuses
   * where a state is gone.
   */
  moved(): boolean {
    if (this.seen === this.buffers.changes) return false;
    check(!this.freed, 'The step was destroyed', 'record it again');
    for (const [state, call] of this.states) this.buffers.alive(state, call);
    const slots = Array.from(this.ranks.values(), (rank) => this.buffers.pool.at(rank));
    const moved = !this.slots || slots.some((buffer, i) => buffer !== this.slots![i]);
    this.slots = slots;
    this.seen = this.buffers.changes;
    return moved;
  }

  locate({ home, offset }: Place): Located {
    switch (home.kind) {
      case 'slot':
        return {
          buffer: this.kept.get(home.slot) ?? this.buffers.pool.at(this.ranks.get(home.slot)!),
          offset,
        };
      case 'state':
        return { buffer: this.stateBuffers?.get(home.state) ?? this.buffers.bind(home.state).buffer, offset };
      case 'constant':
        return { buffer: this.holdings.constant(home.tensor), offset };
      case 'feed':
        return { buffer: this.feeds.buffer!, offset: this.feeds.offsetOf(home.tensor) + offset };
    }
  }

  free(): void {
    this.holdings.free();
  }
}

/** A function that does not refer to the replay. */
const freeing = (holdings: Holdings) => () => holdings.free();

/** All that a replay holds, but not the replay: so that it can be freed when that is collected. */
class Holdings {
  freed = false;
  private readonly own: GPUBuffer[] = [];
  private readonly constants = new Map<Tensor, GPUBuffer>();

  constructor(
    private readonly buffers: Buffers,
    private readonly demand: Demand,
  ) {
    buffers.pool.join(demand);
  }

  add(buffer: GPUBuffer): GPUBuffer {
    this.own.push(buffer);
    return buffer;
  }

  constant(tensor: Tensor): GPUBuffer {
    let buffer = this.constants.get(tensor);
    if (!buffer) this.constants.set(tensor, (buffer = this.buffers.takeConstant(tensor)));
    return buffer;
  }

  free(): void {
    if (this.freed) return;
    this.freed = true;
    if (this.buffers.open) this.buffers.pool.leave(this.demand);
    this.own.forEach((buffer) => this.buffers.discard(buffer));
    for (const tensor of this.constants.keys()) this.buffers.returnConstant(tensor);
  }
}
