// Who trains: takes trials from the queue and holds their locks, but never trains itself. A lock is renewed by the
// event loop, which a training would hold up, so each trial is a process of its own, which ends with it. What a trial
// has kept lies in a folder by the trial's name: whoever takes it up again goes on from there, bit for bit.

import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Job, Queue, Worker } from 'bullmq';
import { SeqgpuError } from '../graph/check';
import type { Line } from '../runs/trials';
import type { Order, Word } from './child';
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
  readonly child: { readonly module: string; readonly words: readonly string[] };
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
/** A child that was asked to end, and does not, is ended after so long. */
const MERCY_MS = 60_000;
/** A trial that loses so many workers is lost, however far it comes. */
const STALLS_AT_MOST = 10_000;

/** Takes trials until it is stopped, or there is nothing to do. */
export class TrialWorker {
  private worker!: Worker<Packed>;
  private readonly children = new Map<string, ChildProcess>();
  private readonly free: WorkerSetup['gpus'][number][];
  private inbox?: { readonly run: string; readonly queue: Queue<Packed> };
  private refused?: SeqgpuError;
  private last = performance.now();
  private readonly host = `${hostname()}:${process.pid}`;

  constructor(private readonly setup: WorkerSetup) {
    this.free = [...setup.gpus];
  }

  /** Resolves when it has nothing more to do; what was under way when the signal came is handed back. */
  async run(): Promise<void> {
    const { server, gpus, lease, idle = Infinity, signal } = this.setup;
    this.worker = server.worker(TRIALS, (job, token) => this.take(job, token), {
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
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
    const closing = this.worker.close();
    for (const child of this.children.values()) stop(child);
    await closing;
    await this.inbox?.queue.close();
    if (this.refused) throw this.refused;
    signal.throwIfAborted();
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
    await this.setup.server.lasting(() => job.updateProgress(now));
  }

  private get closing(): boolean {
    return this.setup.signal.aborted || this.refused !== undefined;
  }

  /** Back to where it was, for another worker. */
  private async handBack(job: Job<Packed>, token: string): Promise<never> {
    await this.setup.server.lasting(() => job.moveToWait(token));
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
    await this.setup.server.lasting(() => queue.add('told', packed(title, told), options));
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
    const child = fork(program.module, program.words, {
      env: { ...process.env, ...gpu },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.children.set(job.id!, child);
    const report = reporter(job);
    const what = `${order.job.cell.id} of ${order.job.title}`;
    let [line, failure, sign]: [Line | null, string | null, number] = [null, null, performance.now()];
    child.on('message', (word: Word) => {
      sign = performance.now();
      if (word.kind === 'ready') child.send(order);
      else if (word.kind === 'report') report(word.share, word.words);
      else if (word.kind === 'told') line = word.line;
      else if (word.kind === 'unable')
        this.refused = new SeqgpuError(`worker: ${what} is handed back. ${word.message}`);
      else failure = word.message;
    });
    const watch = setInterval(() => {
      if (performance.now() - sign < 1000 * patience) return;
      failure = `it gave no sign of life for ${patience} seconds and was ended`;
      child.kill('SIGKILL');
    }, LOOK_MS);
    if (this.closing) stop(child);
    const end = await new Promise<string>((ended) => {
      child.on('error', (error) => ended(error.message));
      child.on('exit', (code, signal) => ended(signal ?? `code ${code}`));
    });
    clearInterval(watch);
    this.children.delete(job.id!);
    // Also of one that then fell over.
    if (line) return line;
    if (this.closing && failure === null) return null;
    log?.(`${job.name}: ${failure ?? end}`);
    throw new Error(failure ?? `its process ended with ${endText(end)}`);
  }
}

/** An end in words: a process that runs out of memory cannot say so itself. */
function endText(end: string): string {
  if (end === 'SIGKILL') return `${end}: the system ends a process so that needs more memory than there is`;
  if (end === 'SIGABRT') return `${end}: Node ends so when its own memory is full, or a driver has failed`;
  return end;
}

const isHandedBack = (error: unknown): boolean => (error as Error).name === 'WaitingError';

/** Asks a child to end behind its step, with what it has done saved. */
function stop(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), MERCY_MS).unref();
}

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
