// WaveNet (van den Oord et al. 2016, arXiv 1609.03499): the distribution of the next sample of a sound, from stacks of
// gated dilated convolutions. Of layer l, with h what holds for the whole sequence and y what goes on beside it:
//
//   x_0 = causal convolution of one-hot codes
//   z   = tanh(W_f∗x + V_f·h + U_f·y) ⊙ σ(W_g∗x + V_g·h + U_g·y)                  ∗: dilated, causal
//   x_l = x_(l-1) + R·z                  skip = Σ_l S_l·z                          logits = P_2·relu(P_1·relu(skip))

import { callerLine, fail, hereStack } from '../../graph/check';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { concat } from '../../ops/layout/concat';
import { gate } from '../../ops/elementwise/gate';
import { matmul } from '../../ops/matmul/matmul';
import { relu } from '../../ops/elementwise/unary';
import { readAt } from '../../ops/layout/readAt';
import { reshape } from '../../ops/layout/view';
import { CausalConv } from '../conv';
import { fill, glorot, waves } from '../init';
import { Module } from '../module';
import type { Memory, StepFunction, Stepwise } from '../stepwise';
import { OneHotConv } from './oneHotConv';
import { checkWaveNet, waveNetField, type WaveNetSettings } from './waveNetSettings';

/** What a WaveNet is told of a sound. */
export interface Conditions {
  /** h [B, globalChannels] */
  readonly global?: Tensor;
  /** y [B, T, localChannels]: features made as long as the sound, see Upsample. */
  readonly local?: Tensor;
}

const zeros = fill(0);

/** One gated layer. The last of a net has no use for `residual`. */
export class WaveNetLayer extends Module {
  /** Filter and gate, one behind the other. */
  readonly conv: CausalConv;
  readonly condition: CausalConv | null;
  readonly local: CausalConv | null;
  readonly residual: CausalConv | null;
  readonly skip: CausalConv;

  constructor(settings: WaveNetSettings, dilation: number, last: boolean) {
    super();
    const { residualChannels: R, dilationChannels: D, skipChannels: S } = settings;
    const { kernelSize = 2, globalChannels, localChannels } = settings;
    const start = { weight: glorot(kernelSize * R, kernelSize * D), biasStart: zeros };
    this.conv = new CausalConv(R, 2 * D, { kernelSize, dilation, ...start });
    const beside = (channels: number) =>
      new CausalConv(channels, 2 * D, { bias: false, weight: glorot(channels, D) });
    this.condition = globalChannels ? beside(globalChannels) : null;
    this.local = localChannels ? beside(localChannels) : null;
    const pointwise = (channels: number) =>
      new CausalConv(D, channels, { weight: glorot(D, channels), biasStart: zeros });
    this.residual = last ? null : pointwise(R);
    this.skip = pointwise(S);
  }

  /** x [B, T, R] to z [B, T, D]. */
  gated(x: Tensor, { global, local }: Conditions): Tensor {
    let sum = this.conv.forward(x); // [B, T, 2·D]
    if (this.condition) sum = add(sum, this.condition.forward(reshape(global!, [x.shape[0], 1, -1])));
    if (this.local) sum = add(sum, this.local.forward(local!));
    return gate(sum, 'gtu');
  }

  /** z to what the next layer gets. */
  next(x: Tensor, z: Tensor): Tensor {
    return this.residual ? add(x, this.residual.forward(z)) : x;
  }

  /** The same of one position. */
  nextStep(x: Tensor, z: Tensor): Tensor {
    return this.residual ? add(x, this.residual.pointwise(z)) : x;
  }

  override forward(x: Tensor): Tensor {
    return this.next(x, this.gated(x, {}));
  }

  /** One position of `gated`, x [B, R] to z [B, D]; `beside` [B, 2·D] is what the conditions add. */
  gatedStep(x: Tensor, ring: State, position: Tensor, beside?: Tensor): Tensor {
    return this.conv.step(x, ring, position, { beside, activation: 'gtu' });
  }
}

/** Σ_l z_l·S_l as one product: z [..., D] of every layer to [..., S]. */
export function skipSum(layers: readonly WaveNetLayer[], gated: readonly Tensor[]): Tensor {
  const weight = concat(
    layers.map(({ skip: { weight: w } }) => reshape(w, w.shape.slice(1))),
    0,
  );
  const bias = layers.map(({ skip }) => skip.bias as Tensor).reduce(add);
  return matmul(concat(gated, -1), weight, { bias });
}

/** What a WaveNet is told of sounds that it makes sample by sample. */
export interface StepConditions {
  /** Gives h [B, globalChannels]: recorded and run once, before the first step. */
  readonly global?: () => Tensor;
  /** y [B, N, localChannels] of all N places of the sounds. */
  readonly local?: State;
}

