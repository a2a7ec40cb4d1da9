// What a recorded function takes and gives back: so many arguments, and tensors in lists and objects.

import { check, shown } from '../graph/check';
import { callsBehind } from '../graph/gradient';
import type { Wanted } from './plan';
import { Tensor } from '../graph/tensor';

/** Tensors in lists and objects, in any depth. */
export type Tensors = Tensor | readonly Tensors[] | { readonly [name: string]: Tensors };

/** What a recorded function may return. */
export type Result = Tensors | void;

/** The same with readings in place of tensors. */
export type Filled<R, Reading> = R extends Tensor
  ? Reading
  : { readonly [K in keyof R]: Filled<R[K], Reading> };

/** The tensors of a result in a row, and the result again with something in the place of each. */
export function outputsOf<Reading>(result: unknown): {
  outputs: Tensor[];
  shapeOf: (readings: readonly Reading[]) => unknown;
} {
  type Fill = (readings: readonly Reading[]) => unknown;
  const outputs: Tensor[] = [];
  const visit = (value: unknown, path: string): Fill => {
    if (value instanceof Tensor) {
      const i = outputs.push(value) - 1;
      return (readings) => readings[i];
    }
    if (Array.isArray(value)) {
      const parts = Array.from(value, (one, i) => visit(one, `${path}[${i}]`));
      return (readings) => parts.map((part) => part(readings));
    }
    refuseOthers(value, path);
    const parts = Object.entries(value).map(([name, one]) => [name, visit(one, `${path}.${name}`)] as const);
    return (readings) => Object.fromEntries(parts.map(([name, part]) => [name, part(readings)]));
  };
  return { shapeOf: result === undefined ? () => undefined : visit(result, 'result'), outputs };
}

function refuseOthers(value: unknown, path: string): asserts value is object {
  const waits = value instanceof Promise;
  check(
    !waits,
    `the recorded function is async: its ${path} is a promise`,
    'record tensors only, and wait outside',
  );
  const plain =
    typeof value === 'object' &&
    value !== null &&
    (Object.getPrototypeOf(value)?.constructor ?? Object) === Object;
  check(
    plain,
    `the ${path} of the recorded function is ${shown(value)}`,
    'return tensors, in lists or objects',
  );
}

/** A parameter without an argument would be undefined, which many options take for "not given". */
export function checkEnough({ length }: { readonly length: number }, given: number): void {
  check(given >= length, calledWith(given, length), 'give one for each parameter without a default');
}

/** An argument too many is one that nobody reads, of a function that does not take any number of them. */
export function checkUsed(body: Function, { inputs, outputs, effects }: Wanted): void {
  const { length } = body;
  if (inputs.length <= length || REST.test(String(body))) return;
  const roots = [...outputs, ...effects.flatMap((call) => Object.values(call.inputs))];
  const read = new Set([...roots, ...callsBehind(roots).flatMap((call) => Object.values(call.inputs))]);
  const all = inputs.slice(length).every((x) => read.has(x));
  check(all, calledWith(inputs.length, length), 'leave out the others');
}

/** Three dots before the function's body. */
const REST = /^(?:(?!=>|\{).)*\.\.\./s;

const calledWith = (given: number, taken: number): string =>
  `the step was called with ${given} argument${given === 1 ? '' : 's'}, its function takes ${taken}`;
