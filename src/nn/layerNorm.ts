// Zero mean and unit variance over the last axis, then scale and shift.

import type { Parameter, Tensor } from '../graph/tensor';
import { layerNorm } from '../ops/layerNorm';
import { fill, parameter } from './init';
import { Module } from './module';

/** torch.nn.LayerNorm over the last axis (Ba et al. 2016). Starts with scale 1 and shift 0. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    size: number,
    private readonly epsilon = 1e-5,
  ) {
    super();
    this.weight = parameter([size], fill(1));
    this.bias = parameter([size], fill(0));
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, { scale: this.weight, shift: this.bias, epsilon: this.epsilon });
  }
}
