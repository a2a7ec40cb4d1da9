// Who decides: asks the log which trials are to be run, puts them on the queue, and takes what comes back into the log
// before it leaves the inbox. Nothing is kept but the log: a coordinator that was killed reads it, puts the same trials
// on the queue again (a job has the name of its trial, so what is there already is not added), and takes what has come
// meanwhile. A result that comes twice counts once.

import { createHash } from 'node:crypto';
import type { Queue } from 'bullmq';
import { fail } from '../graph/check';
import type { Cell } from '../runs/study';
import { NO_ADAPTER, type Line, type TrialLog } from '../runs/trials';
import { wait } from './away';
import {
  ATTEMPTS,
  TRIALS,
  complainOf,
  inboxOf,
  isProgress,
  priorityOf,
  packed,
  toldIn,
  trialJob,
  type About,
  type JobProgress,
  type Packed,
  type Told,
} from './jobs';
import type { QueueServer } from './server.node';

/** What a coordinator is given. */
export interface Coordination {
  readonly server: QueueServer;
  readonly log: TrialLog;
  /** Names the run, for good: the same in every process that goes on with it. */
  readonly key: string;
  /** What all its trials have in common. */
  readonly about: About;
  /** What counts as the result of a trial that failed; undefined where nothing does. */
  failed?(why: string): unknown;
  /** Keeps finished cells, all of them or none, before they leave the queue. */
  keep(lines: readonly Line[]): void;
  readonly signal: AbortSignal;
  /** Whom to tell what there is, about twice a second. */
  onState?(state: CoordinatorState): void;
  onLine?(line: Line): void;
}

/** How far a run is. */
export interface CoordinatorState {
  readonly done: number;
  readonly all: number;
  /** Trials of this run that are on the queue or with workers. */
  readonly sent: number;
  readonly waiting: number;
  readonly active: number;
  readonly paused: boolean;
  /** How far some trials are, of whichever run. */
  readonly progress: readonly JobProgress[];
  /** Why the server cannot be reached. */
  readonly trouble: string | null;
}

/** As many trials of a run as are on the queue at most: it must not hold all that there will ever be. */
const SENT_AT_MOST = 4096;
const AT_ONCE = 512;
const LOOK_MS = 500;
const IDLE_MS = 100;
/** The study is asked so often that it takes a tenth of the time at most, however many trials there are. */
const SHARE_OF_ASKING = 10;
/** What may have been lost in a way nobody foresees is put on the queue again so often. */
const AGAIN_MS = 300_000;

/** The name of a trial's job: of the same run, cell and settings always the same. */
export const jobIdOf = (key: string, { id, settings, rung = 0 }: Cell<unknown>): string =>
  `t${createHash('sha256')
    .update(JSON.stringify([key, id, settings, rung]))
    .digest('hex')
    .slice(0, 24)}`;

/** Hands the trials of a log to the workers of a queue until none is left. */
export class Coordinator {
  private readonly trials: Queue<Packed>;
  private readonly inbox: Queue<Packed>;
  /** What is on the queue or with a worker, by its cell's id. */
  private readonly sent = new Map<string, Cell<unknown>>();
  /** What failed as often as it may and has no result, by its cell's id: why. */
  private readonly failures = new Map<string, string>();
  /** What is to be sent, the last first. */
  private pending: Cell<unknown>[] = [];
  private again = 0;
  private nextLook = 0;
  private nextState = 0;

  constructor(private readonly given: Coordination) {
    this.trials = given.server.queue(TRIALS);
    this.inbox = given.server.queue(inboxOf(given.key));
    // What the server had forgotten, if it was killed, is put there again.
    given.server.onReady(() => (this.again = 0));
  }

  /** Resolves when everything is finished; throws where a trial cannot be run, or the signal's reason. */
  async run(): Promise<void> {
    const { log, signal } = this.given;
    // What came while nobody was here.
    while (await this.collect());
    this.look();
    for (;;) {
      signal.throwIfAborted();
      await this.send();
      await this.show();
      const came = await this.collect();
      const idle = this.sent.size === 0 && this.pending.length === 0;
      if (idle || (came && performance.now() >= this.nextLook)) this.look();
      if (this.sent.size === 0 && this.pending.length === 0) break;
      if (came < AT_ONCE) await wait(IDLE_MS);
    }
    await this.lasting(() => this.inbox.obliterate({ force: true }));
    if (this.failures.size) complainOf(this.failures);
    if (log.open().length) fail('The queue has ended before its trials.');
  }

