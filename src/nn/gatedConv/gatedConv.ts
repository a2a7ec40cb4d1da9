// Stacked gated convolutions over time (Dauphin, Fan, Auli & Grangier 2017, arXiv 1612.08083), as fairseq's
// FConvDecoder has them. Of layer i, with kernel k and residual span r:
//
//   z_0  = weight-normed linear of x
//   z_i  = gate(weight-normed causal convolution of dropout(z_(i-1)))             r = 0
//   z_i  = (that + z_(i-r)) · √½                                                  r > 0
//
// z_(i-r) goes through a weight-normed linear where the widths differ. A bottleneck of the paper is three layers:
// (narrow, 1, 0), (narrow, k, 0), (wide, 1, 3).

import { callerLine, fail, hereStack } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { checked, checkSizes, finite, object, oneOf, part, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { gate } from '../../ops/elementwise/gate';
import { relu, scale, tanh } from '../../ops/elementwise/unary';
import { Dropout } from '../dropout';
import { fill, normal } from '../init';
import { checkInput } from '../input';
import { Module } from '../module';
import type { Memory, StepFunction, Stepwise } from '../stepwise';
import { WeightNormConv, WeightNormLinear } from '../weightNorm';

/**
 * Width, taps, and over how many layers the residual goes; default: 1, its own input; 0: none.
 */
export type ConvLayer = readonly [width: number, kernelSize: number, residual?: number];

/** What stands behind a convolution: its channels per channel of the result, and what becomes of a variance of 1. */
interface Unit {
  readonly channels: 1 | 2;
  /** Variance of the weights, times fan-in, with which the result varies about as much as the input. */
  readonly variance: number;
  apply(x: Tensor): Tensor;
}

/** The paper's unit and those of its ablation (section 5.2); the first three are gated. */
const UNITS = {
  glu: { channels: 2, variance: 4, apply: (x) => gate(x, 'glu') },
  gtu: { channels: 2, variance: 4, apply: (x) => gate(x, 'gtu') },
  bilinear: { channels: 2, variance: 1, apply: (x) => gate(x, 'bilinear') },
  relu: { channels: 1, variance: 2, apply: relu },
  tanh: { channels: 1, variance: 1, apply: tanh },
  linear: { channels: 1, variance: 1, apply: (x) => x },
} as const satisfies Readonly<Record<string, Unit>>;

/** The unit behind a convolution. */
export type GatedUnit = keyof typeof UNITS;
/** The names of all units. */
export const GATED_UNITS = Object.keys(UNITS) as GatedUnit[];

/** The options of gated convolutions. */
export interface GatedConvOptions {
  /** Before every layer. */
  readonly dropout?: number;
  readonly generator?: Generator;
  /** The unit; default: glu. Those that are not gated have half as many channels in their convolutions. */
  readonly activation?: GatedUnit;
  /** Multiplies the initial weights of the convolutions. */
  readonly gain?: number;
}

const OPTIONS: Rules<GatedConvOptions> = {
  dropout: part,
  generator: object,
  activation: oneOf(GATED_UNITS),
  gain: finite,
};

/** Inputs that an output can see, itself included: 1 + Σ (k − 1). */
export const receptiveFieldOf = (layers: readonly ConvLayer[]): number =>
  layers.reduce((field, [, kernelSize]) => field + kernelSize - 1, 1);

/**
 * [B, T, inputs] to [B, T, layers.at(-1)[0]]; zeros stand before t = 0. Weights start as in fairseq, at
 * N(0, 4(1 − dropout)/(k·C)) in convolutions of C channels, N(0, (1 − dropout)/C) elsewhere; biases at 0. The 4, what a
 * GLU needs, is that unit's own variance for the other units.
 */
export class GatedConv extends Module implements Stepwise {
  readonly fc1: WeightNormLinear;
  readonly convolutions: readonly WeightNormConv[];
  readonly projections: readonly (WeightNormLinear | null)[];
  readonly receptiveField: number;
  /** Channels of the result. */
  readonly width: number;
  private readonly residuals: readonly number[];
  private readonly dropout: Dropout;
  private readonly unit: Unit;

  constructor(inputs: number, layers: readonly ConvLayer[], options: GatedConvOptions = {}) {
    super();
    const { dropout = 0, generator, activation = 'glu', gain } = checked('GatedConv', options, OPTIONS);
    checkSizes('GatedConv', { inputs });
    checkLayers(layers);
    const unit: Unit = UNITS[activation];
    const widths = [layers[0][0], ...layers.map(([width]) => width)];
    const linear = (from: number, to: number) =>
      new WeightNormLinear(from, to, { weight: normal(Math.sqrt((1 - dropout) / from)), bias: fill(0) });
    this.fc1 = linear(inputs, widths[0]);
    this.convolutions = layers.map(([width, kernelSize], i) => {
      const deviation = Math.sqrt((unit.variance * (1 - dropout)) / (kernelSize * widths[i]));
      const start = { gain, weight: normal(deviation), bias: fill(0) };
      return new WeightNormConv(widths[i], unit.channels * width, kernelSize, 1, start);
    });
    this.residuals = layers.map(([, , residual = 1]) => residual);
    this.projections = layers.map(([width], i) => {
      const from = widths[i + 1 - this.residuals[i]];
      return this.residuals[i] && from !== width ? linear(from, width) : null;
    });
    this.receptiveField = receptiveFieldOf(layers);
    this.width = widths.at(-1)!;
    this.dropout = new Dropout(dropout, { generator });
    this.unit = unit;
  }

  override forward(x: Tensor): Tensor {
    checkInput('GatedConv', x, ['batch', 'time', this.fc1.weight_v.shape[0]]);
    return this.through(x, (layer) => (value) => layer.forward(value));
  }

  stepper(memory: Memory): StepFunction {
    const layers = [this.fc1, ...this.convolutions, ...this.projections].filter((layer) => layer !== null);
    const steps = new Map(layers.map((layer) => [layer, layer.stepper(memory)]));
    return (x) => this.through(x, (layer) => steps.get(layer)!);
  }

  private through(x: Tensor, by: (layer: WeightNormConv | WeightNormLinear) => StepFunction): Tensor {
    const values = [by(this.fc1)(x)];
    this.convolutions.forEach((convolution, i) => {
      const before = this.residuals[i] ? values[i + 1 - this.residuals[i]] : null;
      const projection = this.projections[i];
      const y = this.unit.apply(by(convolution)(this.dropout.forward(values[i])));
      const residual = before && projection ? by(projection)(before) : before;
      values.push(residual ? scale(add(y, residual), Math.SQRT1_2) : y);
    });
    return values.at(-1)!;
  }
}

function checkLayers(layers: readonly ConvLayer[]): void {
  const at = () => callerLine(hereStack());
  if (layers.length === 0) {
    fail('GatedConv: there are no layers.', { at: at(), fix: 'give [width, taps] of at least one.' });
  }
  layers.forEach(([width, kernelSize, residual = 1], i) => {
    const whole = [width, kernelSize].every((value) => Number.isInteger(value) && value > 0);
    if (whole && Number.isInteger(residual) && residual >= 0 && residual <= i + 1) return;
    fail(`GatedConv: layer ${i} cannot be [${layers[i].join(', ')}].`, {
      at: at(),
      fix: `give [width, taps] of at least 1, and a residual over 0 to ${i + 1} layers.`,
    });
  });
}
