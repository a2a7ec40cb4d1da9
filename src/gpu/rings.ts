// One-number results of a step's last runs, e.g. its losses: each run copies them to a place of its own, so that they
// can be read late, whatever has become of the recording since.

import type { Buffers } from './buffers';
import type { CountedDevice } from './device';

/** Runs whose one-number results can still be read. */
export const RING = 1024;

export class Ring {
  readonly buffer: GPUBuffer;
  /** Runs so far. */
  private turns = 0;

  constructor(
    buffers: Buffers,
    /** Results of a run. */
    readonly columns: number,
  ) {
    this.buffer = buffers.storage('readings', RING * columns);
  }

  /** The places of the next run, in elements, and whether they still hold its results. */
  take(): { readonly places: readonly number[]; readonly fresh: () => boolean } {
    const turn = this.turns++;
    const places = Array.from({ length: this.columns }, (_, i) => i * RING + (turn % RING));
    return { places, fresh: () => this.turns - turn <= RING };
  }
}

/** The rings of a step: its recordings have one together if they give as many numbers. */
export class Rings {
  private readonly byColumns = new Map<number, Ring>();

  constructor(
    private readonly device: CountedDevice,
    private readonly buffers: Buffers,
  ) {}

  of(columns: number): Ring {
    let ring = this.byColumns.get(columns);
    if (!ring) this.byColumns.set(columns, (ring = new Ring(this.buffers, columns)));
    return ring;
  }

  destroy(): void {
    for (const { buffer } of this.byColumns.values()) this.device.destroyBuffer(buffer);
    this.byColumns.clear();
  }
}
