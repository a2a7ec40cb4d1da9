// Gradients side by side in one flat buffer. The planner has them written there by the kernels that make
// them; only one that is also needed elsewhere is copied.

import { defineOp } from '../graph/op';
import type { Attrs, Tensor } from '../graph/tensor';
import type { State } from '../graph/state';

interface PackAttrs extends Attrs {
  readonly offsets: readonly number[];
}

/** `target` with gradient i in the place that parameter i has in its flat buffer. */
export function pack(target: State, gradients: readonly Tensor[], parameters: readonly State[]): Tensor {
  const names = gradients.map((_, i) => `g${i}`);
  const op = defineOp<string, 'flat', PackAttrs>({
    name: 'pack',
    inputs: Object.fromEntries(['target', ...names].map((name) => [name, '*'])),
    outputs: { flat: '*' },
    pack: true,
    shape: ({ target: shape }) => ({ flat: shape }),
    dispatch: () => [],
  });
  const inputs = Object.fromEntries(gradients.map((gradient, i) => [names[i], gradient]));
  return op({ target, ...inputs }, { offsets: parameters.map(({ home }) => home!.offset) }).flat;
}
