// The same elements under another shape, or in another order.

import { check, shapeText } from '../graph/check';
import { defineOp } from '../graph/op';
import { sizeOf, type Shape, type Tensor } from '../graph/tensor';

const reshapeOp = defineOp<'x', 'y', { shape: Shape }>({
  name: 'reshape',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  view: true,
  shape({ x }, { shape }) {
    const text = `${sizeOf(x)} elements do not fill ${shapeText(shape)}, which has ${sizeOf(shape)}`;
    check(sizeOf(x) === sizeOf(shape), text);
    return { y: shape };
  },
  dispatch: () => [],
  gradient: ({ x, dy }) => ({ x: reshape(dy, x.shape) }),
});

/** The same elements in the same order; costs nothing. One axis may be -1: what is left over. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  const whole = shape.map((extent) => (extent === -1 ? x.size / known : extent));
  return shapeText(whole) === shapeText(x.shape) ? x : reshapeOp({ x }, { shape: whole }).y;
}
