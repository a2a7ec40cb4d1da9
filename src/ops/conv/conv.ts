// Dilated convolution over time that looks ahead as far as it looks back, beside the causal one, which it is made of:
// the sequence is made longer by zeros, and the result begins later.
//
//   y[b,t,o] = act( Σ_k Σ_c x[b, t + ahead − (K-1-k)·dilation, c] · w[k,c,o] + bias[o] )
//
// with x = 0 before 0 and from T on.

import { checkShapes } from '../../graph/checkShapes';
import { checked, oneOf, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { pad, slice } from '../layout/view';
import { CAUSAL_CONV, causalConv, type CausalConvOptions } from './causalConv';

/** The options of conv. */
export interface ConvOptions extends CausalConvOptions {
  /**
   * `same`: half of the (K − 1) · dilation zeros on either side, the odd one behind, as PyTorch has it; `causal`: all
   * before the first position. Default: same.
   */
  readonly padding?: 'causal' | 'same';
}

/** x [B, T, C] convolved over time with w [K, C, O], padded so that as many positions come out: [B, T, O]. */
export function conv(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  const { padding = 'same', ...rest } = checked('conv', options, CONV);
  const { bias, dilation = 1 } = rest;
  checkShapes('conv', { x: 'B T C', w: 'K C O', bias: 'O' }, { x, w, bias });
  const ahead = padding === 'same' ? Math.ceil(((w.shape[0] - 1) * dilation) / 2) : 0;
  if (!ahead) return causalConv(x, w, rest);
  const T = x.shape[1];
  return slice(causalConv(pad(x, 1, T + ahead), w, rest), 1, ahead, ahead + T);
}

const CONV: Rules<ConvOptions> = { ...CAUSAL_CONV, padding: oneOf(['causal', 'same']) };
