// Numbers known when the step is recorded. They are uploaded once.

import { check, explain, callerLine, hereStack, shapeText } from '../graph/check';
import { Tensor, sizeOf, type Shape } from '../graph/tensor';

/** A tensor of fixed f32 numbers; one number fills it. */
export function constant(shape: Shape, values: number | ArrayLike<number>): Tensor {
  const at = hereStack();
  const size = sizeOf(shape);
  const data = typeof values === 'number' ? new Float32Array(size).fill(values) : Float32Array.from(values);
  explain(
    'constant',
    () => shapeText(shape),
    () => callerLine(at),
    () => {
      check(
        data.length === size,
        `${data.length} values do not fill ${shapeText(shape)}`,
        `give ${size} values`,
      );
    },
  );
  return new Tensor([...shape], 'f32', { kind: 'constant', data });
}

export const zeros = (shape: Shape): Tensor => constant(shape, 0);
