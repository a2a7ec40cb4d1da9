// Loss scaling (Micikevicius et al. 2018): the backward pass begins with a large number in place of 1, so that small
// gradients are not lost in f16, and the gradients are divided by it again before anything is made of them. Where they
// leave the range of f16 the update is skipped and the number halved; the device does both, the host waits for nothing.

import lossScaleKernel from '../../shaders/optim/lossScale.wgsl';
import unscaleKernel from '../../shaders/optim/unscale.wgsl';
import { elementwise } from '../graph/elementwise';
import { gradient } from '../graph/gradient';
import { defineOp } from '../graph/op';
import { checked, count, type Rules } from '../graph/options';
import { State } from '../graph/state';
import { effect } from '../graph/tape';
import type { Attrs, Part, Tensor } from '../graph/tensor';
import { reshape } from '../ops/layout/view';
import type { Optimizer } from './optimizer';
import { bindableParts } from './parts';
import { LARGEST, SQUARABLE } from './updateGuard';

/** How a loss is scaled. */
export interface LossScaleOptions {
  /** The scale at the first step, a power of two from 1 to 2^40; default: 2^15. */
  readonly initial?: number;
  /** So many updates in a row that were not skipped double it; default: 2000. */
  readonly interval?: number;
}

/** The largest scale: far beyond what f16 needs, far inside what f32 holds. */
const MOST = 2 ** 40;

const RULES: Rules<LossScaleOptions> = {
  initial: (value) =>
    (typeof value === 'number' && value >= 1 && value <= MOST && Number.isInteger(Math.log2(value))) ||
    'a power of two from 1 to 2^40',
  interval: count,
};

const unscaleOp = defineOp<'g' | 's', 'after'>({
  name: 'unscale',
  inputs: { g: 'N', s: '1' },
  outputs: { after: 'N' },
  inPlace: { after: 'g' },
  inParts: true,
  dispatch: ({ g }, _d, _a, traits) =>
    bindableParts(g.size, traits).map(({ offset, size }) => {
      const part: Part = { tensor: g, offset, size };
      return { ...elementwise(unscaleKernel, size), bind: { g: part }, params: { size } };
    }),
  flops: ({ g }) => g.size,
});

type Now = 'scale' | 'inverse' | 'good';

interface ScaleAttrs extends Attrs {
  readonly interval: number;
  /** The largest norm that surely makes an update. */
  readonly bound: number;
}

const lossScaleOp = defineOp<'norm' | Now, `${Now}After`, ScaleAttrs>({
  name: 'lossScale',
  inputs: { norm: '1', scale: '1', inverse: '1', good: '1' },
  outputs: { scaleAfter: '1', inverseAfter: '1', goodAfter: '1' },
  integers: ['good', 'goodAfter'],
  inPlace: { scaleAfter: 'scale', inverseAfter: 'inverse', goodAfter: 'good' },
  dispatch: () => ({
    kernel: lossScaleKernel.with(),
    params: { most: MOST },
    threads: [1],
  }),
});

const scales = new WeakMap<Optimizer, LossScale>();

/** What scales the losses of an optimizer, if something does. */
export const lossScaleOf = (optimizer: Optimizer): LossScale | undefined => scales.get(optimizer);

/** An optimizer whose losses are scaled: its `minimize` in place of the optimizer's own. Made by `lossScale`. */
export class LossScale {
  /** The scale of the next step, [1]: a power of two from 1 on. */
  readonly scale: State;
  /** Its inverse, [1]. */
  readonly inverse: State;
  /** Updates since it was changed, [1], u32. */
  readonly good = new State([1], 'zeros', 'updates since the loss scale was changed', 'u32');
  private readonly interval: number;

  constructor(
    readonly optimizer: Optimizer,
    options: LossScaleOptions = {},
  ) {
    const { initial = 2 ** 15, interval = 2000 } = checked('lossScale', options, RULES);
    this.scale = new State([1], () => Float32Array.of(initial), 'loss scale');
    this.inverse = new State([1], () => Float32Array.of(1 / initial), 'inverse loss scale');
    this.interval = interval;
    scales.set(optimizer, this);
  }

  /** Records backward pass, clipping and update, as the optimizer's own does. Only inside `engine.train`. */
  minimize(loss: Tensor): Tensor {
    return this.minimizeWithNorm(loss).loss;
  }

  /** The same, with the global norm of the gradients of the loss itself before clipping, [1]. */
  minimizeWithNorm(loss: Tensor): { loss: Tensor; norm: Tensor } {
    const { optimizer, scale, inverse, good, interval } = this;
    const scaled = gradient(loss, optimizer.flat.members, reshape(scale, loss.shape));
    const norm = optimizer.apply(scaled, (flat) => unscaleOp({ g: flat, s: inverse }, {}).after);
    // What is clipped is never squared while it is large: see Optimizer.apply.
    const { clipNorm } = optimizer;
    const bound = clipNorm > 0 && clipNorm <= SQUARABLE ? LARGEST : SQUARABLE;
    effect(lossScaleOp({ norm, scale, inverse, good }, { interval, bound }).scaleAfter, 'minimize');
    return { loss, norm };
  }

  /** Frees its states; the optimizer is the caller's. */
  destroy(): void {
    for (const state of [this.scale, this.inverse, this.good]) state.destroy();
  }
}

/**
 * Scales the losses of an optimizer, as training in f16 needs it: `const scaled = optim.lossScale(adam)`, and then
 * `scaled.minimize(loss)` in place of `adam.minimize(loss)`. `fit` and checkpoints take the optimizer itself.
 */
export const lossScale = (optimizer: Optimizer, options?: LossScaleOptions): LossScale =>
  new LossScale(optimizer, options);
