// The process of a trial, as its worker has it: begun, watched, asked to end, and what came of it.

import { fork, type ChildProcess } from 'node:child_process';
import type { Line } from '../runs/trials';
import type { Order, Word } from './child';

/** The program of a child, and its words. */
export interface ChildProgram {
  readonly module: string;
  readonly words: readonly string[];
}

/** What came of a child. */
export interface ChildEnd {
  /** The trial's line, where it came so far. */
  readonly line: Line | null;
  /** Why it failed, where that is known. */
  readonly failure: string | null;
  /** Why this machine cannot run it, and another may. */
  readonly unable: string | null;
  /** Its signal, its code, or why it could not begin. */
  readonly end: string;
}

/** After so many seconds without a sign of life a child is ended, where nothing else is said. */
export const PATIENCE = 900;
/** A child that was asked to end, and does not, is ended after so long. */
const MERCY_MS = 60_000;
const LOOK_MS = 250;

/** A child with what it has in its environment besides our own. */
export function startChild({ module, words }: ChildProgram, gpu: NodeJS.ProcessEnv): ChildProcess {
  return fork(module, words, {
    env: { ...process.env, ...gpu },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The end of a child that gets `order`; one that gives no sign of life for `patience` seconds is ended. */
export async function endOf(
  child: ChildProcess,
  order: Order,
  patience: number,
  report: (share: number, words?: string) => void,
): Promise<ChildEnd> {
  let line: Line | null = null;
  let failure: string | null = null;
  let unable: string | null = null;
  let sign = performance.now();
  child.on('message', (word: Word) => {
    sign = performance.now();
    if (word.kind === 'ready') child.send(order);
    else if (word.kind === 'report') report(word.share, word.words);
    else if (word.kind === 'told') line = word.line;
    else if (word.kind === 'unable') unable = word.message;
    else failure = word.message;
  });
  const watch = setInterval(() => {
    if (performance.now() - sign < 1000 * patience) return;
    failure = `it gave no sign of life for ${patience} seconds and was ended`;
    child.kill('SIGKILL');
  }, LOOK_MS);
  const end = await new Promise<string>((ended) => {
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(signal ?? `code ${code}`));
  });
  clearInterval(watch);
  return { line, failure, unable, end };
}

/** An end in words: a process that runs out of memory cannot say so itself. */
export function endText(end: string): string {
  if (end === 'SIGKILL') return `${end}: the system ends a process so that needs more memory than there is`;
  if (end === 'SIGABRT') return `${end}: Node ends so when its own memory is full, or a driver has failed`;
  return end;
}

/** Asks a child to end behind its step, with what it has done saved. */
export function stopChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), MERCY_MS).unref();
}
