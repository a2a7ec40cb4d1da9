// A tensor, the call that makes it, and what is known of the op that is called: types that name one another, so they
// stand together. A tensor is a shape and where its value comes from: pure data, nothing is computed here.

import type { Axes, Dims } from './axes';
import type { ConstantValue, Kernel, Variant } from './kernel';
import { checkShape, sizeOf, type DType, type Shape, type TypedArray } from './shape';
import type { Traits } from './traits';

/** Where a value comes from. */
export type Source =
  | { readonly kind: 'call'; readonly call: Call; readonly output: string }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: TypedArray }
  | Feed
  | { readonly kind: 'state' };

/** What the host decides at every step, e.g. a learning rate. Two functions: who measures asks, and counts nothing. */
export interface Feed {
  readonly kind: 'feed';
  /** What the next step reads. Asking changes nothing. */
  readonly values: () => ArrayLike<number>;
  /** Called once for every step that has been submitted. */
  readonly advance: () => void;
}

let count = 0;

/** A placeholder in a graph: its shape, its type, and where its value will come from. */
export class Tensor {
  /** Grows in order of creation, so sorting by it is a topological order. */
  readonly id = ++count;

  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly source: Source,
  ) {
    checkShape(shape);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The call that makes it, if one does. */
  get call(): Call | null {
    return this.source.kind === 'call' ? this.source.call : null;
  }
}

/** One kernel launch. Bindings and params are matched by name with what the WGSL declares. */
export interface Dispatch {
  readonly kernel: Variant;
  /** Names of the WGSL that differ from the op's own, e.g. `{ hIn: h0 }`. */
  readonly bind?: Readonly<Record<string, Tensor | Part>>;
  /** Params that are neither an axis nor an option of the op. */
  readonly params?: Readonly<Record<string, number>>;
  /**
   * Threads in x, y, z; rounded up to whole workgroups. A long lone x is folded into y by the planner; a kernel that
   * does not find its place there is then refused, see ownKernel.ts.
   */
  readonly threads?: readonly number[];
  /** Other ways to do the same, likelier ones first; see tuning.ts. */
  readonly alternatives?: () => readonly Dispatch[];
  /**
   * What makes this way another than its alternatives with the same kernel: measured ways go by it. Default: the
   * constants that the kernel's variant changes.
   */
  readonly tile?: Readonly<Record<string, ConstantValue>>;
  /** Workgroups in x, y, z, where a workgroup and not a thread owns a piece of the result. */
  readonly workgroups?: readonly number[];
  /** The kernel guards nothing: a row that is folded must come out even. */
  readonly whole?: boolean;
}

/** Some consecutive elements of a tensor, from an aligned one on. */
export interface Part {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly size: number;
}

/** Tensors by name. */
export type Tensors<Names extends string> = Readonly<Record<Names, Tensor>>;
/** What `to` makes of every value, under its name. */
export const mapValues = <V, W>(
  record: Readonly<Record<string, V>>,
  to: (value: V) => W,
): Record<string, W> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
/** Options of a call by name. */
export type Attrs = Readonly<Record<string, unknown>>;

/**
 * `In`, `Out`: names of the tensors. `A`: options. Optional inputs are listed in `optional` and are then
 * undefined in `t`; the author knows which.
 */
