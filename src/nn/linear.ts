// y = x·weight + bias, over the last axis.

import { matmul } from '../ops/matmul';
import type { Initial, Parameter, Tensor } from '../graph/tensor';
import { parameter, transposed, uniform } from './init';
import { Module } from './module';

export interface LinearOptions {
  readonly bias?: boolean;
  /** Where the bias starts, e.g. at the log-odds of the classes; U(±1/√inputs) unless given. */
  readonly biasValues?: readonly number[];
  /** Where the weight starts, stored [inputs, outputs]; U(±1/√inputs) unless given. */
  readonly weight?: Initial;
}

/** torch.nn.Linear: [..., inputs] to [..., outputs]. Starts at U(±1/√inputs). */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inputs: number, outputs: number, { bias = true, biasValues, weight }: LinearOptions = {}) {
    super();
    const bound = 1 / Math.sqrt(inputs);
    this.weight = transposed(inputs, outputs, weight ?? uniform(bound));
    const start = biasValues ? () => Float32Array.from(biasValues) : uniform(bound);
    this.bias = bias ? parameter([outputs], start) : null;
  }

  override forward(x: Tensor): Tensor {
    return matmul(x, this.weight, { bias: this.bias ?? undefined });
  }
}
