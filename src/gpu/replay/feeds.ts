// What the host decides at every step (a learning rate, a seed of dropout), in one buffer that the launches read: a row
// of values for one step.

import type { Plan } from '../../plan/plan';
import { aligned } from '../../graph/state';
import type { Feed, Tensor } from '../../graph/tensor';
import type { Buffers } from '../device/buffers';
import { UNIFORM } from '../device/usages';

/** What the host decides at every replay, in one buffer. */
export class Feeds {
  /** Null where the host decides nothing. */
  readonly buffer: GPUBuffer | null;
  private readonly offsets = new Map<Tensor, number>();
  private readonly sources: readonly {
    readonly feed: Feed;
    readonly offset: number;
    readonly u32: boolean;
  }[];
  /** Elements of a row. */
  readonly size: number;
  private readonly row: Float32Array<ArrayBuffer>;
  private readonly rowBits: Uint32Array<ArrayBuffer>;

  constructor(
    { feeds }: Plan,
    private readonly buffers: Buffers,
    make: (label: string, size: number, also?: GPUBufferUsageFlags) => GPUBuffer,
  ) {
    let size = 0;
    this.sources = feeds.flatMap((x) => {
      const offset = size;
      this.offsets.set(x, offset);
      size += aligned(x.size);
      return x.source.kind === 'feed' ? [{ feed: x.source, offset, u32: x.dtype === 'u32' }] : [];
    });
    this.size = size;
    this.row = new Float32Array(size);
    this.rowBits = new Uint32Array(this.row.buffer);
    this.buffer = size ? make('feeds', size, UNIFORM) : null;
  }

  /** Where the values of a feed start, in elements. */
  offsetOf(x: Tensor): number {
    return this.offsets.get(x)!;
  }

  /** Writes what the next step reads, and counts nothing. */
  write(): void {
    if (this.buffer) this.buffers.upload(this.buffer, 0, this.ask());
  }

  /** Counts a step that has been submitted. */
  advance(): void {
    for (const { feed } of this.sources) feed.advance();
  }

  /** The row of the next step, to be used before it is asked for again. */
  ask(): Float32Array<ArrayBuffer> {
    for (const { feed, offset, u32 } of this.sources) {
      (u32 ? this.rowBits : this.row).set(feed.values(), offset);
    }
    return this.row;
  }
}
