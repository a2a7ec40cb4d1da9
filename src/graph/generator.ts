// Where random masks come from: a seed and a count of steps, which kernels hash together with the number of
// the call and the place of the element. Nothing random is stored, and nothing depends on the adapter.

import { fail } from './check';
import { nextDraw } from './tape';
import { Tensor } from './tensor';

const TWO_32 = 2 ** 32;

/** The random numbers of a model: a seed and a count of steps, from which kernels draw. */
export class Generator {
  /** u32 [2], the seed and the step: what a kernel reads. */
  readonly key: Tensor;
  /** Steps that have used this generator so far. */
  step = 0;

  /** Any safe integer; different seeds give different masks. */
  constructor(private seed: number) {
    if (!Number.isSafeInteger(seed)) {
      fail(`Generator: the seed is ${seed}.`, { fix: 'give an integer between -2^53 and 2^53.' });
    }
    const values = () => [word(this.seed), this.step % TWO_32];
    this.key = new Tensor([2], 'u32', { kind: 'feed', values, advance: () => this.step++ });
  }

  /**
   * The number of a call, which tells its mask from others of the same step. All generators of a recording
   * count together, so that two with the same seed do not give the same masks.
   */
  nextCall(): number {
    return nextDraw();
  }

  /** What `restore` continues from; it survives JSON. */
  save(): { seed: number; step: number } {
    return { seed: this.seed, step: this.step };
  }

  restore({ seed, step }: { readonly seed: number; readonly step: number }): void {
    if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(step) || step < 0) {
      fail(`Generator: ${JSON.stringify({ seed, step })} is no saved state.`, {
        fix: 'give what save() returned.',
      });
    }
    this.seed = seed;
    this.step = step;
  }
}

/** 32 bits of a seed, of which small ones are themselves. */
const word = (seed: number): number => (seed ^ Math.imul(Math.floor(seed / TWO_32), 0x9e3779b1)) >>> 0;
