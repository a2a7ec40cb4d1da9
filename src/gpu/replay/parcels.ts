// What the host hands over to commands that somebody else submits: later, out of order, or never. The values wait in a
// buffer that nobody else uses, from where the commands copy them; at their end they copy the parcel's number to a
// mark, which tells that it has arrived and the buffer is free again.

import { fail } from '../../graph/check';
import type { TypedArray } from '../../graph/shape';
import type { Buffers } from '../device/buffers';
import type { CountedDevice } from '../device/device';

/** Parcels under way from which on it is worth asking which have arrived. */
const ASK_FROM = 4;

interface Parcel {
  readonly buffer: GPUBuffer;
  readonly mark: GPUBuffer;
  /** Grows with every use; the mark is behind while the commands were not submitted. */
  number: number;
}

/** Values on their way with one encoder. */
export class Delivery {
  private filled = 4;
  private readonly number: number;

  constructor(
    private readonly encoder: GPUCommandEncoder,
    private readonly parcel: Parcel,
    private readonly buffers: Buffers,
  ) {
    this.number = ++parcel.number;
    buffers.upload(parcel.buffer, 0, Uint32Array.of(this.number));
  }

  /** Records that `target` gets these values, from its byte `offset` on. */
  put(values: TypedArray, target: GPUBuffer, offset: number): void {
    this.buffers.upload(this.parcel.buffer, this.filled / 4, values);
    this.encoder.copyBufferToBuffer(this.parcel.buffer, this.filled, target, offset, values.byteLength);
    this.filled += values.byteLength;
  }

  /** Records that all of it has arrived. */
  close(): void {
    this.encoder.copyBufferToBuffer(this.parcel.buffer, 0, this.parcel.mark, 0, 4);
  }

  /** Refuses while the commands have not been submitted. */
  async arrived(): Promise<void> {
    const [seen] = new Uint32Array(await this.buffers.read(this.parcel.mark, 0, 1));
    if (seen >= this.number) return;
    fail('A result was read before the commands that compute it were submitted.', {
      fix:
        'submit what encoder.finish() gives first; if that was done, the encoder refused the step: end() the pass ' +
        "before it is encoded, take an encoder of the engine's own device, and look at `uncapturederror`.",
    });
  }
}

/** Values on their way to steps that are recorded into the commands of others. */
export class Parcels {
  private readonly free: Parcel[] = [];
  private underWay: Parcel[] = [];
  private asking = false;

  constructor(
    private readonly device: CountedDevice,
    private readonly buffers: Buffers,
  ) {}

  /** A delivery of so many values. */
  send(encoder: GPUCommandEncoder, values: number): Delivery {
    const bytes = 4 * (values + 1);
    const found = this.free.findIndex(({ buffer }) => buffer.size >= bytes);
    const parcel = found < 0 ? this.make(values + 1) : this.free.splice(found, 1)[0];
    this.underWay.push(parcel);
    if (!this.free.length && this.underWay.length >= ASK_FROM && !this.asking) void this.collect();
    return new Delivery(encoder, parcel, this.buffers);
  }

  private make(values: number): Parcel {
    // Smaller ones that came back make room.
    for (const { buffer, mark } of this.free.splice(0)) {
      this.buffers.discard(buffer);
      this.buffers.discard(mark);
    }
    return {
      buffer: this.buffers.storage('parcel', values),
      mark: this.buffers.storage('mark', 1),
      number: 0,
    };
  }

  /** Finds out which parcels have arrived. */
  private async collect(): Promise<void> {
    this.asking = true;
    const asked = this.underWay.map((parcel) => ({ parcel, number: parcel.number }));
    const marks = this.buffers.storage('marks', asked.length);
    const encoder = this.device.device.createCommandEncoder();
    asked.forEach(({ parcel }, i) => encoder.copyBufferToBuffer(parcel.mark, 0, marks, 4 * i, 4));
    this.device.submit(encoder.finish());
    // A device that is gone says so at the next call.
    const seen = await this.buffers.peek(marks, 0, asked.length).then(
      (bytes) => new Uint32Array(bytes),
      () => null,
    );
    this.buffers.discard(marks);
    const arrived = new Set(asked.flatMap(({ parcel, number }, i) => (seen?.[i] === number ? [parcel] : [])));
    this.underWay = this.underWay.filter((parcel) => !arrived.has(parcel));
    this.free.push(...arrived);
    this.asking = false;
  }
}
