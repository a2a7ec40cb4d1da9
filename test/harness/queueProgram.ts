// A coordinator, a worker and a trial of a queue, as processes that a test can kill. The search is a real one; its trials
// train nothing, but each step goes on from what the one before has left, and a checkpoint is kept in between.
// queueProgram.mjs ROLE …: see the roles below.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from 'bullmq';
import { cutTorn, wholeLines } from '../../src/files/lines.node';
import { writeWhole, appendWhole } from '../../src/files/wholeFile.node';
import type { Order, Word } from '../../src/queue/child';
import { Coordinator } from '../../src/queue/coordinator.node';
import { TRIALS, inboxOf, packed, trialIn, type Packed } from '../../src/queue/jobs';
import { QueueServer } from '../../src/queue/server.node';
import { TrialWorker } from '../../src/queue/worker.node';
import type { AnyStudy, Study } from '../../src/runs/study';
import type { Trained, Training } from '../../src/runs/training';
import { TrialLog, type Line } from '../../src/runs/trials';
import { searchCells } from '../../src/search/searchCells';
import { briefOf, failedOf, findingsOf } from '../../src/search/searchFindings';
import { SETUP, advance, searchOf, valueOf } from './queueSearch';

const [, self, role, url, folder, ...rest] = process.argv;
const VERSION = 'test';
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort(new Error('SIGTERM')));

/** `coordinator URL FOLDER TRIALS STEPS STEP_MS [strict]`: the log is FOLDER/results.jsonl; `strict`: nothing stands for what failed. */
async function coordinator([trials, steps, ms, strict]: readonly string[]): Promise<void> {
  const path = join(folder, 'results.jsonl');
  const search = searchOf(Number(trials), Number(steps), Number(ms));
  const study: Pick<Study<Training, Trained>, 'name' | 'cells' | 'brief' | 'failed' | 'findings'> = {
    name: 'search',
    cells: (_, results) => searchCells(search, results),
    brief: briefOf,
    failed: failedOf,
    findings: (_, results) => findingsOf(search, results),
  };
  cutTorn(path);
  const log = new TrialLog(study as AnyStudy, SETUP, linesOf(path));
  const server = await QueueServer.open(url);
  appendFileSync(join(folder, 'reached.log'), `${process.pid}\n`);
  const about = { title: 'search', study: 'search', sums: {}, version: VERSION };
  const usage = usageLog(() => log.results.size);
  const keep = (news: readonly Line[]) =>
    appendWhole(path, news.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const failed = strict ? undefined : study.failed;
  await new Coordinator({ server, log, key: 'test', about, failed, keep, signal: stop.signal }).run();
  usage();
  const { remark } = (study as AnyStudy).findings(SETUP, log.results);
  appendFileSync(join(folder, 'remark.txt'), remark);
  usage();
  await server.close();
}

function* linesOf(path: string): Generator<Line> {
  for (const text of wholeLines(path)) yield JSON.parse(text) as Line;
}

/** Every five seconds, and when it is called, a line in FOLDER/usage.log: share of one core, and memory in MB. */
function usageLog(done: () => number): () => void {
  let [before, at] = [process.cpuUsage(), performance.now()];
  const write = () => {
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - at) / 1000;
    const share = (user + system) / 1e6 / seconds;
    const rss = process.memoryUsage().rss / 1e6;
    appendFileSync(join(folder, 'usage.log'), `${JSON.stringify({ done: done(), seconds, share, rss })}\n`);
    [before, at] = [process.cpuUsage(), performance.now()];
  };
  setInterval(write, 5000).unref();
  return write;
}

