// A result of a step that is still on the GPU. Asking for it is explicit, and need not stall the next step.

import { fail, shapeText } from '../graph/check';
import type { Tensor, TypedArray } from '../graph/tensor';

export class Reading {
  constructor(
    private readonly tensor: Tensor,
    private readonly fetch: () => Promise<ArrayBuffer>,
    private readonly fresh: () => boolean,
  ) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  /** The numbers. An array must be asked for before its step runs again. */
  async read(): Promise<TypedArray> {
    if (!this.fresh()) {
      fail(`A result ${shapeText(this.shape)} was read after its step had run again and overwritten it.`, {
        fix: 'call read() before the next step (it need not be awaited before), or return one number.',
      });
    }
    const bytes = await this.fetch();
    return this.tensor.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  /** The number, for a result with one element; one of the last 1024 steps can be asked for. */
  async item(): Promise<number> {
    if (this.tensor.size !== 1) {
      fail(`item() reads one number, this result is ${shapeText(this.shape)}.`, { fix: 'use read().' });
    }
    return (await this.read())[0];
  }
}
