// Steps of chain.wgsl: what an elementwise op does to a value, alone or as one of many in a row. What a step is, the op
// says in its own room, by `link`.

import fewSteps from '../../shaders/elementwise/fewSteps.wgsl';
import { elementwise } from './elementwise';
import type { Kernel } from './kernel';
import type { Dispatch, Link, Tensor } from './tensor';

/** Tensors that steps can take beside the running value, by the names of the kernel. */
export const OPERANDS = ['a', 'b', 'c'] as const;
/** Pairs of numbers that the steps of one launch can have. */
export const MOST_PAIRS = 4;

/** What chain.wgsl binds; tensors that no step takes may be absent. */
export type StepTensors = Readonly<Record<'x' | 'y', Tensor>> &
  Readonly<Partial<Record<(typeof OPERANDS)[number] | 'key', Tensor>>>;

/** A row of steps. */
export interface Steps {
  /** The file that has all of them: see `kernelOf`. */
  readonly kernel: Kernel;
  /** Its lines, see `stepLine`. */
  readonly steps: readonly string[];
  /** How many operands they take in all. */
  readonly operands: number;
  /** See `stepParams`. */
  readonly params: Readonly<Record<string, number>>;
}

/** The file that a step is in; with chain.wgsl come the ops that need it, and what they import. */
export const kernelOf = ({ kernel = fewSteps }: Link): Kernel => kernel;

/** The line that does `link`: its operand is the one in this place, its pair of numbers the one in that place. */
export function stepLine({ does, operand, pair, own }: Link, operandAt: number, pairAt: number): string {
  const given = ['v'];
  if (operand !== undefined) given.push(`u[${operandAt}]`);
  if (pair) given.push(`p.m${pairAt}`, `p.n${pairAt}`);
  if (own) given.push('i');
  return `v = ${does}(${given.join(', ')});`;
}

/** The params of chain.wgsl, for steps with these pairs of numbers and what only one of them can have. */
export function stepParams(pairs: readonly Link['pair'][], own?: Link['own']): Record<string, number> {
  const params: Record<string, number> = { call: 0, threshold: 0, keep: 1, ...own?.params };
  for (let i = 0; i < MOST_PAIRS; i++) [params[`m${i}`], params[`n${i}`]] = pairs[i] ?? [0, 0];
  return params;
}

/** The launch of a row of steps from x to y, both of one size. */
export function launchSteps(
  { x, y, a = x, b = x, c = x, key = x }: StepTensors,
  { kernel, steps, operands, params }: Steps,
): Dispatch {
  return {
    // The more tensors are open at once, the fewer vec4s of each fit in a thread's registers.
    ...elementwise(kernel, x.size, { steps, OPERANDS: operands, ...(operands > 1 && { EACH: 2 }) }),
    bind: { x, y, a, b, c, key },
    params: { size: x.size, ...params },
  };
}

/** The launch of one step from x to y, with what it takes beside: an operand, or the key of its random numbers. */
export const launchStep = (
  link: Link,
  x: Tensor,
  y: Tensor,
  { operand, key }: { readonly operand?: Tensor; readonly key?: Tensor } = {},
): Dispatch =>
  launchSteps(
    { x, y, a: operand, key },
    {
      kernel: kernelOf(link),
      steps: [stepLine(link, 0, 0)],
      operands: operand ? 1 : 0,
      params: stepParams([link.pair], link.own),
    },
  );
