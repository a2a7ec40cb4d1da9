// A kernel of one's own as a case: WGSL, what it binds, how it is launched, and a reference in JavaScript. It is
// measured like the library's, and refused where it is wrong.

import { fail } from '../../graph/check';
import type { Binding, Kernel } from '../../graph/kernel';
import { defineOp } from '../../graph/op';
import { State } from '../../graph/state';
import { effect } from '../../graph/tape';
import { Tensor } from '../../graph/tensor';
import type { TypedArray } from '../../graph/shape';
import { kernel } from '../../wgsl/reflect';
import {
  callable,
  checked,
  count,
  listOf,
  notNegative,
  object,
  oneOf,
  text,
  type Rules,
} from '../../graph/options';
import { LIMITS, type Case, type Limit } from '../case';
import { agreementOf, isRight, wrongIn, type Agreement } from './agreement';
import { withConstants } from './declared';
import { valuesOf, type KernelBuffer, type KernelNumbers } from './values';

/** What a reference is given of the buffers: results as doubles, to be written to; the others as they are bound. */
export type ReferenceValues = Record<string, Float64Array | KernelNumbers>;

/** A kernel of one's own, and what it is measured with. */
export interface OwnKernel {
  readonly name: string;
  /** A whole program with the entry point `main`; bindings in group 0, a first uniform is a struct of scalars. */
  readonly wgsl: string;
  /** By its name in the WGSL, every buffer that is bound; what may be written is a result. */
  readonly buffers: Readonly<Record<string, KernelBuffer>>;
  /** The fields of the first uniform. Default: none. */
  readonly params?: Readonly<Record<string, number>>;
  /** Other values for constants and overrides. Default: those of the text. */
  readonly constants?: Readonly<Record<string, number | boolean>>;
  /** Workgroups in x, y, z. */
  readonly workgroups: readonly number[];
  /**
   * What is right after one run: it writes to the results, which begin as the buffers do. Default: nothing is compared.
   */
  readonly reference?: (
    values: ReferenceValues,
    params: Readonly<Record<string, number>>,
  ) => void | Promise<void>;
  /** Floating-point operations of one run; default: none. */
  readonly flops?: number;
  /** Bytes that one run must move at least; default: every buffer once. */
  readonly bytes?: number;
  /** What limits it on an ideal adapter; default: copy. */
  readonly limit?: Limit;
  /**
   * The largest error that is allowed, relative to the largest value. Default: 1e-3 of that and, but for what rounding
   * explains, of the largest change; of integers none.
   */
  readonly tolerance?: number;
  /** Sizes and settings in words; default: none. */
  readonly about?: string;
}

const RULES: Rules<OwnKernel> = {
  name: text,
  wgsl: text,
  buffers: object,
  params: object,
  constants: object,
  workgroups: (value) =>
    (listOf(count)(value) === true && [1, 2, 3].includes((value as number[]).length)) ||
    'one to three whole numbers of at least 1, for x, y and z',
  reference: callable,
  flops: notNegative,
  bytes: notNegative,
  limit: oneOf(LIMITS),
  tolerance: notNegative,
  about: text,
};

/** What a text binds, and the values of it all. */
interface Bound {
  readonly made: Kernel;
  readonly reads: readonly Binding[];
  readonly results: readonly Binding[];
  readonly uniforms: readonly Binding[];
  readonly values: Readonly<Record<string, KernelNumbers>>;
}

/** What a kernel has written in its first run, by the names of its results. */
export type Written = Readonly<Record<string, TypedArray | Int32Array>>;

/**
 * A kernel of one's own for the `cases` of `bench`. `onCompared` hears how its results compare with the reference, and
 * what they are, before an error is thrown for those that are wrong.
 */
export function kernelCase(
  own: OwnKernel,
  onCompared: (results: readonly Agreement[], written: Written) => void = () => {},
): Case {
  checked('kernelCase', own, RULES, 'name', 'wgsl', 'buffers', 'workgroups');
  const bound = boundBy(own);
  const { reads, values } = bound;
  return {
    name: own.name,
    about: own.about ?? '',
    limit: own.limit ?? 'copy',
    bytes: own.bytes,
    tolerance: own.tolerance,
    own: true,
    inputs: () => Object.fromEntries(reads.map(({ name }) => [name, hostArray(values[name])])),
    build(engine, inputs) {
      const { states, record } = launchOf(own, bound);
      let wrong: Agreement | undefined;
      return {
        step: engine.train(record),
        args: reads.map(({ name }) => inputs[name]),
        async error() {
          const found = await Promise.all(states.map((state) => engine.read(state)));
          const written = Object.fromEntries(
            bound.results.map(({ name, holds }, i) => [
              name,
              holds === 'i32' ? new Int32Array(found[i].buffer) : found[i],
            ]),
          );
          const results = await compared(own, bound, written);
          onCompared(results, written);
          wrong = results.find((result) => !isRight(result, own.tolerance));
          return results.reduce((most, { error }) => Math.max(most, error), 0);
        },
        wrong: () => (wrong ? wrongIn(wrong, own.tolerance) : null),
      };
    },
  };
}

