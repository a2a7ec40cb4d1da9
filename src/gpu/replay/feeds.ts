// What the host decides at every step (a learning rate, a seed of dropout), in one buffer that the launches read: a row
// of values for one step, or rows that are uploaded together and take turns, so that many steps share a submit.

import type { Plan } from '../../plan/plan';
import { aligned } from '../../graph/state';
import type { Feed, Tensor } from '../../graph/tensor';
import type { Buffers } from '../device/buffers';

/** Steps with feeds that one submit may hold. */
export const MOST_ROWS = 256;

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
  private rows: GPUBuffer | null = null;

  constructor(
    { feeds }: Plan,
    private readonly buffers: Buffers,
    private readonly make: (label: string, size: number, also?: GPUBufferUsageFlags) => GPUBuffer,
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
    this.buffer = size ? make('feeds', size, GPUBufferUsage.UNIFORM) : null;
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

  /** Writes the rows of so many steps and counts them: at most MOST_ROWS. */
  writeRows(steps: number): void {
    this.rows ??= this.make('rows of feeds', MOST_ROWS * this.size);
    const all = new Float32Array(steps * this.size);
    for (let i = 0; i < steps; i++) {
      all.set(this.ask(), i * this.size);
      this.advance();
    }
    this.buffers.upload(this.rows, 0, all);
  }

  /** Records that the launches behind read row i. */
  copyRow(encoder: GPUCommandEncoder, i: number): void {
    const bytes = this.size * 4;
    encoder.copyBufferToBuffer(this.rows!, i * bytes, this.buffer!, 0, bytes);
  }

  /** The row of the next step, to be used before it is asked for again. */
  ask(): Float32Array<ArrayBuffer> {
    for (const { feed, offset, u32 } of this.sources) {
      (u32 ? this.rowBits : this.row).set(feed.values(), offset);
    }
    return this.row;
  }
}
