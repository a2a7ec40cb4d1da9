// `seqgpu worker --queue URL`: runs trials of searches and cells of studies that others have put on a queue, each in a
// process of its own, until it is stopped.

import { hostname } from 'node:os';
import { join } from 'node:path';
import { fail } from '../../graph/check';
import type { Told, TrialJob } from '../../queue/jobs';
import { QueueServer, checkQueueUrl, shownUrl } from '../../queue/server.node';
import { PATIENCE } from '../../queue/trialProcess.node';
import { TrialWorker } from '../../queue/worker.node';
import { duration } from '../../report/text.node';
import type { Tables } from '../../runs/tables';
import { versionHere } from '../../runs/version.node';
import type { Value } from '../../spec/option';
import { ENGINE_FLAGS, engineOf, takeAdapter } from '../engine/adapter.node';
import { whileStoppable } from '../engine/interruption.node';
import { readFlags, type Flags } from '../flags/flags';
import { QUEUE_FLAG } from '../flags/queueFlag';
import { DATA_FLAGS } from '../flags/place';
import { runChild } from './child.node';
import { childProgram } from './childProgram.node';

/** Flags of `worker`. */
export const WORKER_FLAGS = {
  ...QUEUE_FLAG,
  gpus: {
    kind: 'texts',
    help:
      'how many trials it runs at once, each in a process of its own; or for each a part of the name of its adapter, ' +
      'or NAME=VALUE for its environment; default 1',
  },
  checkpoints: {
    kind: 'text',
    help: 'folder, shared by workers, of what trials need to go on elsewhere; otherwise runs/worker',
  },
  lease: {
    kind: 'count',
    help: 'seconds after which a trial of a worker that is gone goes to another; default 30',
  },
  patience: {
    kind: 'count',
    help: 'seconds without a sign of life after which a trial is ended; default 900',
  },
  idle: { kind: 'count', help: 'ends after so many seconds with nothing to do; otherwise it waits' },
  ...DATA_FLAGS,
  ...ENGINE_FLAGS,
  quiet: { kind: 'switch', help: 'no line for every trial' },
} as const satisfies Flags;

/** What only a worker says to its children. */
const CHILD_FLAGS = { ...WORKER_FLAGS, child: { kind: 'switch', help: '' } } as const satisfies Flags;

/** Reads the words of `worker`; the action runs trials until it is stopped, and gives the exit code. */
export function readWorkerCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('worker', words, CHILD_FLAGS);
  if (positionals.length > 0)
    fail(`worker: "${positionals[0]}" is too much.`, { fix: 'it takes only flags.' });
  if (given.child) return () => runChild(given, tables);
  if (given.queue === undefined)
    fail('worker: --queue is missing.', { fix: 'give --queue redis://HOST:PORT.' });
  const url = checkQueueUrl(String(given.queue));
  const gpus = gpusOf(given.gpus as readonly string[] | undefined);
  return () => {
    // Its children inherit it, and --gpus may say another for each.
    takeAdapter(engineOf(given).adapter);
    return whileStoppable((signal) => work(url, gpus, given, signal));
  };
}

/** The environment of each child; SEQGPU_GPU counts them. */
export function gpusOf(words: readonly string[] = ['1']): readonly Readonly<Record<string, string>>[] {
  const count = words.length === 1 && /^\d+$/.test(words[0]) ? Number(words[0]) : undefined;
  if (count === 0) fail('worker: --gpus 0 would run nothing.', { fix: 'give 1 or more, or names.' });
  const all = count === undefined ? words : Array<string>(count).fill('');
  return all.map((word, i) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/.exec(word) ?? [];
    const own: Record<string, string> = name ? { [name]: value } : word ? { SEQGPU_ADAPTER: word } : {};
    return { ...own, SEQGPU_GPU: String(i) };
  });
}

async function work(
  url: string,
  gpus: ReturnType<typeof gpusOf>,
  given: Readonly<Record<string, Value>>,
  signal: AbortSignal,
): Promise<number> {
  const server = await QueueServer.open(url);
  const { checkpoints = join('runs', 'worker'), lease = 30, patience = PATIENCE, idle } = given;
  const version = versionHere();
  const say = (line: string) => given.quiet || console.log(line);
  say(`worker of ${shownUrl(url)} on ${hostname()}, process ${process.pid}, seqgpu ${version}`);
  const worker = new TrialWorker({
    server,
    version,
    signal,
    gpus,
    checkpoints: String(checkpoints),
    lease: Number(lease),
    patience: Number(patience),
    idle: idle === undefined ? undefined : Number(idle),
    child: childProgram(given),
    onBegin: ({ title, cell }: TrialJob) => say(`${title}: ${cell.id} begins`),
    onEnd: ({ title, cell }: TrialJob, told) => say(`${title}: ${cell.id}: ${endText(told)}`),
  });
  try {
    await worker.run();
  } finally {
    await server.close();
  }
  return 0;
}

function endText(told: Told | Error): string {
  if (told instanceof Error) return told.message.split('\n')[0];
  return 'line' in told ? `done in ${duration(told.line.seconds)}` : told.failed;
}
