// Convolutions over time under the names and in the layout of PyTorch: one that never looks ahead, and the transposed
// one that makes a sequence longer.

import { Parameter, type Initial, type State, type Tensor } from '../graph/tensor';
import { add } from '../ops/binary';
import { causalConv } from '../ops/causalConv';
import { causalConvRing, causalConvStep, type CausalConvStepOptions } from '../ops/causalConvStep';
import { matmul } from '../ops/matmul';
import { reshape } from '../ops/view';
import { parameter, uniform } from './init';
import { Module } from './module';

export interface CausalConvSettings {
  /** Taps; 1 unless given. */
  readonly kernelSize?: number;
  /** 1 unless given. */
  readonly dilation?: number;
  /** Unless false. */
  readonly bias?: boolean;
  /** Where the weights start; at U(±1/√fan-in), like the bias, unless given. */
  readonly weight?: Initial;
  readonly biasStart?: Initial;
}

/** torch.nn.Conv1d over [B, T, inputs], padded on the left so that it never looks ahead: [B, T, outputs]. */
export class CausalConv extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly dilation: number;

  constructor(
    inputs: number,
    outputs: number,
    { kernelSize = 1, dilation = 1, bias = true, weight, biasStart }: CausalConvSettings = {},
  ) {
    super();
    const shape = [outputs, inputs, kernelSize];
    const bound = 1 / Math.sqrt(inputs * kernelSize);
    const torch = { shape, split: shape, permute: [2, 1, 0] };
    this.weight = new Parameter([kernelSize, inputs, outputs], weight ?? uniform(bound), torch);
    this.bias = bias ? parameter([outputs], biasStart ?? uniform(bound)) : null;
    this.dilation = dilation;
  }

  override forward(x: Tensor): Tensor {
    return causalConv(x, this.weight, { dilation: this.dilation, bias: this.bias ?? undefined });
  }

  /** What `step` remembers of so many sequences. */
  ring(batch: number): State {
    const [K, C] = this.weight.shape;
    return causalConvRing(batch, C, K, this.dilation);
  }

  /** One position of `forward`, x [B, inputs] to [B, outputs]: see causalConvStep. */
  step(x: Tensor, ring: State, position: Tensor, options: Omit<CausalConvStepOptions, 'bias'> = {}): Tensor {
    return causalConvStep(x, this.weight, ring, position, { bias: this.bias ?? undefined, ...options });
  }

  /** Where there is one tap: x [..., inputs] to [..., outputs]. */
  pointwise(x: Tensor): Tensor {
    return matmul(x, reshape(this.weight, this.weight.shape.slice(1)), { bias: this.bias ?? undefined });
  }
}

/**
 * torch.nn.ConvTranspose1d whose stride is its kernel: every frame of [B, F, inputs] becomes `stride` samples of
 * [B, F · stride, outputs], and of no other.
 */
export class Upsample extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    inputs: number,
    private readonly outputs: number,
    private readonly stride: number,
  ) {
    super();
    const shape = [inputs, outputs, stride];
    const bound = 1 / Math.sqrt(outputs * stride);
    const torch = { shape, split: shape, permute: [0, 2, 1] };
    this.weight = new Parameter([inputs, stride, outputs], uniform(bound), torch);
    this.bias = parameter([outputs], uniform(bound));
  }

  override forward(x: Tensor): Tensor {
    const { outputs, stride } = this;
    const [B, F, inputs] = x.shape;
    const y = matmul(x, reshape(this.weight, [inputs, stride * outputs]));
    return add(reshape(y, [B, F * stride, outputs]), this.bias);
  }
}
