// A result of a step that is still on the GPU. Asking for it is explicit, and need not stall the next step.

import { callerLine, fail, hereStack, shapeText } from '../graph/check';
import type { Tensor, TypedArray } from '../graph/tensor';
import type { Located } from './replayMemory';

/** Where a result is, and how it is got from there. */
export interface ReadingSource {
  fetch(): Promise<ArrayBuffer>;
  /** What has happened to it since, as the end of "was read after …"; null while it is there. */
  gone(): string | null;
  /** The buffer that the step wrote it to, until the step runs again. */
  place(): Located | null;
}

export class Reading {
  constructor(
    private readonly tensor: Tensor,
    private readonly source: ReadingSource,
  ) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  /** The numbers. An array must be asked for before its step runs again. */
  async read(): Promise<TypedArray> {
    const gone = this.source.gone();
    if (gone) {
      fail(`A result ${shapeText(this.shape)} was read after ${gone}.`, {
        at: callerLine(hereStack()),
        fix: 'call read() before (it need not be awaited before), or return one number.',
      });
    }
    const bytes = await this.source.fetch();
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
