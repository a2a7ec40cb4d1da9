// The layers of a WaveNet between vectors: van den Oord et al. 2016 without the one-hot codes at its beginning and the
// last product at its end.
//
//   x_0 = 1×1 convolution of x → gated dilated layers → relu(Σ skip) → relu(P_1·…)

import { relu } from '../../ops/elementwise/unary';
import { reshape } from '../../ops/layout/view';
import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { CausalConv } from '../conv';
import { fill, glorot } from '../init';
import { Module } from '../module';
import type { Memory, StepFunction, Stepwise } from '../stepwise';
import { WaveNetLayer, skipSum } from './waveNet';
import { checkWaveNet, type WaveNetSettings } from './waveNetSettings';

/** The settings of a WaveNet between an input and a head. */
export type WaveNetBodySettings = Omit<WaveNetSettings, 'classes' | 'globalChannels' | 'localChannels'>;

/** Inputs that an output can see, itself included. */
export const fieldOfWaveNet = (dilations: readonly number[], kernelSize = 2): number =>
  1 + (kernelSize - 1) * dilations.reduce((sum, dilation) => sum + dilation, 0);

/** [B, T, inputs] to [B, T, skipChannels]; zeros stand before the first step in every layer. */
export class WaveNetBody extends Module implements Stepwise {
  readonly causal: CausalConv;
  readonly layers: readonly WaveNetLayer[];
  readonly post1: CausalConv;

  constructor(
    inputs: number,
    readonly settings: WaveNetBodySettings,
  ) {
    super();
    checkWaveNet(settings);
    const { dilations, residualChannels: R, skipChannels: S } = settings;
    const biasStart = fill(0);
    this.causal = new CausalConv(inputs, R, { weight: glorot(inputs, R), biasStart });
    this.layers = dilations.map((dilation, l) => {
      return new WaveNetLayer(settings, dilation, l === dilations.length - 1);
    });
    this.post1 = new CausalConv(S, S, { weight: glorot(S, S), biasStart });
  }

  get receptiveField(): number {
    return fieldOfWaveNet(this.settings.dilations, this.settings.kernelSize);
  }

  override forward(x: Tensor): Tensor {
    let value = this.causal.forward(x);
    const gated = this.layers.map((layer) => {
      const z = layer.gated(value, {});
      value = layer.next(value, z);
      return z;
    });
    return this.answer(gated);
  }

  /** What `step` remembers of so many sequences. */
  rings(batch: number): State[] {
    return this.layers.map(({ conv }) => conv.ring(batch));
  }

  /** One position of `forward`, at the same cost however far the net sees: x [B, inputs] to [B, skipChannels]. */
  step(x: Tensor, rings: readonly State[], position: Tensor): Tensor {
    let value = this.causal.pointwise(x);
    const gated = this.layers.map((layer, l) => {
      const z = layer.gatedStep(value, rings[l], position);
      value = layer.nextStep(value, z);
      return z;
    });
    return this.answer(gated);
  }

  stepper(memory: Memory): StepFunction {
    const { batch: B, position } = memory;
    const rings = this.rings(B);
    rings.forEach((ring) => memory.keep(ring));
    return (x) => reshape(this.step(reshape(x, [B, x.shape[2]]), rings, position), [B, 1, -1]);
  }

  private answer(gated: readonly Tensor[]): Tensor {
    return relu(this.post1.pointwise(relu(skipSum(this.layers, gated))));
  }
}
