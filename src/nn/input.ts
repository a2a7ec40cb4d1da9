// What a layer is given, in its own words: a mistake is then the layer's, not that of an op inside it.

import { check, shapeText, shown } from '../graph/check';
import { Tensor } from '../graph/tensor';
import type { DType } from '../graph/shape';

/**
 * Refuses an input that is not [...axes]: numbers are sizes, words may be any, and '...' in front stands for any axes.
 * `name`: what the layer calls it.
 */
export function checkInput(
  layer: string,
  x: Tensor,
  axes: readonly (number | string)[],
  name = 'x',
  dtype: DType = 'f32',
): void {
  const isTensor = x instanceof Tensor;
  check(isTensor, `${layer}: ${name} is ${shown(x)}`, 'an array is a tensor as an argument of a step');
  const wanted = axes[0] === '...' ? axes.slice(1) : axes;
  const own = x.shape.slice(-wanted.length);
  const fits =
    (axes[0] === '...' ? x.shape.length >= wanted.length : x.shape.length === wanted.length) &&
    wanted.every((extent, i) => typeof extent === 'string' || extent === own[i]);
  const text = `${layer}: ${name} is ${shapeText(x.shape)}, but [${axes.join(', ')}] is needed`;
  check(fits, text, `give ${name} [${axes.join(', ')}]`);
  const kind = dtype === 'u32' ? 'integers, e.g. a Uint32Array' : 'a Float32Array';
  check(x.dtype === dtype, `${layer}: ${name} holds ${x.dtype}, but ${dtype} is needed`, `pass ${kind}`);
}
