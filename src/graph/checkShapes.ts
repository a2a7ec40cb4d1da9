// What a function of several ops is given, in its own words.

import { matchAxes, parseAxes, type Axes } from './axes';
import { callerLine, inContext, hereStack, shapeText } from './check';
import type { Shape } from './shape';
import type { Tensor } from './tensor';

/** Refuses tensors that do not fit each other, by the names that the caller knows. */
export function checkShapes(
  name: string,
  axes: Readonly<Record<string, string>>,
  tensors: Readonly<Record<string, Tensor | undefined>>,
): void {
  const stack = hereStack();
  const shapes: Record<string, Shape> = {};
  const rules: Record<string, Axes> = {};
  for (const label in axes) {
    const x = tensors[label];
    if (x) [shapes[label], rules[label]] = [x.shape, parseAxes(axes[label])];
  }
  const given = () => Object.entries(shapes).map(([label, shape]) => `${label} ${shapeText(shape)}`);
  inContext(
    name,
    () => given().join('   '),
    () => callerLine(stack),
    () => matchAxes(rules, shapes),
  );
}
