// What makes a linear output layer recurrent (Zen & Sak 2015, "Unidirectional long short-term memory recurrent neural
// network with recurrent output layer for low-latency speech synthesis"): speech changes smoothly, and so does this.
//
//   y_t = v_t + u ⊙ y_{t-1}                                          v_t = W·h_t + b, what the layer before it gives
//
// The paper's U is a matrix. Here it is diagonal, so that an output goes on from itself and not from the others: then
// the recurrence is a scan. Both have one step of memory for every output.

import { assign } from '../graph/assign';
import { checkSizes } from '../graph/options';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add, mul } from '../ops/elementwise/binary';
import { constant, zeros } from '../ops/elementwise/constant';
import { reshape, slice } from '../ops/layout/view';
import { linearScan } from '../ops/recurrent/linearScan';
import { fill, parameter } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { LayerState } from './recurrent';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** v [B, T, outputs] to y of y_t = v_t + u ⊙ y_{t-1}, from zeros; u starts at 0, where y is v. */
export class RecurrentOutput extends Module implements Stepwise {
  /** u [outputs]. */
  readonly recurrence: Parameter;

  constructor(private readonly outputs: number) {
    super();
    checkSizes('RecurrentOutput', { outputs });
    this.recurrence = parameter([outputs], fill(0));
  }

  /** The output before the first step: zeros. */
  zeroState(batch: number): LayerState {
    checkSizes('RecurrentOutput', { batch });
    return { h: zeros([batch, this.outputs]) };
  }

  override forward(v: Tensor): Tensor {
    checkInput('RecurrentOutput', v, ['batch', 'time', this.outputs]);
    return this.unroll(v, this.zeroState(v.shape[0])).y;
  }

  /** The same from a given output; gives that of the last step too, so that it can be carried on. */
  unroll(v: Tensor, { h }: LayerState): { y: Tensor; state: LayerState } {
    checkInput('RecurrentOutput', v, ['batch', 'time', this.outputs]);
    const a = mul(constant(v.shape, 1), this.recurrence);
    const y = linearScan({ a, v, h0: h });
    return { y, state: { h: reshape(slice(y, 1, -1), [v.shape[0], this.outputs]) } };
  }

  stepper(memory: Memory): StepFunction {
    const before = memory.carry([memory.batch, this.outputs], 'output');
    return (v) => {
      const y = add(v, mul(reshape(before, [memory.batch, 1, this.outputs]), this.recurrence));
      assign(before, reshape(y, [memory.batch, this.outputs]));
      return y;
    };
  }
}
