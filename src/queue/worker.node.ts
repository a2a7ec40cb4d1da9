// Who trains: takes trials from the queue and holds their locks, but never trains itself. A lock is renewed by the
// event loop, which a training would hold up, so each trial is a process of its own, which ends with it. What a trial
// has kept lies in a folder by the trial's name: whoever takes it up again goes on from there, bit for bit.

import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Job, Queue, Worker } from 'bullmq';
import { SeqgpuError } from '../graph/check';
import type { Line } from '../runs/trials';
import { wait } from './away';
import type { Order } from './child';
import { endOf, endText, startChild, stopChild, type ChildProgram } from './trialProcess.node';
import {
  ATTEMPTS,
  DEATHS,
  TRIALS,
  inboxOf,
  isProgress,
  packed,
  progressAt,
  trialIn,
  type Packed,
  type Told,
  type TrialJob,
} from './jobs';
import type { QueueServer } from './server.node';

/** How a worker is set up. */
export interface WorkerSetup {
  readonly server: QueueServer;
  /** The version whose trials it takes. */
  readonly version: string;
  /** For each trial that it runs at once what its child has in its environment: which GPU is its own. */
  readonly gpus: readonly Readonly<Record<string, string>>[];
  /** Where trials keep what they need to go on; all workers that share it can take over from each other. */
  readonly checkpoints: string;
  /** The program of a child, and its words. */
  readonly child: ChildProgram;
  /** After so many seconds without a sign of its worker, a trial is given to another. */
  readonly lease: number;
  /** After so many seconds without a sign of life, a child is ended. */
  readonly patience: number;
  /** A trial that has ended so many workers, none further on than those before, is refused; default: DEATHS. */
  readonly deaths?: number;
  /** Ends when there was nothing to do for so many seconds; default: never. */
  readonly idle?: number;
  readonly signal: AbortSignal;
  onBegin?(job: TrialJob): void;
  onEnd?(job: TrialJob, told: Told | Error): void;
  readonly log?: (line: string) => void;
}

/** Between two reports of one trial to the server. */
const REPORT_MS = 2000;
const LOOK_MS = 250;
/** What cannot be handed back for so long, since the server is away, is left: its lock runs out by itself. */
const HAND_BACK_MS = 10_000;
/** A trial that loses so many workers is lost, however far it comes. */
const STALLS_AT_MOST = 10_000;

/** Takes trials until it is stopped, or there is nothing to do. */
export class TrialWorker {
  private worker!: Worker<Packed>;
  private readonly children = new Map<string, ChildProcess>();
  private readonly taken = new Set<Promise<void>>();
  private readonly free: WorkerSetup['gpus'][number][];
  private inbox?: { readonly run: string; readonly queue: Queue<Packed> };
  private refused?: SeqgpuError;
  /** Aborted when what is under way is left to its lock. */
  private readonly left = new AbortController();
  private last = performance.now();
  private readonly host = `${hostname()}:${process.pid}`;

  constructor(private readonly setup: WorkerSetup) {
    this.free = [...setup.gpus];
  }

