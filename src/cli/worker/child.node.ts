// The process in which a worker runs one trial: it gets the trial from the worker, says how far it is, tells what came
// of it, and ends. When the worker is gone, it ends too: somebody else will be given the trial.

import { SeqgpuError, fail } from '../../graph/check';
import { ChildTrials, type Order, type Word } from '../../queue/child';
import { CellFiles } from '../../runs/cellFiles.node';
import { Machine } from '../../runs/machine.node';
import type { AnyStudy } from '../../runs/study';
import { runTrials } from '../../runs/studyRun.node';
import type { Tables } from '../../runs/tables';
import { train, type Training } from '../../runs/training';
import type { Value } from '../../spec/option';
import type { Precision } from '../../spec/training';
import { studiesOf } from '../../studies/index';
import { engineOf, openEngine, untuned } from '../engine/adapter.node';
import { isEnding, whileStoppable } from '../engine/interruption.node';

/** Runs the trial that the worker hands over; the exit code. */
export async function runChild(given: Readonly<Record<string, Value>>, tables: Tables): Promise<number> {
  if (!process.send) fail('worker: --child is for workers.', { fix: 'leave it out.' });
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const order = await new Promise<Order>((got) => {
    process.once('message', (message) => got(message as Order));
    void say({ kind: 'ready' });
  });
  try {
    await runTrial(order, given, tables);
  } catch (error) {
    if (isEnding()) throw error;
    const unable = error instanceof SeqgpuError && error.kind === 'unable';
    const message = error instanceof Error ? error.message : String(error);
    await say({ kind: unable ? 'unable' : 'failed', message });
  }
  // Nothing is heard any more, so that the process can end.
  process.removeAllListeners('disconnect');
  process.disconnect();
  return 0;
}

/** Resolves when the worker has it; what nobody hears is of no use. */
const say = (word: Word): Promise<void> =>
  new Promise((sent) => (process.connected ? process.send!(word, () => sent()) : sent()));

async function runTrial(
  { job, folder }: Order,
  given: Readonly<Record<string, Value>>,
  tables: Tables,
): Promise<void> {
  const study = studyFor(job.study, tables);
  const open = (precision: Precision) => openEngine({ tuning: untuned(), ...engineOf(given), precision });
  const data = given.data === undefined ? undefined : String(given.data);
  const place = { ...job.place, data };
  const machine = new Machine({ place, onHost: study.onHost, open, tables, sums: job.sums });
  const files = new CellFiles(folder);
  const trials = new ChildTrials(job, say);
  await runTrials({
    trials,
    study,
    machine,
    stoppable: whileStoppable,
    checkpoint: (cell) => files.of(cell),
  });
}

/** What runs the cells of the study of that name; `search` is what searches do. */
function studyFor(name: string, tables: Tables): Pick<AnyStudy, 'run' | 'onHost'> {
  if (name === 'search') return { run: ({ settings }, context) => train(settings as Training, context) };
  const study = studiesOf(tables).find((one) => one.name === name);
  return (
    study ?? fail(`worker: there is no study called ${name}.`, { fix: 'use the same version everywhere.' })
  );
}
