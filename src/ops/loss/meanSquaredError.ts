// loss = mean of (y − target)² over all elements.

import { callerLine, check, inContext, hereStack, shapeText } from '../../graph/check';
import type { Tensor } from '../../graph/tensor';
import { elementLoss } from './elementLoss';
import { reshape } from '../layout/view';

/** The mean of (y − target)² over all elements of two tensors of one shape, as a tensor []. */
export function meanSquaredError(y: Tensor, target: Tensor): Tensor {
  const at = hereStack();
  const given = () => `y ${shapeText(y.shape)}   target ${shapeText(target.shape)}`;
  inContext(
    'meanSquaredError',
    given,
    () => callerLine(at),
    () =>
      check(
        shapeText(y.shape) === shapeText(target.shape),
        'y and target have different shapes',
        'reshape one of them',
      ),
  );
  const flat = (x: Tensor) => reshape(x, [1, x.size]);
  return elementLoss(flat(y), flat(target), undefined, { FUNCTION: 'SQUARED_ERROR', factor: 1 / y.size });
}
