// A step as its caller sees it: a function, and what else can be done with what it was recorded from.

import { check, shown } from '../graph/check';
import { dispose, type Destroyable } from '../graph/dispose';
import type { Plan } from '../plan/plan';
import type { Filled, Result } from '../plan/result';
import type { Tensor } from '../graph/tensor';
import type { Reading } from './replay/reading';
import { Recordings, type StepArgument } from './recordings';
import type { Workplace } from './workplace';

/** What a step gives: readings where its function gave tensors. */
export type Readings<R> = Filled<R, Reading>;

/** An argument for each parameter of a recorded function. */
export type Arguments<P extends readonly Tensor[]> = { readonly [I in keyof P]: StepArgument };

/** A recorded function. The first call for a set of shapes records it; every call uploads and submits once. */
export interface Step<R, P extends readonly Tensor[] = Tensor[]> extends Destroyable {
  (...args: Arguments<P>): Readings<R>;
  /** Records and compiles without running or blocking. */
  prepare(...args: Arguments<P>): Promise<void>;
  /** The plan for arguments of these shapes. */
  plan(...args: Arguments<P>): Plan;
  /** Frees what its recordings hold. Results that were not read yet are lost. */
  destroy(): void;
}

/** What is done with a step's recordings. `profileStep`, `repeatStep` … are tools, so that a page has what it uses. */
export type Tool<T> = (recordings: Recordings) => T;

/** How a step takes a tool, which its caller knows by a name and gave settings. */
export type Taking = <T>(tool: Tool<T>, name: string, settings: readonly unknown[]) => T;

const taking = new WeakMap<object, Taking>();

/** For what stands in for a step. */
export const letTake = (step: object, how: Taking): void => void taking.set(step, how);

/** Runs a tool on the recordings of a step; refuses what is no step. */
export function useTool<T>(name: string, step: object, tool: Tool<T>, ...settings: readonly unknown[]): T {
  const take = taking.get(step);
  check(take, `${name}: ${shown(step)} is no step`, 'give what engine.train() or engine.record() returned');
  return take(tool, name, settings);
}

/** A function as a step of an engine: recorded at the first call for a set of shapes. */
export function makeStep<R extends Result, P extends readonly Tensor[]>(
  place: Workplace,
  body: (...args: P) => R,
  training: boolean,
): Step<R, P> {
  check(
    typeof body === 'function',
    `${shown(body)} is no function of tensors`,
    'give one: (x) => model.forward(x)',
  );
  const recordings = new Recordings(place, { body: body as (...args: readonly Tensor[]) => R, training });
  const step = (...given: Arguments<P>) => recordings.call(given) as Readings<R>;
  letTake(step, (tool) => tool(recordings));
  return Object.assign(step, {
    prepare: (...given: Arguments<P>) => recordings.prepare(given),
    plan: (...given: Arguments<P>) => recordings.plan(given),
    destroy: () => recordings.destroy(),
    [dispose]: () => recordings.destroy(),
  });
}
