// One step of a dilated causal convolution: what causalConv gives at position t, from the newest input and a ring of
// those before, so that a step costs the same however far the convolution reaches back.
//
//   y[b,o] = act( Σ_k Σ_c x_(t - (K-1-k)·dilation)[b,c] · w[k,c,o] + bias[o] + beside[b,o] )
//
// Le Paine et al. 2016, "Fast Wavenet Generation Algorithm" (arXiv 1611.09482).

import stepKernel from '../../../shaders/conv/causalConvStep.wgsl';
import { check, shapeText } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked, oneOf, type Rules, tensor } from '../../graph/options';
import { effect } from '../../graph/tape';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { GATES, isGate, type GateForm } from '../elementwise/gate';
import { ACTIVATIONS, type Activation } from '../elementwise/activation';
import { causalConvTaps } from './causalConvTaps';

/** The options of `causalConvStep`. */
export interface CausalConvStepOptions {
  /** [O] */
  readonly bias?: Tensor;
  /** [B, O], added to the sums: a condition. */
  readonly beside?: Tensor;
  /** The activation of the sums; or a gate of their two halves, as `gate` has them. */
  readonly activation?: Activation | GateForm;
}

/**
 * Past inputs of a convolution of K taps: [B, (K − 1)·dilation + 1, C], zeros, as if nothing had been before. The input
 * of position t is at place t modulo its length.
 */
export const causalConvRing = (B: number, C: number, K: number, dilation = 1): State =>
  new State([B, (K - 1) * dilation + 1, C], 'zeros', 'ring');

/**
 * x [B, C], the input of position t, convolved with w [K, C, O] over what `ring` holds of the positions before: y
 * [B, O], of a gate [B, O/2]. `position` is t, u32 [1], one more at every step. After the step, x is in the ring.
 * Without a gradient.
 */
export function causalConvStep(
  x: Tensor,
  w: Tensor,
  ring: State,
  position: Tensor,
  options: CausalConvStepOptions = {},
): Tensor {
  const { bias, beside, activation = 'none' } = checked('causalConvStep', options, OPTIONS);
  const inputs = { ring, x, w, position, bias, beside };
  if (x.shape[0] >= MANY_ROWS && fits(inputs, activation)) return causalConvTaps({ ...inputs, activation });
  const { after, y } = causalConvStepOp(inputs, { activation });
  effect(after, 'causalConvStep');
  return y;
}

/** Rows from which a product is faster, in which the weights are read once for several rows. */
const MANY_ROWS = 16;

/** Whether a ring of L places is that of K taps, some dilation apart. */
const isWhole = (K: number, L: number): boolean => (K === 1 ? L === 1 : L > 1 && (L - 1) % (K - 1) === 0);

/** Whether all shapes are as they must be; where they are not, the op says so. */
function fits(
  { ring, x, w, bias, beside }: Record<'ring' | 'x' | 'w', Tensor> & CausalConvStepOptions,
  activation: Activation | GateForm,
): boolean {
  const [[B, C], [K, , O]] = [x.shape, w.shape];
  const is = (t: Tensor | undefined, ...shape: number[]) => !t || shapeText(t.shape) === shapeText(shape);
  const L = ring.shape[1];
  const known = is(x, B, C) && is(w, K, C, O) && is(ring, B, L, C) && is(bias, O) && is(beside, B, O);
  return known && isWhole(K, L) && (!isGate(activation) || O % 2 === 0);
}

const OPTIONS: Rules<CausalConvStepOptions> = {
  bias: tensor,
  beside: tensor,
  activation: oneOf(ACTIVATIONS, GATES),
};

interface Attrs {
  readonly activation: Activation | GateForm;
}

/** Columns of the result. */
const columns = (O: number, { activation }: Attrs): number => (isGate(activation) ? O / 2 : O);

/** One position of a causal convolution, whose past inputs are in a ring. */
export const causalConvStepOp = defineOp<
  'ring' | 'x' | 'w' | 'position' | 'bias' | 'beside',
  'after' | 'y',
  Attrs
>({
  name: 'causalConvStep',
  inputs: { ring: 'B L C', x: 'B C', w: 'K C O', position: '1', bias: 'O', beside: 'B O' },
  outputs: { after: 'B L C', y: '*' },
  optional: ['bias', 'beside'],
  integers: ['position'],
  stops: ['ring', 'x', 'w', 'position', 'bias', 'beside'],
  inPlace: { after: 'ring' },
  rules({ L, K, O }, { activation }) {
    check(
      isWhole(K, L),
      `a ring of ${L} does not fit ${K} taps`,
      'give (K − 1)·dilation + 1 places: see causalConvRing',
    );
    check(!isGate(activation) || O % 2 === 0, `${O} channels have no two halves`, 'give an even number');
  },
  shape: ({ ring, w }, attrs) => ({ after: ring, y: [ring[0], columns(w[2], attrs)] }),
  dispatch({ after, y, bias, beside, x }, { B, L, K, O }, attrs) {
    const N = columns(O, attrs);
    const kernel = stepKernel.with({
      ACTIVATION: attrs.activation.toUpperCase(),
      HALVES: O / N,
      BIAS: bias !== undefined,
      BESIDE: beside !== undefined,
    });
    return {
      kernel,
      bind: { ring: after, y, bias: bias ?? x, beside: beside ?? x },
      params: { N, dilation: K > 1 ? (L - 1) / (K - 1) : 1 },
      threads: [B * Math.ceil(N / kernel.constants.TN)],
    };
  },
  flops: ({ x, y }, { K, O }) => 2 * x.size * K * O + 5 * y.size,
});