function boundBy({ name, wgsl, constants = {}, buffers, params = {} }: OwnKernel): Bound {
  const made = kernel(name, withConstants(name, wgsl, constants));
  checkParams(made, params);
  const bindings = made.reflection.bindings.filter(({ access }) => access !== 'params');
  const names = bindings.map((binding) => binding.name);
  for (const given of Object.keys(buffers)) {
    if (!names.includes(given))
      fail(`bench: ${name}.wgsl binds no ${given}.`, { fix: `it binds ${names.join(', ') || 'nothing'}.` });
  }
  const missing = names.find((one) => !buffers[one]);
  if (missing !== undefined)
    fail(`bench: ${name}.wgsl binds ${missing}, whose size is not given.`, {
      fix: `add it to the buffers: { ${missing}: { size: … } }.`,
    });
  const having = (access: Binding['access']) => bindings.filter((binding) => binding.access === access);
  const [reads, results, uniforms] = [having('read'), having('read_write'), having('uniform')];
  if (!results.length)
    fail(`bench: ${name}.wgsl writes to nothing.`, { fix: 'declare a var<storage, read_write>.' });
  const values = Object.fromEntries(
    bindings.map((binding) => [binding.name, valuesOf(binding, buffers[binding.name])]),
  );
  return { made, reads, results, uniforms, values };
}

/** Those that are missing are told when it is launched. */
function checkParams({ name, reflection }: Kernel, given: Readonly<Record<string, number>>): void {
  const names = reflection.params.map((param) => param.name);
  const strange = Object.keys(given).find((one) => !names.includes(one));
  if (strange !== undefined)
    fail(`bench: ${name}.wgsl has no param ${strange}.`, { fix: `it has ${names.join(', ') || 'none'}.` });
}

/** The same bits as the device takes them: signed integers are u32 to it. */
const bitsOf = (values: KernelNumbers): TypedArray =>
  values instanceof Int32Array ? new Uint32Array(values.buffer) : values;

const hostArray = (values: KernelNumbers) => ({ shape: [values.length], data: bitsOf(values) });

const dtypeOf = (values: KernelNumbers) => (values instanceof Float32Array ? 'f32' : 'u32');

/** Results are states, which the kernel writes in place: a run begins with what the one before has left. */
function launchOf(own: OwnKernel, { made, reads, results, uniforms, values }: Bound) {
  const states = results.map(({ name }) => {
    const bits = bitsOf(values[name]);
    return new State([bits.length], () => bits, name, dtypeOf(values[name]));
  });
  const feeds = uniforms.map(({ name }) => {
    const bits = bitsOf(values[name]);
    const source = { kind: 'feed', values: () => bits, advance: () => {} } as const;
    return new Tensor([bits.length], dtypeOf(values[name]), source);
  });
  const after = (name: string) => `${name} after`;
  const names = [...reads, ...results, ...uniforms].map(({ name }) => name);
  const integers = names.filter((name) => dtypeOf(values[name]) === 'u32');
  const op = defineOp<string, string>({
    name: own.name,
    inputs: Object.fromEntries(names.map((name) => [name, '*'])),
    outputs: Object.fromEntries(results.map(({ name }) => [after(name), '*'])),
    integers: [...integers, ...integers.map(after)],
    inPlace: Object.fromEntries(results.map(({ name }) => [after(name), name])),
    shape: (shapes) => Object.fromEntries(results.map(({ name }) => [after(name), shapes[name]])),
    dispatch: () => ({ kernel: made.with(), workgroups: own.workgroups, params: own.params }),
    flops: () => own.flops ?? 0,
  });
  const record = (...given: readonly Tensor[]): void => {
    const tensors = [...given, ...states, ...feeds];
    const made = op(Object.fromEntries(names.map((name, i) => [name, tensors[i]])), {});
    effect(Object.values(made)[0], own.name);
  };
  return { states, record };
}

async function compared(
  { name: kernelName, reference, params = {} }: OwnKernel,
  { results, values }: Bound,
  written: Written,
): Promise<Agreement[]> {
  if (!reference) return [];
  const given: ReferenceValues = Object.fromEntries(
    Object.entries(values).map(([name, held]) => [
      name,
      written[name] ? Float64Array.from(held) : held.slice(),
    ]),
  );
  // A reference may put other lists in the place of those that it was given.
  await reference(given, params);
  return results.map(({ name, holds }) => {
    const [found, wanted] = [written[name], given[name]];
    if (wanted?.length !== found.length)
      fail(`bench: the reference of ${kernelName} makes ${wanted?.length ?? 'no'} values of ${name}.`, {
        given: `${name} holds ${found.length}`,
        fix: `write to the elements of ${name}, or put a list of as many in its place.`,
      });
    const integers = holds === 'u32' || holds === 'i32';
    return agreementOf(name, { found, wanted, before: values[name], integers });
  });
}