  /** Resolves when it has nothing more to do; what was under way when the signal came is handed back. */
  async run(): Promise<void> {
    const { server, gpus, lease, idle = Infinity, signal } = this.setup;
    this.worker = server.worker(TRIALS, (job, token) => this.kept(this.take(job, token)), {
      concurrency: gpus.length,
      name: this.host.replace(/[^\w.:-]/g, '-'),
      lockDuration: 1000 * lease,
      stalledInterval: 500 * lease,
      maxStalledCount: STALLS_AT_MOST,
      drainDelay: 1,
    });
    // Another worker has it by now.
    this.worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => this.children.get(id)?.kill('SIGKILL')));
    this.worker.on('failed', (job, error) => void (job && this.giveUp(job, error)));
    while (!signal.aborted && !this.refused) {
      if (this.children.size) this.last = performance.now();
      if (performance.now() - this.last > 1000 * idle) break;
      await wait(LOOK_MS);
    }
    await this.worker.pause(true);
    for (const child of this.children.values()) stopChild(child);
    if (!(await this.allHandedBack())) this.left.abort(new Error('the server is away'));
    await server.end(this.worker, this.left.signal.aborted);
    await this.inbox?.queue.close();
    if (this.refused) throw this.refused;
    signal.throwIfAborted();
  }

  /** The promise itself, known for as long as it is under way. */
  private kept(taking: Promise<void>): Promise<void> {
    const known = taking.catch(() => {}).finally(() => this.taken.delete(known));
    this.taken.add(known);
    return taking;
  }

  /** Whether nothing is under way any more; false where the server was away too long behind the last child's end. */
  private async allHandedBack(): Promise<boolean> {
    const nothing = Promise.all(this.taken).then(() => true);
    for (let since = performance.now(); !(await Promise.race([nothing, wait(LOOK_MS)]));) {
      if (this.children.size) since = performance.now();
      if (performance.now() - since > HAND_BACK_MS) return false;
    }
    return true;
  }

  private async take(job: Job<Packed>, token: string): Promise<void> {
    const { version, onBegin, onEnd, checkpoints } = this.setup;
    this.last = performance.now();
    if (this.closing) return this.handBack(job, token);
    const trial = trialIn(job.data);
    if (trial.version !== version) {
      this.refused = refusal(trial, version);
      return this.handBack(job, token);
    }
    await this.checkDeaths(job);
    onBegin?.(trial);
    const gpu = this.free.shift()!;
    const folder = join(checkpoints, job.id!);
    try {
      const line = await this.train(job, { job: trial, folder }, gpu);
      if (!line) return await this.handBack(job, token);
      const told = { line: { ...line, host: this.host } };
      await this.tell(job, job.id!, told);
      onEnd?.(trial, told);
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (!isHandedBack(error)) onEnd?.(trial, error as Error);
      throw error;
    } finally {
      this.free.push(gpu);
    }
  }

  /** Refuses a trial that has ended one worker after the other; writes down that this one has it. */
  private async checkDeaths(job: Job<Packed>): Promise<void> {
    const now = progressAt(job.progress, job.stalledCounter, this.host);
    if (now.deaths >= (this.setup.deaths ?? DEATHS)) {
      const last = isProgress(job.progress) ? job.progress.host : 'unknown';
      throw this.setup.server.hopeless(`it ended ${now.deaths} workers that took it, the last one ${last}`);
    }
    await this.setup.server.lasting(() => job.updateProgress(now), this.left.signal);
  }

  private get closing(): boolean {
    return this.setup.signal.aborted || this.refused !== undefined;
  }

  /** Back to where it was, for another worker. */
  private async handBack(job: Job<Packed>, token: string): Promise<never> {
    await this.setup.server.lasting(() => job.moveToWait(token), this.left.signal);
    throw this.setup.server.handedBack();
  }

  /** Puts what came of a trial into the inbox of its run: under the same name only once. */
  private async tell(job: Job<Packed>, jobId: string, told: Told): Promise<void> {
    const { run, title } = trialIn(job.data);
    if (this.inbox?.run !== run) {
      await this.inbox?.queue.close();
      this.inbox = { run, queue: this.setup.server.queue(inboxOf(run)) };
    }
    const { queue } = this.inbox;
    const options = { jobId, removeOnComplete: true };
    await this.setup.server.lasting(() => queue.add('told', packed(title, told), options), this.left.signal);
  }

  /** A trial that failed for the last time. */
  private async giveUp(job: Job<Packed>, error: Error): Promise<void> {
    if (!job.finishedOn) return;
    const { settings } = trialIn(job.data).cell;
    const hopeless = job.attemptsMade < ATTEMPTS;
    const why = hopeless
      ? error.message
      : `${ATTEMPTS} times, the last time on ${this.host}: ${error.message}`;
    const failed: Told = { cell: job.name, settings, failed: why, host: this.host };
    await this.tell(job, `${job.id}-failed`, failed).catch(() => {});
  }

  /** Runs a trial in a process of its own; null where it was stopped in the middle. */
  private async train(job: Job<Packed>, order: Order, gpu: NodeJS.ProcessEnv): Promise<Line | null> {
    const { child: program, patience, log } = this.setup;
    const child = startChild(program, gpu);
    this.children.set(job.id!, child);
    const ended = endOf(child, order, patience, reporter(job));
    if (this.closing) stopChild(child);
    const { line, failure, unable, end } = await ended;
    if (unable !== null) {
      const what = `${order.job.cell.id} of ${order.job.title}`;
      this.refused = new SeqgpuError(`worker: ${what} is handed back. ${unable}`);
    }
    this.children.delete(job.id!);
    // Also of one that then fell over.
    if (line) return line;
    if (this.closing && failure === null) return null;
    log?.(`${job.name}: ${failure ?? end}`);
    throw new Error(failure ?? `its process ended with ${endText(end)}`);
  }
}

const isHandedBack = (error: unknown): boolean => (error as Error).name === 'WaitingError';

/** Tells the server how far a trial is, now and then. */
function reporter(job: Job<Packed>): (share: number, words?: string) => void {
  let next = 0;
  return (share, words) => {
    const { progress } = job;
    if (performance.now() < next || !isProgress(progress)) return;
    next = performance.now() + REPORT_MS;
    // What is lost of it is told the next time.
    job.updateProgress({ ...progress, share, words, best: Math.max(progress.best, share) }).catch(() => {});
  };
}

function refusal({ title, version: asked }: TrialJob, version: string): SeqgpuError {
  return new SeqgpuError(
    [
      `worker: the queue has trials for another version of seqgpu, whose numbers would not compare.`,
      `    ${title} is of ${asked}, this worker is of ${version}`,
      `    fix: install ${asked} here, or begin the search again with ${version}.`,
    ].join('\n'),
  );
}
