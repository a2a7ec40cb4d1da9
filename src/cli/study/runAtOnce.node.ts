// A study whose cells run beside each other on this machine: a small model leaves most of a CPU idle.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fail } from '../../graph/check';
import { runLocally, type LocalState } from '../../queue/local.node';
import { PATIENCE } from '../../queue/trialProcess.node';
import { count } from '../../report/text.node';
import type { AnyStudy } from '../../runs/study';
import type { Line } from '../../runs/trials';
import { versionHere } from '../../runs/version.node';
import { takeAdapter } from '../engine/adapter.node';
import { childProgram } from '../worker/childProgram.node';
import { gpusOf } from '../worker/worker.node';
import { whileStoppable } from '../engine/interruption.node';
import { changingLine } from './changingLine.node';
import { finishedWords } from './queueProgress.node';
import { ownFiles, type Spread } from './runOnQueue.node';

/** The flag of all that run trials. */
export const AT_ONCE_FLAG = {
  'at-once': {
    kind: 'count',
    help: 'so many cells at once, each in a process of its own: on a CPU one for each core; default 1',
  },
} as const;

/** A study, how many of its cells run at once, and what its processes are told. */
export interface AtOnce extends Omit<Spread, 'url' | 'page'> {
  readonly atOnce: number;
  readonly adapter?: string;
  readonly family?: string;
}

/** Threads of lavapipe; as many in each process as there are cores would wait for each other. */
const THREADS = 'LP_NUM_THREADS';

/** Runs the cells that are not finished, so many at once. */
export async function runAtOnce(given: AtOnce): Promise<void> {
  const { study, spread, folder, log, sums, place, quiet, atOnce, adapter, family } = given;
  const progress = atOnceProgress(study, quiet);
  if (log.results.size) progress.before(log.results.size);
  if (!log.open().length) return;
  takeAdapter(adapter);
  try {
    await whileStoppable((signal) =>
      runLocally({
        log,
        signal,
        about: { title: study.name, study: spread, sums, place: ownFiles(place), version: versionHere() },
        places: placesOf(atOnce),
        checkpoints: join(folder.path, 'cells'),
        child: childProgram({ data: place.data, family }),
        patience: PATIENCE,
        failed: study.failed?.bind(study),
        keep: (line) => folder.append([line]),
        onState: progress.update,
        onLine: (line) => progress.end(line, log.results.size, log.count),
      }),
    );
  } finally {
    progress.stop();
  }
}

/** The environment of each process; SEQGPU_GPU counts them. Cores are shared out, unless somebody has said how. */
export function placesOf(atOnce: number, env = process.env, cores = availableParallelism()) {
  const threads = String(Math.max(1, Math.floor(cores / atOnce)));
  return gpusOf([String(atOnce)]).map((place) => ({ ...place, [THREADS]: env[THREADS] ?? threads }));
}

/** Refuses what does not go with --at-once. */
export function checkAtOnce(atOnce: number | undefined, queue: string | undefined): void {
  if (atOnce === undefined || queue === undefined) return;
  fail('--at-once is for this machine, --queue for workers.', {
    fix: 'leave one of them out: a worker runs so many trials at once as its --gpus says.',
  });
}

function atOnceProgress(study: AnyStudy, quiet: boolean) {
  const none = () => {};
  if (quiet) return { before: none, update: none, end: none, stop: none };
  const { say, show, clear } = changingLine(study.name);
  return {
    before: (finished: number) => say(`${finished} finished before`),
    update({ done, all, shares }: LocalState) {
      const each = [...shares].map(([cell, share]) => `${cell} ${count(100 * share)} %`);
      const under = [...shares.values()].reduce((sum, share) => sum + share, 0);
      show((done + under) / all, `${done}/${all}, ${each.join(', ')}`);
    },
    end: (line: Line, done: number, all: number) => say(finishedWords(study, line, done, all)),
    stop: clear,
  };
}
