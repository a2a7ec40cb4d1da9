// What a recording collects besides its result: effects (writes to states) and whether it is for training.

import { check } from './check';
import type { Call, Tensor } from './tensor';

/** Where an engine's lines go to, and when all so far have been written. */
export interface Journal {
  readonly log: (line: string) => void;
  told: Promise<void>;
}

/** What a step gives besides its results, to somebody who wants to know of its runs; see print.ts. */
export interface Aside {
  readonly x: Tensor;
  /** Hears of the runs behind `before` up to `last`, counted from 1; `values`: of x, as run `last` left it. */
  hear(values: () => Promise<ArrayLike<number>>, before: number, last: number, journal: Journal): void;
}

/** What one recording collects. */
export interface Tape {
  /** Dropout and its like act only in a training recording. */
  readonly training: boolean;
  readonly effects: Call[];
  readonly asides: Aside[];
  /** Uses of random numbers so far. */
  draws: number;
}

let current: Tape | undefined;
let path = '';

/** Runs `body`; what it records has `name` in front of its op in profiles and in `explainPlan`. */
export function scope<R>(name: string, body: () => R): R {
  const outer = path;
  path = `${outer}${name}/`;
  try {
    return body();
  } finally {
    path = outer;
  }
}

/** The scopes that are open, each with a slash behind it. */
export const openScopes = (): string => path;

/** Refuses what runs a step while a function is recorded: it would run once, and be no part of the recording. */
export const refuseInside = (): void =>
  check(!current, 'A step was called inside a recorded function', 'call it outside');

/** Runs `body` with a new tape and returns both. */
export function onTape<R>(training: boolean, body: () => R): { result: R; tape: Tape } {
  refuseInside();
  const tape: Tape = { training, effects: [], asides: [], draws: 0 };
  current = tape;
  try {
    return { result: body(), tape };
  } finally {
    current = undefined;
  }
}

/** What is being recorded, if anything is. */
export const recording = (): Tape | undefined => current;

/** Whether what is being recorded is for training, as by `engine.train`. */
export const isTraining = (): boolean => current?.training ?? false;

/** 0, 1, 2 … in one recording: another recording of the same function gives its calls the same numbers. */
export const nextDraw = (): number => (current ? current.draws++ : 0);

/** Keeps the call that makes `result`, though nothing reads it, because it writes to a state. */
export function effect(result: Tensor, what: string): void {
  const fix = 'call it inside a function for engine.train() or engine.record()';
  check(current, `${what} changes a state, but nothing is being recorded`, fix);
  current.effects.push(result.call!);
}
