// Softmax and cross-entropy in one, in log space, and the accuracy that goes with it.
//
//   loss = mean_n  log Σ_v exp(logits[n,v]) − logits[n, targets[n]]       over the n that count
//
// The gradient is (softmax − one-hot) / count: of the probabilities only the largest logit of each row and Σ exp
// relative to it are stored. Their log together would lose the sum beside a large logit.

import accuracyKernel from '../../../shaders/loss/accuracy.wgsl';
import crossEntropyKernel from '../../../shaders/loss/crossEntropy.wgsl';
import crossEntropyDxKernel from '../../../shaders/loss/crossEntropyDx.wgsl';
import crossEntropyRowsKernel from '../../../shaders/loss/crossEntropyRows.wgsl';
import { NONE } from '../../graph/none';
import { defineOp } from '../../graph/op';
import type { Dispatch, Tensor } from '../../graph/tensor';
import { checked, flag, part, type Rules } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import { meanLaunches, meanShapes, withMean, type MeanTensors } from './weightedMean';

/** Which targets count. */
export interface TargetOptions {
  /** Targets of this value do not count; default: 0xFFFFFFFF, which is no class. */
  readonly ignoreIndex?: number;
}

/** The options of `crossEntropy`. */
export interface CrossEntropyOptions extends TargetOptions {
  /** Divides by the number of all targets, not of those that count: losses over parts of the targets then add up. */
  readonly overAll?: boolean;
  /**
   * Part of every target, from 0 up to 1, that is spread evenly over all V classes (Szegedy et al. 2016, section 7), as
   * torch.nn.CrossEntropyLoss(label_smoothing) has it.
   */
  readonly smoothing?: number;
}

const OPTIONS: Rules<TargetOptions> = {
  ignoreIndex: (value) => value === Number(value) >>> 0 || 'a whole number from 0 to 2^32 − 1',
};
const LOSS_OPTIONS: Rules<CrossEntropyOptions> = { ...OPTIONS, overAll: flag, smoothing: part };

interface Attrs {
  readonly ignore: number;
}

interface LossAttrs extends Attrs {
  readonly smoothing: number;
}

const NAN = 0x7fc00000;
/** Shorter rows are read by one thread even where workgroups are cheap. */
const LONG = 64;
/** vec4s of a row that one thread differentiates: few where neighbouring threads share a load. */
const STRIP = { direct: 16, workgroup: 1 };

/**
 * The mean cross-entropy of `logits` [..., V] against u32 `targets` [...], in nats, as a tensor [].
 * No counted targets: 0, and no gradient (in PyTorch NaN). A target that counts but is not below V makes the loss NaN,
 * and so does a row that counts and has NaN, +∞, or nothing above −∞. A logit of −∞ has probability 0.
 */
export const crossEntropy = (logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor => {
  const {
    ignoreIndex = NONE,
    overAll = false,
    smoothing = 0,
  } = checked('crossEntropy', options, LOSS_OPTIONS);
  return crossEntropyOp({ logits, targets }, { ignore: ignoreIndex, overAll, smoothing }).loss;
};

/**
 * The fraction of the rows of `logits` [..., V] that count whose largest value is at `targets` [...]. NaN
 * where one of these rows has a NaN.
 */
export const accuracy = (logits: Tensor, targets: Tensor, options: TargetOptions = {}): Tensor => {
  const { ignoreIndex = NONE } = checked('accuracy', options, OPTIONS);
  return accuracyOp({ logits, targets }, { ignore: ignoreIndex }).fraction;
};

const crossEntropyOp = defineOp<
  'logits' | 'targets',
  'loss' | 'tops' | keyof MeanTensors,
  LossAttrs & { readonly overAll: boolean }
>({
  name: 'crossEntropy',
  inputs: { logits: '... V', targets: '...' },
  outputs: withMean({ loss: '', tops: '*' }),
  integers: ['targets'],
  shape: ({ targets }) => ({ loss: [], tops: [sizeOf(targets), 2], ...meanShapes(sizeOf(targets)) }),

  dispatch(t, { N, V }, { ignore, smoothing, overAll: ALL }, traits) {
    const SMOOTH = smoothing > 0;
    const bind = { x: t.logits };
    const params = { N, V, ignore, nan: NAN, smoothing };
    const rows: Dispatch =
      traits.family === 'workgroup' && V >= LONG
        ? { kernel: crossEntropyRowsKernel.with({ ALL, SMOOTH }), bind, params, workgroups: [N] }
        : {
            kernel: crossEntropyKernel.with({ ALIGNED: V % 4 === 0, ALL, SMOOTH }),
            bind,
            params,
            threads: [N],
          };
    return [rows, ...meanLaunches({ ...t, mean: t.loss }, 1, traits)];
  },

  gradient: ({ logits, targets, tops, total, dloss }, _d, { ignore, smoothing }) => ({
    logits: crossEntropyDx({ x: logits, targets, tops, total, dy: dloss }, { ignore, smoothing }).dx,
  }),
  flops: ({ logits }) => 5 * logits.size,
});

const crossEntropyDx = defineOp<'x' | 'targets' | 'tops' | 'total' | 'dy', 'dx', LossAttrs>({
  name: 'crossEntropyDx',
  inputs: { x: '... V', targets: '...', tops: '*', total: '2', dy: '' },
  outputs: { dx: '... V' },
  integers: ['targets'],
  // Nobody else needs the logits, as a rule, and they are the largest tensor of a language model.
  inPlace: { dx: 'x' },

  dispatch({ x }, { V }, { ignore, smoothing }, { family }) {
    // At most a row's worth, so that a thread sees two rows and no more.
    const length = V < 4 * STRIP[family] ? 1 : STRIP[family];
    return {
      kernel: crossEntropyDxKernel.with({ SMALL: V < 4 }),
      params: { size: x.size, ignore, length, smoothing },
      threads: [Math.ceil(x.size / 4 / length)],
    };
  },
  flops: ({ x }) => 4 * x.size,
});

const accuracyOp = defineOp<'logits' | 'targets', 'fraction' | keyof MeanTensors, Attrs>({
  name: 'accuracy',
  inputs: { logits: '... V', targets: '...' },
  outputs: withMean({ fraction: '' }),
  integers: ['targets'],
  shape: ({ targets }) => ({ fraction: [], ...meanShapes(sizeOf(targets)) }),
  dispatch: (t, { N }, { ignore }, traits) => [
    { kernel: accuracyKernel.with(), bind: { x: t.logits }, params: { ignore }, threads: [N] },
    ...meanLaunches({ ...t, mean: t.fraction }, 1, traits),
  ],
});