/** What a net remembers of B sounds, and what the global condition adds in every layer, [B, 2·D]. */
interface Remembered {
  readonly delays: readonly State[];
  readonly rings: readonly State[];
  readonly beside: readonly State[];
}

/**
 * u32 codes [B, T] to logits [B, T, classes] of the code after each; what came before the first is unknown, not silent:
 * zeros stand there. Weights start as Glorot & Bengio 2010 advise, biases at 0, as in ibab's tensorflow-wavenet.
 */
export class WaveNet extends Module implements Stepwise {
  readonly causal: OneHotConv;
  readonly layers: readonly WaveNetLayer[];
  readonly post1: CausalConv;
  readonly post2: CausalConv;
  /** Codes that a prediction can see. */
  readonly receptiveField: number;

  constructor(readonly settings: WaveNetSettings) {
    super();
    checkWaveNet(settings);
    const { classes = 256, dilations, kernelSize = 2, residualChannels: R, skipChannels: S } = settings;
    const { ordered, prior } = settings;
    const start = ordered ? waves(classes, 1) : undefined;
    this.causal = new OneHotConv(classes, R, kernelSize, start);
    this.layers = dilations.map(
      (dilation, l) => new WaveNetLayer(settings, dilation, l === dilations.length - 1),
    );
    this.post1 = new CausalConv(S, S, { weight: glorot(S, S), biasStart: zeros });
    const biasStart = prior ? () => Float32Array.from(prior) : zeros;
    const out = ordered ? waves(classes, Math.sqrt(4 / (S + classes)), true) : glorot(S, classes);
    this.post2 = new CausalConv(S, classes, { weight: out, biasStart });
    this.receptiveField = waveNetField(settings);
  }

  override forward(codes: Tensor, conditions: Conditions = {}): Tensor {
    this.checkConditions(codes, conditions);
    let x = this.causal.forward(codes); // [B, T, R]
    const gated = this.layers.map((layer) => {
      const z = layer.gated(x, conditions);
      x = layer.next(x, z);
      return z;
    });
    return this.answer(gated);
  }

  /** Logits [..., classes] from z [..., D] of every layer. */
  answer(gated: readonly Tensor[]): Tensor {
    const skip = relu(skipSum(this.layers, gated));
    return this.post2.pointwise(relu(this.post1.pointwise(skip)));
  }

  /** A position costs the same however far the net sees: x is codes u32 [B, 1]. */
  stepper(memory: Memory, { global, local }: StepConditions = {}): StepFunction {
    const { batch: B } = memory;
    const { dilationChannels: D, globalChannels: G, localChannels: L } = this.settings;
    this.checkCondition('local', local, L && [B, local?.shape[1] ?? 0, L]);
    const heard = (condition: CausalConv | null): Tensor => {
      const h = global?.();
      this.checkCondition('global', h, G && [B, G]);
      return condition!.pointwise(h!);
    };
    const remembered = {
      delays: this.causal.delays(B).map((state) => memory.keep(state)),
      rings: this.layers.map(({ conv }) => memory.keep(conv.ring(B))),
      beside: G
        ? this.layers.map((one, l) => memory.once([B, 2 * D], `beside_${l}`, () => heard(one.condition)))
        : [],
    };
    return (codes) => {
      const here = local && readAt(local, memory.place);
      const logits = this.step(reshape(codes, [B]), remembered, memory.position, here);
      return reshape(logits, [B, 1, -1]);
    };
  }

  /** A position of `forward`: codes u32 [B] and y [B, localChannels] at `position`, u32 [1], to logits [B, classes]. */
  private step(
    codes: Tensor,
    { delays, rings, beside }: Remembered,
    position: Tensor,
    local?: Tensor,
  ): Tensor {
    let x = this.causal.step(codes, delays); // [B, R]
    const gated = this.layers.map((layer, l) => {
      const own: Tensor | undefined = beside[l];
      const here = local && layer.local!.pointwise(local);
      const z = layer.gatedStep(x, rings[l], position, own && here ? add(own, here) : (own ?? here));
      x = layer.nextStep(x, z);
      return z;
    });
    return this.answer(gated);
  }

  private checkConditions({ shape: [B, T] }: Tensor, { global, local }: Conditions): void {
    const { globalChannels, localChannels } = this.settings;
    this.checkCondition('global', global, globalChannels && [B, globalChannels]);
    this.checkCondition('local', local, localChannels && [B, T, localChannels]);
  }

  private checkCondition(name: string, found: Tensor | undefined, wanted: number[] | 0 | undefined): void {
    const is = found ? `is [${found.shape.join(', ')}]` : 'is missing';
    if (found?.shape.join() === (wanted || undefined)?.join()) return;
    fail(`WaveNet: its ${name} condition ${is}.`, {
      at: callerLine(hereStack()),
      fix: wanted
        ? `give one of [${wanted.join(', ')}].`
        : `leave it out, or give ${name}Channels to the net.`,
    });
  }
}
