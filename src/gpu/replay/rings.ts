// One-number results of a step's last runs, e.g. its losses: each run copies them to a place of its own, so that they
// can be read late, whatever has become of the recording since.

import { discarding, type Buffers } from '../device/buffers';

/** Runs whose one-number results can still be read. */
export const RING = 1024;

/** The staging buffers of one result, taken in turn. */
export class Ring {
  readonly buffer: GPUBuffer;
  /** Runs so far. */
  private turns = 0;
  private freed = false;

  constructor(
    private readonly buffers: Buffers,
    /** Results of a run. */
    readonly columns: number,
  ) {
    const buffer = buffers.storage('readings', RING * columns);
    this.buffer = buffer;
    buffers.whenDropped(this, discarding(buffers, buffer));
  }

  /** The places of the next run, in elements, and what has become of its results. */
  take(): { readonly places: readonly number[]; readonly gone: () => string | null } {
    const turn = this.turns++;
    const places = Array.from({ length: this.columns }, (_, i) => i * RING + (turn % RING));
    return { places, gone: () => this.goneSince(turn) };
  }

  free(): void {
    this.freed = true;
    this.buffers.discard(this.buffer);
  }

  private goneSince(turn: number): string | null {
    if (this.freed) return 'its step was destroyed';
    return this.turns - turn > RING ? `its step had run ${RING} times more` : null;
  }
}

/** The rings of a step: its recordings have one together if they give as many numbers. */
export class Rings {
  private readonly byColumns = new Map<number, Ring>();

  constructor(private readonly buffers: Buffers) {}

  of(columns: number): Ring {
    let ring = this.byColumns.get(columns);
    if (!ring) this.byColumns.set(columns, (ring = new Ring(this.buffers, columns)));
    return ring;
  }

  destroy(): void {
    for (const ring of this.byColumns.values()) ring.free();
    this.byColumns.clear();
  }
}
