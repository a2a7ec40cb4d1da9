// The server that holds the queues, Redis or PostgreSQL, by BullMQ, which has to be installed beside this package. A
// server that may forget is refused: a job or a result that is lost would cost a trial.

import type { Job, Queue, Worker, WorkerOptions } from 'bullmq';
import { SeqgpuError, fail } from '../graph/check';
import type { Packed } from './jobs';
import { RETRY_MS, isAway, wait } from './away';
import { checkPackages } from './packages.node';
import { awakeBackend, checkPostgres } from './postgres.node';

type Bull = typeof import('bullmq');
type RedisBackend = InstanceType<Bull['RedisQueueBackend']>;

const KINDS: Readonly<Record<string, 'redis' | 'postgres'>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};
/** BullMQ and its driver. */
export const PACKAGES = { redis: ['bullmq', 'ioredis'], postgres: ['bullmq', 'pg'] } as const;
const WAIT_MS = 10_000;
/** Between two tries to connect again a client is in another state, if for a moment. */
const LEAVE_MS = 4 * RETRY_MS;
const LOOK_MS = 20;

/** Refuses what is no address of a server. */
export function checkQueueUrl(text: string): string {
  const kind = URL.canParse(text) ? KINDS[new URL(text).protocol] : undefined;
  if (!kind) {
    fail(`--queue: "${shownUrl(text)}" is no address of a queue.`, {
      fix: 'give redis://HOST:PORT or postgres://USER@HOST:PORT/DATABASE.',
    });
  }
  return text;
}

/** An address without what nobody should read over a shoulder. */
export const shownUrl = (text: string): string => text.replace(/(\/\/[^/@:]*):[^@]*@/, '$1:…@');

/** A server of queues. */
export class QueueServer {
  private readonly queues = new Set<Queue<Packed>>();
  private readonly listeners = new Set<() => void>();
  /** Whether the server cannot be reached just now, and why. */
  trouble: string | null = null;

  private constructor(
    private readonly bull: Bull,
    readonly url: string,
    readonly kind: 'redis' | 'postgres',
  ) {}

  /** Reaches the server, and refuses one that may forget. */
  static async open(url: string): Promise<QueueServer> {
    const kind = KINDS[new URL(checkQueueUrl(url)).protocol];
    checkPackages('--queue', PACKAGES[kind]);
    const bull = await import('bullmq');
    if (kind === 'postgres') bull.setDefaultBackendFactory(awakeBackend(bull));
    const server = new QueueServer(bull, url, kind);
    await server.check();
    return server;
  }

  /** A queue, for adding to it and looking into it. */
  queue(name: string): Queue<Packed> {
    const queue = new this.bull.Queue<Packed>(name, { connection: this.connection(), skipMetasUpdate: true });
    queue.on('error', (error) => this.hear(error));
    queue.backend.on('ready', () => {
      this.trouble = null;
      for (const listen of this.listeners) listen();
    });
    this.queues.add(queue);
    return queue;
  }

  /** Takes trials; `work` see Worker of BullMQ. */
  worker(
    name: string,
    work: (job: Job<Packed>, token: string) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): Worker<Packed> {
    const processor = (job: Job<Packed>, token?: string) => work(job, token!);
    const worker = new this.bull.Worker<Packed>(name, processor, {
      ...options,
      connection: this.connection(),
      runRetryDelay: RETRY_MS,
    });
    worker.on('error', (error) => this.hear(error));
    return worker;
  }

  /**
   * Ends a worker, also while the server is away; `leaving`: whatever it has under way. A client of Redis that is told
   * to end while it waits to connect again never says that it has, and BullMQ waits for that: so it is told in another
   * moment, and where none comes, nobody waits for it.
   */
  async end(worker: Worker<Packed>, leaving = false): Promise<void> {
    const client = await (worker.backend as Partial<RedisBackend>).blockingClient;
    const waits = () => client?.status === 'reconnecting';
    for (let left = LEAVE_MS; waits() && left > 0; left -= LOOK_MS) {
      await wait(LOOK_MS);
    }
    await worker.close(leaving || waits());
  }

  /** What a worker throws that has put its job back. */
  handedBack(): Error {
    return new this.bull.WaitingError();
  }