export interface OpSpec<In extends string, Out extends string, A> {
  readonly name: string;
  /** Axes of every input, e.g. `{ x: 'B T C', w: 'K C O' }`; a letter has one size throughout. */
  readonly inputs: Readonly<Record<In, string>>;
  /** Axes of every output. Use `shape` instead where letters do not say it. */
  readonly outputs: Readonly<Record<Out, string>>;
  readonly optional?: readonly In[];
  /** Inputs and outputs that hold u32, not f32. */
  readonly integers?: readonly (In | Out)[];
  /**
   * Outputs that are f32 also where others are stored in f16: sums and statistics, which other numbers are measured by.
   * Those behind the first whose axes are '*', and what nobody but the call's own launches reads, are f32 anyway.
   */
  readonly exact?: readonly Out[];
  /** Takes any type. Outputs have the type of the first input, but for those listed in `integers`. */
  readonly anyType?: boolean;
  /** Output that takes over the memory of an input. The planner copies first if others still need it. */
  readonly inPlace?: Partial<Record<Out, In>>;
  /**
   * The first output is the memory of the first input, and holds every other input at the element that
   * `attrs.offsets` gives: the planner has those inputs written there directly where it can.
   */
  readonly pack?: boolean;
  /** Its launches bind what is too large for one binding part by part. */
  readonly inParts?: boolean;
  /** The output is the input's memory under another shape: nothing is launched. */
  readonly view?: boolean;
  /** Every row of the output is a row of this input: a product with the output can be made of the rows first. */
  readonly picks?: In;
  /** Every row of the first output is a sum of rows of this input, and every row is in one sum: the way back. */
  readonly gathers?: In;
  /** Inputs through which no gradient flows back. */
  readonly stops?: readonly In[];
  /** Shapes that letters cannot express; returns the shape of every output. */
  shape?(shapes: Readonly<Record<In, Shape>>, attrs: A): Record<Out, Shape>;
  /** Rules beyond the axes, as `check(ok, message, fix)`. */
  rules?(d: Dims, attrs: A, t: Tensors<In>): void;
  dispatch(t: Tensors<In | Out>, d: Dims, attrs: A, traits: Traits): Dispatch | readonly Dispatch[];
  /**
   * Gradients of the inputs from those of the outputs (`dy` for `y`; undefined when nothing flows back); those of the
   * inputs in `wanted` are needed, others may be left out.
   */
  gradient?(
    t: Tensors<In | Out> & Readonly<Record<`d${Out}`, Tensor>>,
    d: Dims,
    attrs: A,
    wanted?: readonly string[],
  ): Partial<Record<In, Tensor | undefined>>;
  /** Floating-point operations of one call. */
  flops?(t: Tensors<In | Out>, d: Dims, attrs: A): number;
  /**
   * Offered the only consumer of this call's result: returns this call's new inputs and options when a
   * handwritten epilogue can do the consumer's work too.
   */
  absorb?(own: Absorbable, consumer: Consumer): Absorbable | null;
  /**
   * Another way to the same results, as calls of other ops on what the call reads or on what that is made of; null for
   * none. Asked while planning, see rewrite.ts.
   */
  rewrite?(seen: Rewriting<A>): Partial<Record<Out, Tensor>> | null;
  /** What a chain does in place of an elementwise op to the value of the input `through`; see chain.ts. */
  link?(through: In, attrs: A): Link | null;
}

/** A step of chain.wgsl. */
export interface Link {
  /** A function of that file. */
  readonly does: string;
  /** The file itself, for what fewSteps.wgsl does not have. */
  readonly kernel?: Kernel;
  /** The input that is its operand. */
  readonly operand?: string;
  /** Its pair of numbers. */
  readonly pair?: readonly [number, number];
  /** What only one step of a chain can have: a tensor and params; the function is told its place. */
  readonly own?: { readonly key: string; readonly params: Readonly<Record<string, number>> };
}

/** Inputs, outputs and options of a call. */
export interface Absorbable {
  readonly t: Readonly<Record<string, Tensor | undefined>>;
  readonly attrs: Attrs;
}

/** A call and what is around it. */
export interface Rewriting<A> {
  readonly t: Readonly<Record<string, Tensor>>;
  readonly attrs: A;
  readonly dims: Dims;
  /** The call that makes x, if one does. */
  madeBy(x: Tensor): Call | undefined;
  readersOf(x: Tensor): readonly Call[];
  /** Whether x is a result of the step, or read by what writes to a state. */
  wanted(x: Tensor): boolean;
}

/** A call that reads the result of another through its input of this name. */
export interface Consumer extends Absorbable {
  /** The op itself: another one may have the same name. */
  readonly op: AnyOp;
  readonly through: string;
}

/** An op without the types of its inputs, outputs and options. */
// Inside the graph the types of one op no longer matter.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyOp = OpSpec<string, string, any> & { readonly inputAxes: Record<string, Axes> };

/** One use of an op. */
export interface Call {
  readonly op: AnyOp;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly attrs: Attrs;
  readonly dims: Dims;
  /** The caller's stack; see callerLine. */
  readonly stack: Error;
  /** See `scope`. */
  readonly scope: string;
}
