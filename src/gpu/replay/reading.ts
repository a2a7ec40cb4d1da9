// A result of a step that is still on the GPU. Asking for it is explicit, and need not stall the next step.

import { check, shapeText } from '../../graph/check';
import { typedOf } from '../../graph/numbers';
import type { Tensor } from '../../graph/tensor';
import type { TypedArray } from '../../graph/shape';
import type { CountedDevice } from '../device/device';
import type { Located } from './replayMemory';

/** Where a result is, and how it is got from there. */
export interface ReadingSource {
  fetch(): Promise<ArrayBuffer>;
  /** What has happened to it since, as the end of "was read after …"; null while it is there. */
  gone(): string | null;
  /** The buffer of this device that the step wrote it to; what has happened to that since is not asked. */
  place(on: CountedDevice): Located;
}

/** A result of a step that can be read: nothing is copied before somebody asks. */
export class Reading {
  constructor(
    private readonly tensor: Tensor,
    private readonly source: ReadingSource,
  ) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  /** Number of elements. */
  get size(): number {
    return this.tensor.size;
  }

  /** The numbers. An array must be asked for before its step runs again. */
  async read(): Promise<TypedArray> {
    this.refuseGone();
    const bytes = await this.source.fetch();
    return typedOf(bytes, this.tensor.dtype);
  }

  /** Where it is on this device until its step runs again, see `engine.bufferOf`. */
  place(on: CountedDevice): Located {
    return this.source.place(on);
  }

  private refuseGone(): void {
    const gone = this.source.gone();
    const problem = `A result ${shapeText(this.shape)} was read after ${gone}`;
    check(!gone, problem, 'call read() before, or return one number');
  }

  /** The number, for a result with one element; one of the last 1024 steps can be asked for. */
  async item(): Promise<number> {
    const problem = `item() reads one number, this result is ${shapeText(this.shape)}`;
    check(this.tensor.size === 1, problem, 'use read()');
    return (await this.read())[0];
  }
}
