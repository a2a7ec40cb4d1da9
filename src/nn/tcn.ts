// The temporal convolutional network of Bai, Kolter and Koltun 2018 (arXiv 1803.01271), as in their code:
//
//   F(x)  = [weight-normed causal convolution → ReLU → dropout] twice, dilation 2^level
//   out   = ReLU(F(x) + residual)          residual: x, or a 1×1 convolution of it where the widths differ

import type { Generator } from '../graph/generator';
import { check } from '../graph/check';
import { checked, count, finite, flag, listOf, object, part, type Rules } from '../graph/options';
import { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/elementwise/binary';
import { causalConv } from '../ops/conv/causalConv';
import { concat } from '../ops/layout/concat';
import { zeros } from '../ops/elementwise/constant';
import { relu } from '../ops/elementwise/unary';
import { lastStep, reshape, slice } from '../ops/layout/view';
import { Dropout } from './dropout';
import { normal, parameter, uniform } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { WeightNormConv } from './weightNorm';

/** An ordinary 1×1 convolution, the way of the residual between two widths; where it starts, see TCNOptions. */
class Pointwise extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(inputs: number, outputs: number, gain?: number) {
    super();
    const bound = 1 / Math.sqrt(inputs);
    const start = gain === undefined ? normal(0.01) : uniform(gain * bound);
    const torch = { shape: [outputs, inputs, 1], split: [outputs, inputs, 1], permute: [2, 1, 0] };
    this.weight = new Parameter([1, inputs, outputs], start, torch);
    this.bias = parameter([outputs], uniform(bound));
  }

  override forward(x: Tensor): Tensor {
    return causalConv(x, this.weight, { bias: this.bias });
  }
}

/** The options of a TCN. */
export interface TCNOptions {
  /** Taps of every convolution. */
  readonly kernelSize: number;
  readonly dropout?: number;
  /** Drops whole channels, as the paper says; default: single values, as its code does. */
  readonly spatial?: boolean;
  readonly generator?: Generator;
  /** Multiplies the initial weights of the convolutions. PyTorch's are √6 smaller than He et al. 2015 advise. */
  readonly gain?: number;
  /**
   * Starts the 1×1 convolutions of the residuals at PyTorch's initial weights times this. Default: they start at
   * N(0, 0.01²) as in the paper's code: then little of the input passes them, and the adding problem is learned late.
   */
  readonly residualGain?: number;
}

const OPTIONS: Rules<TCNOptions> = {
  kernelSize: count,
  dropout: part,
  spatial: flag,
  generator: object,
  gain: finite,
  residualGain: finite,
};

/** One residual block: [B, T, inputs] to [B, T, outputs]. */
export class TemporalBlock extends Module implements Stepwise {
  readonly conv1: WeightNormConv;
  readonly conv2: WeightNormConv;
  readonly downsample: Pointwise | null;
  private readonly dropout: Dropout;

  constructor(inputs: number, outputs: number, dilation: number, options: TCNOptions) {
    super();
    checked('TemporalBlock', options, OPTIONS, 'kernelSize');
    const { kernelSize, dropout = 0, spatial, generator, gain, residualGain } = options;
    this.conv1 = new WeightNormConv(inputs, outputs, kernelSize, dilation, { gain });
    this.conv2 = new WeightNormConv(outputs, outputs, kernelSize, dilation, { gain });
    this.downsample = inputs === outputs ? null : new Pointwise(inputs, outputs, residualGain);
    this.dropout = new Dropout(dropout, { spatial, generator });
  }

  /** `dilation` in place of the block's own; see WeightNormConv. */
  override forward(x: Tensor, dilation?: number): Tensor {
    const convolve = (conv: WeightNormConv) => (value: Tensor) => conv.forward(value, dilation);
    return this.through(x, [convolve(this.conv1), convolve(this.conv2)]);
  }

  stepper(memory: Memory): StepFunction {
    const steps = [this.conv1.stepper(memory), this.conv2.stepper(memory)] as const;
    return (x) => this.through(x, steps);
  }

  private through(x: Tensor, [conv1, conv2]: readonly [StepFunction, StepFunction]): Tensor {
    const first = this.dropout.forward(relu(conv1(x)));
    const second = this.dropout.forward(relu(conv2(first)));
    return relu(add(second, this.downsample?.forward(x) ?? x));
  }
}

/** Inputs that an output of so many levels can see, itself included: 1 + 2(k − 1)(2^levels − 1). */
export const fieldOfTcn = (levels: number, kernelSize: number): number =>
  1 + 2 * (kernelSize - 1) * (2 ** levels - 1);

/** A stack of blocks with dilations 1, 2, 4 …: [B, T, inputs] to [B, T, channels.at(-1)]. */
export class TCN extends Module implements Stepwise {
  readonly network: readonly TemporalBlock[];
  readonly kernelSize: number;

  constructor(
    private readonly inputs: number,
    channels: readonly number[],
    options: TCNOptions,
  ) {
    super();
    checked('TCN', options, OPTIONS, 'kernelSize');
    checked('TCN', { inputs, channels }, { inputs: count, channels: listOf(count) });
    check(channels.length, 'TCN: there are no channels', 'give those of at least one level');
    this.kernelSize = options.kernelSize;
    this.network = channels.map(
      (outputs, level) => new TemporalBlock(channels[level - 1] ?? inputs, outputs, 2 ** level, options),
    );
  }

  /** Inputs that an output can see, itself included. */
  get receptiveField(): number {
    return fieldOfTcn(this.network.length, this.kernelSize);
  }

  override forward(x: Tensor): Tensor {
    checkInput('TCN', x, ['batch', 'time', this.inputs]);
    return this.network.reduce((value, layer) => layer.forward(value), x);
  }

  stepper(memory: Memory): StepFunction {
    const steps = this.network.map((block) => block.stepper(memory));
    return (x) => steps.reduce((value, step) => step(value), x);
  }

  /**
   * `forward` at the last step alone, [B, channels.at(-1)], for little: a block of dilation d needs only every dth step
   * before the last. These stand side by side when every block hands on every second one, and the dilation is then 1.
   * All levels together cost less than two of `forward`.
   */
  last(x: Tensor): Tensor {
    const top = this.network.length - 1;
    return lastStep(
      this.network.reduce((value, layer, level) => {
        const y = layer.forward(value, 1);
        return level === top ? y : everySecond(y);
      }, x),
    );
  }
}

/** Steps T−1, T−3, … of x [B, T, C], in their order. */
function everySecond(x: Tensor): Tensor {
  const [B, T, C] = x.shape;
  // A step in front of an odd number is not among them.
  const even = T % 2 ? concat([zeros([B, 1, C]), x], 1) : x;
  return slice(reshape(even, [B, -1, 2 * C]), 2, C);
}
