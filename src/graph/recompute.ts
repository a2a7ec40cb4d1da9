// Recompute instead of store (Chen et al. 2016, arXiv 1604.06174): what `body` computes on its way is forgotten after
// the forward pass, and computed again when the backward pass needs it.

import { callerLine, fail, hereStack } from './check';
import { callsBehind, differentiable, flowing, gradient } from './gradient';
import { apply, defineOp } from './op';
import { type Call, Tensor } from './tensor';
import { isTraining } from './tape';

/** x under another name: calls on it are not the calls that were made before, so they are not shared with those. */
const againOp = defineOp<'x', 'y', { segment: number }>({
  name: 'again',
  inputs: { x: '...' },
  outputs: { y: '...' },
  anyType: true,
  view: true,
  dispatch: () => [],
  gradient: ({ dy }) => ({ x: dy }),
});

let segments = 0;

/**
 * body(...inputs), one tensor. Memory: only the result is kept for the backward pass, and `inputs`. Time: `body` runs
 * once more. The result and all gradients are the same, dropout included. Only in `engine.train`; elsewhere it is
 * body(...inputs).
 */
export function recompute(body: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor {
  const y = body(...inputs);
  if (!isTraining()) return y;
  const calls = callsBetween(inputs, [y]);
  if (!calls.length) {
    fail('recompute: the result does not depend on the inputs.', {
      at: callerLine(hereStack()),
      fix: 'pass what the function computes from as arguments: recompute(body, x).',
    });
  }
  const made = new Set(calls.flatMap(({ outputs }) => Object.values(outputs)));
  const read = new Set([...inputs, ...calls.flatMap((call) => Object.values(call.inputs))]);
  const outside = [...read].filter((x) => !made.has(x));
  const segment = segments++;
  const names = outside.map((_, i) => `x${i}`);
  const byName = (tensors: readonly Tensor[]) => Object.fromEntries(tensors.map((x, i) => [names[i], x]));

  const op = defineOp<string, 'z'>({
    name: 'recompute',
    inputs: Object.fromEntries(['y', ...names].map((name) => [name, '*'])),
    outputs: { z: '*' },
    anyType: true,
    view: true,
    stops: ['y', ...names.filter((_, i) => !flows(outside[i], y, calls))],
    shape: ({ y: shape }) => ({ z: shape }),
    dispatch: () => [],
    gradient({ dz }, _d, _attrs, asked = names) {
      const again = outside.map((x) => (inputs.includes(x) ? againOp({ x }, { segment }).y : x));
      const now = new Map(outside.map((x, i) => [x, again[i]]));
      for (const call of calls) replay(call, now);
      const wanted = names.filter((name) => asked.includes(name));
      const places = wanted.map((name) => names.indexOf(name));
      const found = gradient(
        now.get(y)!,
        places.map((at) => again[at]),
        dz,
      );
      return Object.fromEntries(wanted.map((name, i) => [name, found[i]]));
    },
  });
  return op({ y, ...byName(outside) }, {}).z;
}

/** Whether a gradient can flow back from y to x through these calls, which are in order. */
function flows(x: Tensor, y: Tensor, calls: readonly Call[]): boolean {
  const reached = new Set([x]);
  for (const call of calls) {
    if (flowing(call).some(([, input]) => reached.has(input))) {
      differentiable(call).forEach((output) => reached.add(output));
    }
  }
  return reached.has(y);
}

/** The calls behind `roots` that depend on `inputs`, in order. */
export function callsBetween(inputs: readonly Tensor[], roots: readonly Tensor[]): Call[] {
  const from = new Set(inputs);
  return callsBehind(roots).filter((call) => {
    const depends = Object.values(call.inputs).some((x) => from.has(x));
    const own = Object.values(call.outputs).some((x) => inputs.includes(x));
    if (depends && !own) Object.values(call.outputs).forEach((x) => from.add(x));
    return depends && !own;
  });
}

/** The same call on what its inputs are now; adds what its outputs are now. */
export function replay({ op, inputs, outputs, attrs, stack }: Call, now: Map<Tensor, Tensor>): void {
  const given = Object.entries(inputs).map(([name, x]) => [name, now.get(x) ?? x]);
  const made = apply(op, Object.fromEntries(given), attrs, stack).outputs;
  for (const name in outputs) now.set(outputs[name], made[name]);
}
