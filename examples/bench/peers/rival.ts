// What an engine has to offer to take part: by the names of the cases, a function that makes it ready to run.

import type { Inputs } from '../../../src/bench/case';

export interface Run {
  /** Milliseconds from the first of so many runs until the device is done with the last. */
  time(times: number): Promise<number>;
  /** What one run computes; of a training step the loss of the first three, so this has to come first. */
  results(): Promise<Float32Array[]>;
  dispose(): void;
}

export type Start = (inputs: Inputs) => Promise<Run>;

export interface Rival {
  readonly name: string;
  readonly version: string;
  /** Gets a device. */
  open(): Promise<void>;
  readonly cases: Readonly<Record<string, Start>>;
  /** Why a case is not among them; under `*`, why all the others are not. */
  readonly missing?: Readonly<Record<string, string>>;
}

/** Training steps are compared by so many losses: all but the first tell about gradients and updates. */
export const LOSSES = 3;

/** Milliseconds until `work`, and what the device was given by it, is done. */
export async function clock(work: () => void | Promise<void>, idle: () => Promise<unknown>): Promise<number> {
  await idle();
  const start = performance.now();
  await work();
  await idle();
  return performance.now() - start;
}
