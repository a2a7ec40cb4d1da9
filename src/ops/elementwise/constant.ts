// Numbers known when the step is recorded. They are uploaded once.

import { check, shapeText } from '../../graph/check';
import { asTyped, type Numbers } from '../../graph/numbers';
import { Tensor } from '../../graph/tensor';
import { checkShape, sizeOf, type Shape } from '../../graph/shape';

/** A tensor of fixed f32 numbers; one number fills it. */
export function constant(shape: Shape, values: number | Numbers): Tensor {
  checkShape(shape);
  const size = sizeOf(shape);
  const one = typeof values === 'number';
  const given = asTyped(one ? [values] : values, 'f32', 'constant');
  const text = `constant: ${given.length} values do not fill ${shapeText(shape)}`;
  check(one || given.length === size, text, `give ${size} values`);
  const data = one ? new Float32Array(size).fill(given[0]) : given.slice();
  return new Tensor([...shape], 'f32', { kind: 'constant', data });
}

/** A tensor of zeros, f32. */
export const zeros = (shape: Shape): Tensor => constant(shape, 0);
