// Convolutions over time under the names and in the layout of PyTorch: one that never looks ahead, and the transposed
// one that makes a sequence longer.

import { checked, checkSizes, count, flag, initial, type Rules } from '../graph/options';
import { Parameter, type Initial, type State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/elementwise/binary';
import { causalConv } from '../ops/conv/causalConv';
import { causalConvRing, causalConvStep, type CausalConvStepOptions } from '../ops/conv/causalConvStep';
import { matmul } from '../ops/matmul/matmul';
import { reshape } from '../ops/layout/view';
import { parameter, uniform } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** The settings of CausalConv. */
export interface CausalConvSettings {
  /** Taps; default: 1. */
  readonly kernelSize?: number;
  /** Positions between neighbouring taps; default: 1. */
  readonly dilation?: number;
  /** Unless false. */
  readonly bias?: boolean;
  /** Where the weights start; default: U(±1/√fan-in), like the bias. */
  readonly weight?: Initial;
  readonly biasStart?: Initial;
}

const SETTINGS: Rules<CausalConvSettings> = {
  kernelSize: count,
  dilation: count,
  bias: flag,
  weight: initial,
  biasStart: initial,
};

/** torch.nn.Conv1d over [B, T, inputs], padded on the left so that it never looks ahead: [B, T, outputs]. */
export class CausalConv extends Module implements Stepwise {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly dilation: number;

  constructor(inputs: number, outputs: number, settings: CausalConvSettings = {}) {
    super();
    checkSizes('CausalConv', { inputs, outputs });
    const {
      kernelSize = 1,
      dilation = 1,
      bias = true,
      weight,
      biasStart,
    } = checked('CausalConv', settings, SETTINGS);
    const shape = [outputs, inputs, kernelSize];
    const bound = 1 / Math.sqrt(inputs * kernelSize);
    const torch = { shape, split: shape, permute: [2, 1, 0] };
    this.weight = new Parameter([kernelSize, inputs, outputs], weight ?? uniform(bound), torch);
    this.bias = bias ? parameter([outputs], biasStart ?? uniform(bound)) : null;
    this.dilation = dilation;
  }

  override forward(x: Tensor): Tensor {
    checkInput('CausalConv', x, ['batch', 'time', this.weight.shape[1]]);
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

  stepper(memory: Memory): StepFunction {
    const [, C, O] = this.weight.shape;
    const { batch: B, position } = memory;
    const ring = memory.keep(this.ring(B));
    return (x) => reshape(this.step(reshape(x, [B, C]), ring, position), [B, 1, O]);
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
  readonly bias: Parameter | null;

  constructor(
    inputs: number,
    private readonly outputs: number,
    private readonly stride: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    checkSizes('Upsample', { inputs, outputs, stride });
    const { bias = true } = checked('Upsample', options, { bias: flag });
    const shape = [inputs, outputs, stride];
    const bound = 1 / Math.sqrt(outputs * stride);
    const torch = { shape, split: shape, permute: [0, 2, 1] };
    this.weight = new Parameter([inputs, stride, outputs], uniform(bound), torch);
    this.bias = bias ? parameter([outputs], uniform(bound)) : null;
  }

  override forward(x: Tensor): Tensor {
    checkInput('Upsample', x, ['batch', 'frames', this.weight.shape[0]]);
    const { outputs, stride } = this;
    const [B, F, inputs] = x.shape;
    const y = matmul(x, reshape(this.weight, [inputs, stride * outputs]));
    const samples = reshape(y, [B, F * stride, outputs]);
    return this.bias ? add(samples, this.bias) : samples;
  }
}
