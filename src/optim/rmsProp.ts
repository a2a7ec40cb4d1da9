// RMSprop (Hinton 2012), with momentum or without: torch.optim.RMSprop, not centered.

import rmsPropKernel from '../../shaders/optim/rmsProp.wgsl';
import { defineOp } from '../graph/op';
import { checked, notNegative, part, type Rules } from '../graph/options';
import type { Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { OPTIMIZER_RULES, Optimizer, type OptimizerOptions } from './optimizer';
import { updateLaunch, type UpdateAttrs } from './updateLaunch';

/** The options of RMSprop, as PyTorch has them. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the mean square is kept from step to step; default: 0.99. */
  readonly alpha?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
  /** As a penalty, in the gradient. */
  readonly weightDecay?: number;
}

const RULES: Rules<RMSpropOptions> = {
  ...OPTIMIZER_RULES,
  alpha: part,
  epsilon: notNegative,
  momentum: part,
  weightDecay: notNegative,
};
const HYPER = 6;

const rmsPropOp = defineOp<
  'p' | 'g' | 'v' | 'm' | 'go' | 'hyper',
  'pAfter' | 'vAfter' | 'mAfter',
  UpdateAttrs
>({
  name: 'rmsProp',
  inputs: { p: 'N', g: 'N', v: 'N', m: 'N', go: '4', hyper: String(HYPER) },
  outputs: { pAfter: 'N', vAfter: 'N', mAfter: 'N' },
  inPlace: { pAfter: 'p', vAfter: 'v', mAfter: 'm' },
  inParts: true,
  dispatch: (t, _d, attrs, traits) => updateLaunch(rmsPropKernel, t, attrs, traits),
  flops: ({ p }) => 12 * p.size,
});

/** RMSprop (Tieleman & Hinton 2012), with PyTorch's defaults. */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly moments: { readonly square_avg: State; readonly momentum_buffer: State };

  constructor(parameters: Iterable<Parameter>, options: RMSpropOptions) {
    super(parameters, checked('RMSprop', options, RULES, 'learningRate'), HYPER);
    const { alpha = 0.99, epsilon = 1e-8, momentum = 0, weightDecay = 0 } = options;
    this.alpha = alpha;
    this.epsilon = epsilon;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.moments = { square_avg: this.moment('second moment'), momentum_buffer: this.moment('momentum') };
  }

  protected override get squares(): boolean {
    return true;
  }

  protected override hyperparameters(): number[] {
    const { learningRate, alpha, epsilon, weightDecay, momentum, clipNorm } = this;
    return [learningRate, 1 - alpha, epsilon, weightDecay, momentum, clipNorm];
  }

  protected override update(g: Tensor, go: Tensor, hyper: Tensor): Tensor {
    const { square_avg: v, momentum_buffer: m } = this.moments;
    return rmsPropOp({ p: this.flat, g, v, m, go, hyper }, this.attrs).pAfter;
  }
}
