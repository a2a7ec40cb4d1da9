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
export const runLocally = (given: Local): Promise<void> => new LocalRun(given).run();

/** What one place of a run adds to its child’s environment. */
type Place = Local['places'][number];

/** Trials under way, and what became of the others. */
class LocalRun {
  private readonly free: Place[];
  private readonly under = new Map<string, { readonly child: ChildProcess; readonly ended: Promise<void> }>();
  private readonly shares = new Map<string, number>();
  private readonly failures = new Map<string, string>();
  /** Errors of this process, not of a trial: a result that cannot be kept. */
  private readonly faults: unknown[] = [];

  constructor(private readonly given: Local) {
    this.free = [...given.places];
  }

  async run(): Promise<void> {
    const { log, signal } = this.given;
    const stop = () => this.stop();
    signal.addEventListener('abort', stop);
    try {
      for (;;) {
        if (!signal.aborted) this.handOut();
        if (!this.under.size) break;
        await Promise.race(this.ends());
        if (this.faults.length) throw this.faults[0];
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.stop();
      // Whatever went wrong, no process of ours is left behind.
      await Promise.all(this.ends());
    }
    signal.throwIfAborted();
    if (!this.failures.size) return;
    // In the study's order, whichever ended first.
    const failed = log.open().map(({ id }) => [id, this.failures.get(id)!] as const);
    complainOf(new Map(failed));
  }

  /** Starts as many trials as places are free. */
  private handOut(): void {
    const { log } = this.given;
    log.look();
    const open = log.open().filter(({ id }) => !this.under.has(id) && !this.failures.has(id));
    // Those that go on with one before the others, as on a queue.
    open.sort((a, b) => (b.rung ?? 0) - (a.rung ?? 0));
    for (const cell of open.slice(0, this.free.length)) this.start(cell, this.free.shift()!);
    this.say();
  }

  private start(cell: Cell<unknown>, place: Place): void {
    const { given } = this;
    const folder = join(given.checkpoints, jobIdOf('', cell));
    const child = startChild(given.child, place);
    const order = { job: trialJob(given.about, '', cell, given.log.results), folder };
    const ended = endOf(child, order, given.patience, (share) => {
      this.shares.set(cell.id, share);
      this.say();
    })
      .then((end) => this.take(cell, folder, end))
      .catch((error: unknown) => void this.faults.push(error))
      .finally(() => {
        this.under.delete(cell.id);
        this.shares.delete(cell.id);
        this.free.push(place);
      });
    this.under.set(cell.id, { child, ended });
    this.shares.set(cell.id, 0);
  }

  private take(cell: Cell<unknown>, folder: string, end: ChildEnd): void {
    const { given } = this;
    const line = lineOf(given, cell, end);
    if (line) {
      given.keep(line);
      given.log.add(line);
      rmSync(folder, { recursive: true, force: true });
      given.onLine?.(line);
    } else if (!given.signal.aborted) this.failures.set(cell.id, whyOf(end));
  }

  private ends(): Promise<void>[] {
    return [...this.under.values()].map(({ ended }) => ended);
  }

  private stop(): void {
    for (const { child } of this.under.values()) stopChild(child);
  }

  private say(): void {
    const { given, shares } = this;
    given.onState?.({ done: given.log.results.size, all: given.log.count, shares });
  }
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
