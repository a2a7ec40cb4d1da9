// Dilated convolution over time that looks ahead as far as it looks back, beside the causal one: the same kernels, see
// causalConv.ts.

import { checkShapes } from '../../graph/checkShapes';
import { checked, oneOf, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { CAUSAL_CONV, convolve, type CausalConvOptions } from './causalConv';

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
  checkShapes('conv', { x: 'B T C', w: 'K C O', bias: 'O' }, { x, w, bias: rest.bias });
  return convolve(x, w, rest, padding === 'same');
}

const CONV: Rules<ConvOptions> = { ...CAUSAL_CONV, padding: oneOf(['causal', 'same']) };
