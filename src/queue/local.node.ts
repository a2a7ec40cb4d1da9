// Trials that run beside each other on this machine, each in a process of its own as a worker has it, without a server:
// the log hands them out. What a trial has kept lies in a folder by its name, so that it goes on from there.

import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from '../runs/study';
import { NO_ADAPTER, type Line, type TrialLog } from '../runs/trials';
import { jobIdOf } from './coordinator.node';
import { complainOf, trialJob, type About } from './jobs';
import { endOf, endText, startChild, stopChild, type ChildEnd, type ChildProgram } from './trialProcess.node';

/** Trials and how they are run. */
export interface Local {
  readonly log: TrialLog;
  /** What all trials have in common. */
  readonly about: About;
  /** For each trial that runs at once, what its process has in its environment besides ours. */
  readonly places: readonly Readonly<Record<string, string>>[];
  /** The folder in which trials keep what they need to go on. */
  readonly checkpoints: string;
  readonly child: ChildProgram;
  /** After so many seconds without a sign of life a trial is ended. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** What counts as the result of a trial that failed; undefined where nothing does. */
  failed?(why: string): unknown;
  /** Keeps a finished cell. */
  keep(line: Line): void;
  onState?(state: LocalState): void;
  onLine?(line: Line): void;
}

/** How far trials are. */
export interface LocalState {
  readonly done: number;
  readonly all: number;
  /** What is under way, from 0 to 1, by its cell's id. */
  readonly shares: ReadonlyMap<string, number>;
}

/** Runs trials until none is left; throws where some failed, when all others are finished, or the signal's reason. */
export async function runLocally(given: Local): Promise<void> {
  const { log, signal, places } = given;
  const free = [...places];
  const under = new Map<string, { readonly child: ChildProcess; readonly ended: Promise<void> }>();
  const shares = new Map<string, number>();
  const failures = new Map<string, string>();
  const say = () => given.onState?.({ done: log.results.size, all: log.count, shares });
  const stop = () => {
    for (const { child } of under.values()) stopChild(child);
  };
  signal.addEventListener('abort', stop);

  const run = async (cell: Cell<unknown>, place: Readonly<Record<string, string>>) => {
    const folder = join(given.checkpoints, jobIdOf('', cell));
    const child = startChild(given.child, place);
    const order = { job: trialJob(given.about, '', cell, log.results), folder };
    const ended = endOf(child, order, given.patience, (share) => {
      shares.set(cell.id, share);
      say();
    }).then((end) => {
      const line = lineOf(given, cell, end);
      if (line) {
        given.keep(line);
        log.add(line);
        rmSync(folder, { recursive: true, force: true });
        given.onLine?.(line);
      } else if (!signal.aborted) failures.set(cell.id, whyOf(end));
    });
    under.set(cell.id, { child, ended });
    shares.set(cell.id, 0);
    await ended.finally(() => {
      under.delete(cell.id);
      shares.delete(cell.id);
      free.push(place);
    });
  };

  try {
    for (;;) {
      if (!signal.aborted) {
        log.look();
        const open = log.open().filter(({ id }) => !under.has(id) && !failures.has(id));
        // Those that go on with one before the others, as on a queue.
        open.sort((a, b) => (b.rung ?? 0) - (a.rung ?? 0));
        for (const cell of open.slice(0, free.length)) run(cell, free.shift()!).catch(() => {});
        say();
      }
      if (!under.size) break;
      await Promise.race([...under.values()].map(({ ended }) => ended));
    }
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (!failures.size) return;
  // In the study's order, whichever ended first.
  const failed = log.open().map(({ id }) => [id, failures.get(id)!] as const);
  complainOf(new Map(failed));
}

/** What goes into the log of how a process ended; null where nothing does. */
function lineOf({ failed, signal }: Local, { id, settings }: Cell<unknown>, end: ChildEnd): Line | null {
  // Also of one that then fell over.
  if (end.line) return end.line;
  const result = signal.aborted || end.unable !== null ? undefined : failed?.(whyOf(end));
  return result === undefined ? null : { cell: id, settings, result, seconds: 0, adapter: NO_ADAPTER };
}

const whyOf = ({ unable, failure, end }: ChildEnd): string =>
  unable ?? failure ?? `its process ended with ${endText(end)}`;
