// Dropout: each element is kept with probability 1 − rate, and then scaled up so that the mean stays.
//
//   y[i] = x[i] / (1 − rate)  where hash(i) ≥ rate · 2^32,  else 0
//
// Srivastava et al. 2014. The mask is not stored: the gradient is the same op on dy, which hashes again. It is a step
// of chain.wgsl; what decides by channels has a kernel of its own, see dropout.ts.

import { check } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { defineOp } from '../../graph/op';
import { launchStep } from '../../graph/steps';
import { isTraining } from '../../graph/tape';
import type { Dims } from '../../graph/axes';
import type { Link, Tensor } from '../../graph/tensor';

/** The part that is zeroed, and the number of the call, which tells its mask from others of the step. */
export interface MaskAttrs {
  readonly rate: number;
  readonly call: number;
}

/** x [...] with a random part zeroed, in a recording for training; x itself in any other, or at rate 0. */
export const dropElements = (x: Tensor, rate: number, generator: Generator): Tensor =>
  drops(rate) ? dropElementsByKey(x, generator.key, { rate, call: generator.nextCall() }) : x;

/** Whether what is being recorded drops anything at this rate. */
export const drops = (rate: number): boolean => rate !== 0 && isTraining();

/** The same with a given key (u32 [2]: seed, step), whatever the recording is for. */
export const dropElementsByKey = (x: Tensor, key: Tensor, attrs: MaskAttrs): Tensor =>
  dropoutOp({ x, key }, attrs).y;

const linkOf = ({ rate, call }: MaskAttrs): Link => ({
  does: 'dropout',
  own: { key: 'key', params: { call, threshold: thresholdOf(rate), keep: 1 / (1 - rate) } },
});

/** Hashes below it are of elements that are zeroed. */
export const thresholdOf = (rate: number): number => Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1);

/** The rule of every dropout, see OpSpec. */
export const checkRate = (_d: Dims, { rate }: MaskAttrs): void =>
  check(
    rate >= 0 && rate < 1,
    `rate is ${rate}`,
    'give the part to be zeroed, from 0 up to but not including 1',
  );

const dropoutOp = defineOp<'x' | 'key', 'y', MaskAttrs>({
  name: 'dropout',
  inputs: { x: '...', key: '2' },
  outputs: { y: '...' },
  integers: ['key'],
  rules: checkRate,
  dispatch: ({ x, key, y }, _d, attrs) => launchStep(linkOf(attrs), x, y, { key }),
  gradient: ({ key, dy }, _d, attrs) => ({ x: dropElementsByKey(dy, key, attrs) }),
  flops: ({ x }) => x.size,
  link: (through, attrs) => (through === 'x' ? linkOf(attrs) : null),
});