/** `crowd URL FOLDER COUNT MS`: so many workers whose trials take that long; a process is all they have. */
async function crowd([count, ms]: readonly string[]): Promise<void> {
  const server = await QueueServer.open(url);
  const inbox = server.queue(inboxOf('test'));
  const wait = () => new Promise((next) => setTimeout(next, Number(ms)));
  const work = async ({ id, data }: Job<Packed>) => {
    const { cell } = trialIn(data);
    await wait();
    const { steps = 0 } = cell.settings as { steps?: number };
    const valid = valueOf({ step: steps, value: id!.slice(1) }, cell.settings as object);
    // A training leaves its curve.
    const curve = Array.from({ length: 20 }, (_, i) => ({ step: i, value: valid + i }));
    const result = { metric: 'loss', valid, test: valid, parameters: 1000, step: steps, curve };
    const line = { cell: cell.id, settings: cell.settings, result, seconds: 0, adapter: 'none' };
    await inbox.add('told', packed('search', { line }), { jobId: id!, removeOnComplete: true });
  };
  const worker = server.worker(TRIALS, work, { concurrency: Number(count) });
  while (!stop.signal.aborted) await wait();
  await worker.close(true);
  await server.close();
}

/** The environment of a child: one that takes all the memory there is ends soon. */
const SMALL = { NODE_OPTIONS: '--max-old-space-size=40' };

/** `worker URL FOLDER LEASE [VERSION [DEATHS]]`: until SIGTERM. */
async function worker([lease, version = VERSION, deaths]: readonly string[]): Promise<void> {
  const server = await QueueServer.open(url);
  const common = { server, version, signal: stop.signal, gpus: [SMALL], patience: 60 };
  const child = { module: self, words: ['child', '', folder] };
  const setup = {
    ...common,
    checkpoints: join(folder, 'checkpoints'),
    lease: Number(lease),
    child,
    deaths: deaths ? Number(deaths) : undefined,
  };
  try {
    await new TrialWorker(setup).run();
  } finally {
    await server.close();
  }
}

/** What befalls trials, by their names in FOLDER/faults.json. */
const FAULTS: Readonly<Record<string, () => void>> = {
  throws() {
    throw new Error('no such kernel');
  },
  unable() {
    throw Object.assign(new Error('half: there is no shader-f16'), { kind: 'unable' });
  },
  exits: () => process.exit(3),
  memory() {
    for (const all: unknown[] = []; ;) all.push(Array.from({ length: 1e5 }, (_, i) => ({ i })));
  },
  poison() {
    process.kill(process.ppid, 'SIGKILL');
    process.exit(1);
  },
};

function befall(trial: string): void {
  const path = join(folder, 'faults.json');
  const faults = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  if (faults[trial]) FAULTS[faults[trial]]();
}

/** `child`: one trial of a worker. Every step that is made leaves a line in FOLDER/steps.log. */
async function child(): Promise<void> {
  const say = (word: Word) => new Promise<void>((sent) => process.send!(word, () => sent()));
  process.once('disconnect', () => process.exit(1));
  const order = await new Promise<Order>((got) => {
    process.once('message', (message) => got(message as Order));
    void say({ kind: 'ready' });
  });
  const { id, settings } = order.job.cell as { id: string; settings: { steps: number; dropout: number } };
  try {
    befall(id);
  } catch (error) {
    const { kind = 'failed', message } = error as Error & { kind?: 'unable' };
    await say({ kind, message });
    process.exit(0);
  }
  const path = join(order.folder, 'checkpoint.json');
  let state = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { step: 0, value: id };
  while (state.step < settings.steps) {
    if (stop.signal.aborted) process.exit(143);
    await new Promise((next) => setTimeout(next, settings.dropout));
    state = advance(state);
    appendFileSync(join(folder, 'steps.log'), `${id} ${state.step}\n`);
    mkdirSync(order.folder, { recursive: true });
    writeWhole(path, JSON.stringify(state));
    void say({ kind: 'report', share: state.step / settings.steps });
  }
  const result = { metric: 'loss', valid: valueOf(state, settings), step: state.step };
  await say({ kind: 'told', line: { cell: id, settings, result, seconds: 0, adapter: 'none' } });
  process.disconnect();
}

const ROLES: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  coordinator,
  worker,
  crowd,
  child,
};
await ROLES[role](rest);
process.exit(0);