  /** What a worker throws of a job that nobody should try again. */
  hopeless(message: string): Error {
    return new this.bull.UnrecoverableError(message);
  }

  /**
   * What `work` comes to, begun again for as long as the server is away: a client of Redis waits by itself, one of
   * PostgreSQL fails. `work` must bear being done twice. Throws the signal's reason.
   */
  async lasting<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      try {
        const value = await unlessAborted(work(), signal);
        this.trouble = null;
        return value;
      } catch (error) {
        if (signal?.aborted || !isAway(error)) throw error;
        this.hear(error as Error);
        await wait(RETRY_MS);
        signal?.throwIfAborted();
      }
    }
  }

  /** Calls back whenever the server is there again. */
  onReady(listen: () => void): void {
    this.listeners.add(listen);
  }

  /** Leaves it; where it is away just now, without a word to it. */
  async close(): Promise<void> {
    await Promise.all([...this.queues].map((queue) => this.leave(queue).catch(() => {})));
  }

  private async leave(queue: Queue<Packed>): Promise<void> {
    // A client that never reached its server is not there, and closing does not wait for it.
    const client = await Promise.race([
      this.kind === 'redis' ? queue.backend.client : undefined,
      wait(LOOK_MS),
    ]);
    if (client && client.status !== 'ready') await queue.backend.close(true);
    else await queue.close();
  }

  private hear(error: Error): void {
    this.trouble = (error as NodeJS.ErrnoException).code ?? error.message;
  }

  private connection() {
    // Its tables are made where they are missing; a lock keeps two from doing so at once.
    if (this.kind === 'postgres') return { connectionString: this.url, migrate: true };
    return { url: this.url, maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS };
  }

  private async check(): Promise<void> {
    const queue = this.queue(TRIALS_CHECK);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      queue.once('error', () => reject(new Error(this.trouble!)));
      timer = setTimeout(() => reject(new Error('no answer')), WAIT_MS);
    });
    // Where the server says no first.
    late.catch(() => {});
    try {
      await Promise.race([this.durable(queue), late]);
    } catch (error) {
      await Promise.race([this.close(), new Promise((done) => setTimeout(done, RETRY_MS))]);
      if (error instanceof SeqgpuError) throw error;
      const { message } = error as Error;
      const refused = isRefusal(message);
      fail(`--queue: ${shownUrl(this.url)} ${refused ? 'refuses you' : 'cannot be reached'}: ${message}.`, {
        fix: refused
          ? `give its user and password: ${this.kind}://USER:PASSWORD@HOST:PORT.`
          : 'start the server there, or mend the address.',
      });
    } finally {
      clearTimeout(timer);
    }
    this.queues.delete(queue);
    await queue.close();
  }

  private async durable(queue: Queue<Packed>): Promise<void> {
    const where = shownUrl(this.url);
    if (this.kind === 'postgres') await checkPostgres(this.bull, this.url, where);
    await queue.waitUntilReady();
    if (this.kind === 'redis') checkRedis(await (await queue.backend.client).info(), where);
  }
}

/** What comes of a promise, or the signal's reason where that is sooner: commands wait while the server is away. */
function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  let leave!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave);
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', leave));
}

/** Whether a server knows us, but not our password: by Redis' words, or PostgreSQL's class 28. */
const isRefusal = (message: string): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|^28|password authentication failed|no password supplied|SASL/i.test(message);

/** Only asked whether it answers. */
const TRIALS_CHECK = 'seqgpu-check';

/** Refuses what INFO says of a Redis that may forget. */
export function checkRedis(info: string, where: string): void {
  const said = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
  const version = said('redis_version') ?? '0';
  const [major, minor] = version.split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    fail(`--queue: ${where} is Redis ${version}, which is too old.`, { fix: 'run 6.2 or later, or Valkey.' });
  }
  const policy = said('maxmemory_policy');
  if (policy !== 'noeviction') {
    fail(`--queue: ${where} throws away keys when its memory is full: trials would be lost.`, {
      given: `maxmemory-policy ${policy}`,
      fix: 'write into redis.conf: maxmemory-policy noeviction',
    });
  }
  if (said('aof_enabled') !== '1') {
    fail(`--queue: ${where} forgets when it is restarted: trials would be lost.`, {
      given: 'appendonly no',
      fix: 'write into redis.conf: appendonly yes',
    });
  }
}