  /** Asks the study which cells there are now. */
  private look(): void {
    const { log } = this.given;
    const start = performance.now();
    log.look();
    this.pending = log
      .open()
      .filter(({ id }) => !this.sent.has(id) && !this.failures.has(id))
      .reverse();
    const end = performance.now();
    this.nextLook = end + SHARE_OF_ASKING * (end - start);
  }

  private async send(): Promise<void> {
    const now = performance.now();
    const cells = now >= this.again ? [...this.sent.values()] : [];
    if (now >= this.again) this.again = now + AGAIN_MS;
    while (this.sent.size < SENT_AT_MOST && this.pending.length) {
      const cell = this.pending.pop()!;
      // Of a command before this one it may have been on the queue still.
      if (this.given.log.results.has(cell.id)) continue;
      this.sent.set(cell.id, cell);
      cells.push(cell);
    }
    for (let at = 0; at < cells.length; at += AT_ONCE) {
      const jobs = cells.slice(at, at + AT_ONCE).map((cell) => this.jobOf(cell));
      await this.lasting(() => this.trials.addBulk(jobs));
    }
  }

  private jobOf(cell: Cell<unknown>) {
    const { key, about, log } = this.given;
    return {
      name: cell.id,
      data: packed(about.title, trialJob(about, key, cell, log.results)),
      opts: {
        jobId: jobIdOf(key, cell),
        priority: priorityOf(cell.rung ?? 0),
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: 1000 },
        removeOnComplete: true,
        removeOnFail: true,
      },
    };
  }

  /** Takes what has come, first into the log, then out of the inbox; gives how much it was. */
  private async collect(): Promise<number> {
    const { log, keep, onLine } = this.given;
    const jobs = await this.lasting(() => this.inbox.getJobs(['waiting'], 0, AT_ONCE - 1, true));
    // One that was removed meanwhile has no data.
    const told = jobs.flatMap((job) => (job?.data ? [toldIn(job.data)] : []));
    const lines = new Map<string, Line>();
    for (const one of told) {
      const line = this.lineOf(one);
      if (line && !log.results.has(line.cell)) lines.set(line.cell, line);
    }
    if (lines.size) keep([...lines.values()]);
    for (const one of told) this.sent.delete('line' in one ? one.line.cell : one.cell);
    for (const line of lines.values()) {
      log.add(line);
      this.failures.delete(line.cell);
      onLine?.(line);
    }
    await Promise.all(jobs.map((job) => job && this.lasting(() => this.inbox.remove(job.id!))));
    return jobs.length;
  }

  /** What goes into the log of what a worker has told: nothing of a failure that no result stands for. */
  private lineOf(told: Told): Line | null {
    if ('line' in told) return told.line;
    const { cell, settings, failed: why, host } = told;
    const result = this.given.failed?.(why);
    if (result !== undefined) return { cell, settings, result, seconds: 0, adapter: NO_ADAPTER, host };
    if (!this.given.log.results.has(cell)) this.failures.set(cell, why);
    return null;
  }

  private async show(): Promise<void> {
    const { onState, log, server } = this.given;
    const now = performance.now();
    if (!onState || now < this.nextState) return;
    this.nextState = now + LOOK_MS;
    const { counts, some, paused } = await this.lasting(() => this.seen());
    const progress = some.flatMap((job) => (isProgress(job?.progress) ? [job.progress] : []));
    onState({
      done: log.results.size,
      all: log.count,
      sent: this.sent.size,
      trouble: server.trouble,
      waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
      active: counts.active ?? 0,
      progress,
      paused,
    });
  }

  /** What the queue of trials holds. */
  private async seen() {
    const counts = await this.trials.getJobCounts(...(['waiting', 'prioritized', 'active'] as const));
    const some = await this.trials.getJobs(['active'], 0, 7);
    return { counts, some, paused: await this.trials.isPaused() };
  }

  private lasting<T>(work: () => Promise<T>): Promise<T> {
    return this.given.server.lasting(work, this.given.signal);
  }
}
