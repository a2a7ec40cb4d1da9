// Zero mean and unit variance over the last axis, then scale and shift.

import { checked, checkSizes, flag, notNegative, type Rules } from '../graph/options';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { layerNorm } from '../ops/norm/layerNorm';
import { fill, parameter } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { StepFunction, Stepwise } from './stepwise';

/** The settings of LayerNorm. */
export interface LayerNormSettings {
  /** Added to the variance; default: 1e-5. */
  readonly epsilon?: number;
  /** Whether there is a shift; default: true. */
  readonly bias?: boolean;
}

const OPTIONS: Rules<LayerNormSettings> = { epsilon: notNegative, bias: flag };

/** torch.nn.LayerNorm over the last axis (Ba et al. 2016). Starts with scale 1 and shift 0. */
export class LayerNorm extends Module implements Stepwise {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  private readonly epsilon: number;

  constructor(size: number, options: LayerNormSettings = {}) {
    super();
    checkSizes('LayerNorm', { size });
    const { epsilon = 1e-5, bias = true } = checked('LayerNorm', options, OPTIONS);
    this.epsilon = epsilon;
    this.weight = parameter([size], fill(1));
    this.bias = bias ? parameter([size], fill(0)) : null;
  }

  override forward(x: Tensor): Tensor {
    checkInput('LayerNorm', x, ['...', this.weight.size]);
    return layerNorm(x, { scale: this.weight, shift: this.bias ?? undefined, epsilon: this.epsilon });
  }

  /** It looks at one step alone. */
  stepper(): StepFunction {
    return (x) => this.forward(x);
  }
}
