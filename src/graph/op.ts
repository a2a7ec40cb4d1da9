// defineOp: what comes out (axes), which kernels make it (dispatch) and how to differentiate it (gradient),
// in one room. Calling an op only adds a node to the graph.

import { callerLine, check, inContext, hereStack, shapeText } from './check';
import { matchAxes, parseAxes, resultShape, type Axes } from './axes';
import { openScopes } from './tape';
import { isShape } from './shape';
import { Tensor, mapValues, type AnyOp, type Attrs, type Call, type OpSpec, type Tensors } from './tensor';

/** What defineOp gives: adds a call from named inputs to named outputs. */
export interface Op<In extends string, Out extends string, A> {
  (inputs: Readonly<Partial<Record<In, Tensor>>>, attrs: A): Tensors<Out>;
  /** What a call holds: ops are told apart by it, never by their names. */
  readonly op: AnyOp;
}

/** Turns a specification into a function that adds a call to the graph. */
/* @__NO_SIDE_EFFECTS__ */
export function defineOp<In extends string, Out extends string, A = Record<never, never>>(
  spec: OpSpec<In, Out, A>,
): Op<In, Out, A> {
  const op = defineSpec(spec);
  const call = (inputs: Readonly<Partial<Record<In, Tensor>>>, attrs: A) => {
    const given: Record<string, Tensor> = {};
    for (const name in spec.inputs) if (inputs[name]) given[name] = inputs[name];
    return apply(op, given, attrs as Attrs, hereStack()).outputs as Tensors<Out>;
  };
  return Object.assign(call, { op });
}

/** The specification as the graph keeps it, for `apply`. */
/* @__NO_SIDE_EFFECTS__ */
export function defineSpec<In extends string, Out extends string, A>(spec: OpSpec<In, Out, A>): AnyOp {
  const inputAxes: Record<string, Axes> = {};
  for (const name in spec.inputs) inputAxes[name] = parseAxes(spec.inputs[name]);
  return { ...spec, inputAxes } as AnyOp;
}

/** Adds a call to the graph after checking every rule. The scheduler uses it too, to rewrite calls. */
export function apply(op: AnyOp, inputs: Readonly<Record<string, Tensor>>, attrs: Attrs, stack: Error): Call {
  const at = () => callerLine(stack);
  return inContext(
    op.name,
    () => givenText(op, inputs, attrs),
    at,
    () => {
      checkInputs(op, inputs);
      const shapes = mapValues(inputs, ({ shape }) => shape);
      const matched = matchAxes(op.inputAxes, shapes);
      const { dims } = matched;
      op.rules?.(dims, attrs, inputs);
      const custom = op.shape?.(shapes, attrs);
      const outputs: Record<string, Tensor> = {};
      const call: Call = { op, inputs, outputs, attrs, dims, stack, scope: openScopes() };
      for (const output in op.outputs) {
        const shape = custom?.[output] ?? resultShape(op.outputs[output], matched, output);
        check(isShape(shape), `${output} would have the shape ${shapeText(shape)}`);
        const dtype = op.integers?.includes(output)
          ? 'u32'
          : op.anyType
            ? Object.values(inputs)[0].dtype
            : 'f32';
        outputs[output] = new Tensor(shape, dtype, { kind: 'call', call, output });
      }
      return call;
    },
  );
}

function checkInputs(op: AnyOp, inputs: Readonly<Record<string, Tensor>>): void {
  for (const name in op.inputs) {
    const x = inputs[name];
    if (!x) {
      check(op.optional?.includes(name), `${name} is missing`, `pass ${name} [${op.inputs[name]}]`);
      continue;
    }
    check(x instanceof Tensor, `${name} is not a tensor`, 'an array is a tensor as an argument of a step');
    if (op.anyType) continue;
    const wanted = op.integers?.includes(name) ? 'u32' : 'f32';
    const fix = wanted === 'u32' ? 'pass a Uint32Array' : 'pass a Float32Array';
    check(x.dtype === wanted, `${name} holds ${x.dtype} but ${wanted} is needed`, fix);
  }
}

/** Every input by name with its shape, and the options. */
export function givenText(op: AnyOp, inputs: Readonly<Record<string, Tensor>>, attrs: Attrs): string {
  const shapes = Object.entries(inputs).map(
    ([name, x]) => `${name} ${x?.shape ? shapeText(x.shape) : String(x)}`,
  );
  const options = Object.entries(attrs ?? {})
    .filter(([, value]) => typeof value !== 'object' && value !== undefined)
    .map(([name, value]) => `${name} ${String(value)}`);
  const rules = Object.entries(op.inputs).filter(
    ([name, axes]) => axes !== '*' && (inputs[name] || !op.optional?.includes(name)),
  );
  const rule = rules.map(([name, axes]) => `${name} [${axes.replaceAll(' ', ', ')}]`);
  const given = [...shapes, ...options].join('   ');
  return rule.length ? `${given}\n    rule: ${rule.join('   ')}` : given;
}
