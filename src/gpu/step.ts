// A step as its caller sees it: a function, and what else can be done with what it was recorded from.

import { dispose, type Destroyable } from '../graph/dispose';
import type { StepCheck } from '../plan/inspect';
import type { Plan } from '../plan/plan';
import type { Filled, Result } from '../plan/result';
import type { Tensor } from '../graph/tensor';
import type { Profile } from './look/profile';
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
  /** Runs the step a few times and tells where the time goes. Changes no state, no count and no random draw. */
  profile(...args: Arguments<P>): Promise<Profile>;
  /**
   * Measures other ways for its launches to do the same work, and from then on takes the fastest, here and in every
   * recording that is made later. Takes as long as compiling a few more kernels for each. Changes no state, no count
   * and no random draw.
   */
  tune(...args: Arguments<P>): Promise<void>;
  /**
   * Runs every op of the step by itself and names the first whose result is not finite: its line, the range of what it
   * made and of what it was given. An infinity that is meant, as in a mask, is named too. Changes no state, no count
   * and no random draw.
   */
  check(...args: Arguments<P>): Promise<StepCheck>;
  /**
   * Milliseconds for `times` runs in a single submit: what the GPU needs, without the host. Changes no state, no count
   * and no random draw.
   */
  time(times: number, ...args: Arguments<P>): Promise<number>;
  /**
   * The same as so many calls with these arguments, bit for bit, with the host out of the loop: many steps share a
   * submit, as many as take a moment. What the host decides per step is asked for every one of them, so optimizers
   * count all their updates and dropout draws a new mask each time. Resolves when all are submitted; the readings are
   * of the last.
   */
  repeat(times: number, ...args: Arguments<P>): Promise<Readings<R>>;
  /**
   * Records one step into commands of the caller's, who submits them, so that a step and what is drawn of it are one
   * submit. The arguments are taken now, and what the host decides (rate, seed) is asked for and counted now: submit in
   * the order in which you encode, and before anything is destroyed. Results may be read once they are submitted; an
   * array until the step is encoded again. What `print` asks for is not written.
   */
  encode(encoder: GPUCommandEncoder, ...args: Arguments<P>): Readings<R>;
  /** Frees what its recordings hold. Results that were not read yet are lost. */
  destroy(): void;
}

export function makeStep<R extends Result, P extends readonly Tensor[]>(
  place: Workplace,
  body: (...args: P) => R,
  training: boolean,
): Step<R, P> {
  const recordings = new Recordings(place, { body: body as (...args: readonly Tensor[]) => R, training });
  const step = (...given: Arguments<P>) => recordings.call(given) as Readings<R>;
  return Object.assign(step, {
    prepare: (...given: Arguments<P>) => recordings.prepare(given),
    plan: (...given: Arguments<P>) => recordings.plan(given),
    profile: (...given: Arguments<P>) => recordings.profile(given),
    tune: (...given: Arguments<P>) => recordings.tune(given),
    check: (...given: Arguments<P>) => recordings.check(given),
    time: (times: number, ...given: Arguments<P>) => recordings.time(times, given),
    repeat: (times: number, ...given: Arguments<P>) =>
      recordings.repeat(times, given) as Promise<Readings<R>>,
    encode: (encoder: GPUCommandEncoder, ...given: Arguments<P>) =>
      recordings.encode(encoder, given) as Readings<R>,
    destroy: () => recordings.destroy(),
    [dispose]: () => recordings.destroy(),
  });
}
