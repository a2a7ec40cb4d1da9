// Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019): torch.optim.Adam and AdamW.

import adamKernel from '../../shaders/optim/adam.wgsl';
import { defineOp } from '../graph/op';
import { checked, listOf, notNegative, part, type Rules } from '../graph/options';
import type { Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { OPTIMIZER_RULES, Optimizer, type OptimizerOptions } from './optimizer';
import { updateLaunch, type UpdateAttrs } from './updateLaunch';

/** The options of Adam and AdamW, as PyTorch has them. */
export interface AdamOptions extends OptimizerOptions {
  /** Decay of the moments; default: (0.9, 0.999). */
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  /** In Adam it is added to the gradient; in AdamW it shrinks the parameters directly (default: 0.01). */
  readonly weightDecay?: number;
}

const RULES: Rules<AdamOptions> = {
  ...OPTIMIZER_RULES,
  epsilon: notNegative,
  weightDecay: notNegative,
  betas: (value) =>
    (listOf(part)(value) === true && (value as readonly number[]).length === 2) ||
    'two numbers from 0 up to, but not, 1',
};
const HYPER = 9;

const adamOp = defineOp<'p' | 'g' | 'm' | 'v' | 'go' | 'hyper', 'pAfter' | 'mAfter' | 'vAfter', UpdateAttrs>({
  name: 'adam',
  inputs: { p: 'N', g: 'N', m: 'N', v: 'N', go: '4', hyper: String(HYPER) },
  outputs: { pAfter: 'N', mAfter: 'N', vAfter: 'N' },
  inPlace: { pAfter: 'p', mAfter: 'm', vAfter: 'v' },
  inParts: true,
  dispatch: (t, _d, attrs, traits) => updateLaunch(adamKernel, t, attrs, traits),
  flops: ({ p }) => 16 * p.size,
});

/** Adam (Kingma & Ba 2015), with PyTorch's defaults; weight decay is added to the gradient. */
export class Adam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly moments: { readonly exp_avg: State; readonly exp_avg_sq: State };
  protected readonly decoupled: boolean = false;

  constructor(parameters: Iterable<Parameter>, options: AdamOptions) {
    super(parameters, checked('Adam', options, RULES, 'learningRate'), HYPER);
    const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options;
    this.betas = betas;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
    this.moments = { exp_avg: this.moment('first moment'), exp_avg_sq: this.moment('second moment') };
  }

  protected override get corrected(): readonly [number, number] {
    return this.betas;
  }

  protected override get squares(): boolean {
    return true;
  }

  protected override hyperparameters(step: number): number[] {
    const { betas, learningRate, weightDecay, decoupled } = this;
    return [
      learningRate / (1 - betas[0] ** step),
      1 / Math.sqrt(1 - betas[1] ** step),
      betas[0],
      1 - betas[0],
      1 - betas[1],
      this.epsilon,
      decoupled ? 0 : weightDecay,
      decoupled ? learningRate * weightDecay : 0,
      this.clipNorm,
    ];
  }

  protected override update(g: Tensor, go: Tensor, hyper: Tensor): Tensor {
    const { exp_avg: m, exp_avg_sq: v } = this.moments;
    return adamOp({ p: this.flat, g, m, v, go, hyper }, this.attrs).pAfter;
  }
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), default: 0.01. */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(parameters: Iterable<Parameter>, options: AdamOptions) {
    const { weightDecay = 0.01 } = checked('AdamW', options, RULES, 'learningRate');
    super(parameters, { ...options, weightDecay });
  }
}
