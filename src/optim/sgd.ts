// Stochastic gradient descent with momentum, Nesterov's or the ordinary, and weight decay: torch.optim.SGD.

import sgdKernel from '../../shaders/optim/sgd.wgsl';
import { defineOp } from '../graph/op';
import { checked, flag, notNegative, part, type Rules } from '../graph/options';
import type { Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { OPTIMIZER_RULES, Optimizer, type OptimizerOptions } from './optimizer';
import { updateLaunch, type UpdateAttrs } from './updateLaunch';

/** The options of SGD, as PyTorch has them. */
export interface SGDOptions extends OptimizerOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

const RULES: Rules<SGDOptions> = {
  ...OPTIMIZER_RULES,
  momentum: part,
  nesterov: flag,
  weightDecay: notNegative,
};
const HYPER = 5;

const sgdOp = defineOp<'p' | 'g' | 'm' | 'go' | 'hyper', 'pAfter' | 'mAfter', UpdateAttrs>({
  name: 'sgd',
  inputs: { p: 'N', g: 'N', m: 'N', go: '4', hyper: String(HYPER) },
  outputs: { pAfter: 'N', mAfter: 'N' },
  inPlace: { pAfter: 'p', mAfter: 'm' },
  inParts: true,
  dispatch: (t, _d, attrs, traits) => updateLaunch(sgdKernel, t, attrs, traits),
  flops: ({ p }) => 7 * p.size,
});

/**
 * With Nesterov's momentum it is the update of fairseq's nag.py, v = −learningRate · m, also where the rate changes on
 * the way. But weight decay is a penalty here, whose gradient enters the momentum; nag.py's shrinks the parameters.
 */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly moments: { readonly momentum_buffer: State };

  constructor(parameters: Iterable<Parameter>, options: SGDOptions) {
    super(parameters, checked('SGD', options, RULES, 'learningRate'), HYPER);
    const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
    this.momentum = momentum;
    this.nesterov = nesterov;
    this.weightDecay = weightDecay;
    this.moments = { momentum_buffer: this.moment('momentum') };
  }

  protected override hyperparameters(): number[] {
    return [this.learningRate, this.momentum, this.weightDecay, Number(this.nesterov), this.clipNorm];
  }

  protected override update(g: Tensor, go: Tensor, hyper: Tensor): Tensor {
    return sgdOp({ p: this.flat, g, m: this.moments.momentum_buffer, go, hyper }, this.attrs).pAfter;
  }
}
