// defineOp as a program of one's own has it: what the author of an op gives and returns is looked at, since nobody has
// tested it. The library's ops are defined by the bare one: a page does not download what the tests have checked.

import { callerLine, check, fail, hereStack, shown } from '../check';
import { Kernel } from '../kernel';
import { defineOp as define, type Op } from '../op';
import { callable, checked, flag, listOf, object, text, type Rules } from '../options';
import { Tensor, type OpSpec, type Tensors } from '../tensor';

/** An op of one's own: where no option is needed, a call may leave them all out. */
export type OwnOp<In extends string, Out extends string, A> = Op<In, Out, A> &
  (Record<never, never> extends A
    ? (inputs: Readonly<Partial<Record<In, Tensor>>>) => Tensors<Out>
    : unknown);

/**
 * Turns a specification into a function that adds a call to the graph. One that its own gradient calls, as the op of a
 * symmetric map, needs its type written out, or TypeScript goes in circles:
 *
 *     const twice: Op<'x', 'y', { by: number }> = defineOp({
 *       …
 *       gradient: ({ dy }, _sizes, options) => ({ x: twice({ x: dy }, options).y }),
 *     });
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineOp<In extends string, Out extends string, A = Record<never, never>>(
  spec: OpSpec<In, Out, A>,
): OwnOp<In, Out, A> {
  checked('defineOp', spec, RULES, 'name', 'inputs', 'outputs', 'dispatch');
  const { name, inputs: known } = spec;
  const way = spec.gradient && {
    gradient: (...given: Parameters<typeof spec.gradient>) => {
      const found = spec.gradient!(...given);
      checkGradients(name, known, found);
      return found;
    },
  };
  const own = define<In, Out, A>({
    ...spec,
    ...way,
    dispatch(...given) {
      const found = spec.dispatch(...given);
      checkLaunches(found);
      return found;
    },
  });
  const call = (inputs: Readonly<Partial<Record<In, Tensor>>>, attrs?: A) => {
    checkNames(name, known, inputs);
    return own(inputs, attrs ?? ({} as A));
  };
  return Object.assign(call, { op: own.op }) as OwnOp<In, Out, A>;
}

const RULES: Rules<OpSpec<string, string, unknown>> = {
  name: text,
  inputs: object,
  outputs: object,
  optional: listOf(text),
  integers: listOf(text),
  exact: listOf(text),
  anyType: flag,
  inPlace: object,
  pack: flag,
  inParts: flag,
  view: flag,
  picks: text,
  gathers: text,
  stops: listOf(text),
  shape: callable,
  rules: callable,
  dispatch: callable,
  gradient: callable,
  flops: callable,
  absorb: callable,
  rewrite: callable,
  link: callable,
};

type Names = Readonly<Record<string, unknown>>;

const isRecord = (given: unknown): given is Names =>
  typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof Tensor);

/** Nothing that an op is given is left out. */
function checkNames(name: string, known: Names, inputs: unknown): void {
  const names = Object.keys(known);
  const at = () => callerLine(hereStack());
  if (!isRecord(inputs)) {
    const fix = `pass { ${names.join(', ')} }.`;
    fail(`${name}: ${shown(inputs)} is given where its inputs belong.`, { at: at(), fix });
  }
  const unknown = Object.keys(inputs).find((one) => !names.includes(one) && inputs[one] !== undefined);
  if (unknown === undefined) return;
  const fix = `it has ${names.join(', ') || 'none'}: declare ${unknown} in \`inputs\`, or leave it out.`;
  fail(`${name} has no input ${unknown}.`, { at: at(), fix });
}

function checkLaunches(found: unknown): void {
  const list = [found].flat();
  check(list.length, 'its dispatch gives no launch');
  for (const one of list) {
    const kernel = isRecord(one) ? one.kernel : undefined;
    const given = kernel === undefined ? shown(one) : `a launch whose kernel is ${shown(kernel)}`;
    check(
      isRecord(kernel) && kernel.kernel instanceof Kernel,
      `its dispatch gives ${given}`,
      'return { kernel: own.with(), threads: [y.size] }, say, or a list of such launches',
    );
  }
}

function checkGradients(name: string, known: Names, found: unknown): void {
  const names = Object.keys(known);
  const fix = `return those of its inputs, as tensors: { ${names.join(': …, ')}: … }.`;
  const wrong = (what: string) => fail(`${name}: ${what}.`, { at: callerLine(hereStack()), fix });
  if (!isRecord(found)) return wrong(`its gradient gives ${shown(found)}`);
  for (const [one, dx] of Object.entries(found)) {
    if ((dx ?? undefined) === undefined) continue;
    if (!names.includes(one)) wrong(`its gradient gives ${one}, which is no input`);
    if (!(dx instanceof Tensor)) wrong(`its gradient of ${one} is ${shown(dx)}`);
  }
}
