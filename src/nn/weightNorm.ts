// Layers whose weight is a length times a direction, w = g·v/‖v‖ per output channel (Salimans & Kingma 2016), under the
// names and in the layout of torch.nn.utils.weight_norm.

import { checked, checkSizes, finite, initial, type Rules } from '../graph/options';
import { Parameter, type Initial } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { causalConv } from '../ops/conv/causalConv';
import { causalConvRing, causalConvStep } from '../ops/conv/causalConvStep';
import { matmul } from '../ops/matmul/matmul';
import { reshape } from '../ops/layout/view';
import { weightNorm } from '../ops/norm/weightNorm';
import { columnNorms, parameter, uniform } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** Where v and the bias start; default: U(±1/√fan-in), as in PyTorch's layers. g starts at gain · ‖v‖. */
export interface WeightNormStart {
  readonly gain?: number;
  readonly weight?: Initial;
  readonly bias?: Initial;
}

const START: Rules<WeightNormStart> = { gain: finite, weight: initial, bias: initial };

/** torch.nn.Conv1d with weight norm over [B, T, inputs], padded on the left so that it never looks ahead. */
export class WeightNormConv extends Module implements Stepwise {
  readonly bias: Parameter;
  readonly weight_g: Parameter;
  readonly weight_v: Parameter;

  constructor(
    inputs: number,
    outputs: number,
    kernelSize: number,
    private readonly dilation: number,
    start: WeightNormStart = {},
  ) {
    super();
    checkSizes('WeightNormConv', { inputs, outputs, kernelSize, dilation });
    const { gain = 1, weight, bias } = checked('WeightNormConv', start, START);
    const bound = 1 / Math.sqrt(inputs * kernelSize);
    const v = weight ?? uniform(bound);
    const torch = {
      shape: [outputs, inputs, kernelSize],
      split: [outputs, inputs, kernelSize],
      permute: [2, 1, 0],
    };
    this.bias = parameter([outputs], bias ?? uniform(bound));
    this.weight_g = new Parameter([outputs], columnNorms(v, inputs * kernelSize, outputs, gain), {
      shape: [outputs, 1, 1],
      split: [outputs],
      permute: [0],
    });
    this.weight_v = new Parameter([kernelSize, inputs, outputs], v, torch);
  }

  /** `dilation` in place of the layer's own: of a sequence that lacks the steps in between. */
  override forward(x: Tensor, dilation = this.dilation): Tensor {
    checkInput('WeightNormConv', x, ['batch', 'time', this.weight_v.shape[1]]);
    const w = weightNorm(this.weight_v, this.weight_g);
    return causalConv(x, w, { dilation, bias: this.bias });
  }

  stepper(memory: Memory): StepFunction {
    const { weight_v: v, weight_g: g, bias, dilation } = this;
    const [K, C, O] = v.shape;
    const { batch: B, position } = memory;
    const w = memory.once(v.shape, 'weight', () => weightNorm(v, g));
    const ring = memory.keep(causalConvRing(B, C, K, dilation));
    return (x) => reshape(causalConvStep(reshape(x, [B, C]), w, ring, position, { bias }), [B, 1, O]);
  }
}

/** torch.nn.Linear with weight norm: [..., inputs] to [..., outputs]. */
export class WeightNormLinear extends Module implements Stepwise {
  readonly bias: Parameter;
  readonly weight_g: Parameter;
  readonly weight_v: Parameter;

  constructor(inputs: number, outputs: number, start: WeightNormStart = {}) {
    super();
    checkSizes('WeightNormLinear', { inputs, outputs });
    const { gain = 1, weight, bias } = checked('WeightNormLinear', start, START);
    const bound = 1 / Math.sqrt(inputs);
    const v = weight ?? uniform(bound);
    this.bias = parameter([outputs], bias ?? uniform(bound));
    this.weight_g = new Parameter([outputs], columnNorms(v, inputs, outputs, gain), {
      shape: [outputs, 1],
      split: [outputs],
      permute: [0],
    });
    const torch = { shape: [outputs, inputs], split: [outputs, inputs], permute: [1, 0] };
    this.weight_v = new Parameter([inputs, outputs], v, torch);
  }

  override forward(x: Tensor): Tensor {
    checkInput('WeightNormLinear', x, ['...', this.weight_v.shape[0]]);
    return matmul(x, weightNorm(this.weight_v, this.weight_g), { bias: this.bias });
  }

  stepper(memory: Memory): StepFunction {
    const { weight_v: v, weight_g: g, bias } = this;
    const w = memory.once(v.shape, 'weight', () => weightNorm(v, g));
    return (x) => matmul(x, w, { bias });
  }
}
