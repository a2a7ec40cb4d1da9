// Slots that all recordings share, since they run one after the other: the largest slot of every recording is the same
// buffer, the second largest another one, and so on. When a recording needs a larger one it takes the place of the
// smaller; when the last that needed it is gone, so is the memory.

/** Sizes of the slots that a recording needs, in bytes, largest first. */
export type Demand = readonly number[];

/** A slot that is more than so many times as large as anyone needs gives way to a smaller one. */
const SLACK = 2;

/** The slots of all recordings, by rank. */
export class SlotPool {
  private readonly buffers: GPUBuffer[] = [];
  private readonly demands = new Set<Demand>();

  constructor(
    private readonly make: (rank: number, bytes: number) => GPUBuffer,
    /** Frees a buffer; whoever has it bound must bind what took its place. */
    private readonly retire: (buffer: GPUBuffer) => void,
  ) {}

  /** The slot of a rank, until the pool changes. */
  at(rank: number): GPUBuffer {
    return this.buffers[rank];
  }

  join(demand: Demand): void {
    this.demands.add(demand);
    demand.forEach((bytes, rank) => {
      if (!(this.buffers[rank]?.size >= bytes)) this.replace(rank, bytes);
    });
  }

  leave(demand: Demand): void {
    if (!this.demands.delete(demand)) return;
    for (let rank = demand.length - 1; rank >= 0; rank--) {
      let needed = 0;
      for (const other of this.demands) needed = Math.max(needed, other[rank] ?? 0);
      // Demands are sorted, so a rank that nobody needs is the last.
      if (!needed) this.retire(this.buffers.pop()!);
      else if (this.buffers[rank].size > SLACK * needed) this.replace(rank, needed);
    }
  }

  private replace(rank: number, bytes: number): void {
    const before = this.buffers[rank];
    if (before) this.retire(before);
    this.buffers[rank] = this.make(rank, bytes);
  }
}
