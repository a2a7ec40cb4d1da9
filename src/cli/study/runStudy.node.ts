// A study that is run: its cells one by one, then the table, results.json and report.html.

import { BUDGETS, type AnyStudy, type Budget, type Setup } from '../../runs/study';
import { ENGINE_FLAGS, engineOf, openEngine, untuned, type EngineChoice } from '../engine/adapter.node';
import { DATA_FLAGS } from '../flags/place';
import type { Flags } from '../flags/flags';
import { isEnding, whileStoppable } from '../engine/interruption.node';
import { QUEUE_FLAG } from '../flags/queueFlag';
import { fail } from '../../graph/check';
import { checkQueueUrl } from '../../queue/server.node';
import { AT_ONCE_FLAG, checkAtOnce, runAtOnce } from './runAtOnce.node';
import { runOnQueue, type Spread } from './runOnQueue.node';
import { DASHBOARD_FLAGS, checkDashboard } from '../server/dashboard.node';
import { LOCK_FLAG } from '../flags/lockFlag';
import type { Of, StudyFolder } from '../../runs/studyFolder.node';
import { makeStudyProgress } from './studyProgress.node';
import { madeOf } from './made';
import { resultsText, studyPage, summaryOf, terminalText, type Concluded } from './studyReport.node';
import { Machine, checksums } from '../../runs/machine.node';
import type { Place } from '../../runs/readData.node';
import { LocalTrials, runTrials } from '../../runs/studyRun.node';
import { TrialLog } from '../../runs/trials';
import type { Tables } from '../../runs/tables';
import type { Values } from '../../spec/option';
import type { Precision } from '../../spec/training';

/** Flags of `study`, which `search` has too. */
export const STUDY_FLAGS = {
  budget: {
    kind: BUDGETS,
    help: 'small (default), 5 to 10 minutes on two CPU cores; medium, an hour or more; full, for a GPU',
  },
  seed: { kind: 'seed', help: 'of everything random; default 1' },
  out: { kind: 'text', help: 'folder of the study; otherwise runs/NAME-BUDGET-sSEED. Run again, it goes on' },
  ...AT_ONCE_FLAG,
  ...QUEUE_FLAG,
  ...DASHBOARD_FLAGS,
  ...DATA_FLAGS,
  ...ENGINE_FLAGS,
  ...LOCK_FLAG,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  quiet: { kind: 'switch', help: 'no progress' },
} as const satisfies Flags;

/** The flags that a study takes, in camelCase. */
export interface StudyFlags extends EngineChoice {
  readonly budget?: Budget;
  readonly seed?: number;
  readonly out?: string;
  readonly atOnce?: number;
  readonly queue?: string;
  readonly dashboard?: boolean;
  readonly dashboardAt?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly takeOver?: boolean;
}

/** A study that is to be run, and where. */
export interface StudyJob {
  readonly study: AnyStudy;
  readonly setup: Setup;
  /** What the folder is of; the checksums of the data are added. */
  readonly of: Of;
  /** The name by which a worker of a queue knows what to run; none where no worker does. */
  readonly spread?: string;
  /** Names of `of` whose values may have grown since the folder was begun; default: none. */
  readonly grown?: readonly string[];
  readonly folder: StudyFolder;
  /** What a shell needs to do it again. */
  readonly command: string;
  readonly flags: StudyFlags;
  /** Where data is, where that is more than the data folder. */
  readonly place?: Place;
  /** How the data of its tasks is read, before a cell says so; default: as the tasks read it. */
  readonly reading?: Values;
  readonly tables: Tables;
}

/** Runs the cells that are not finished, prints the table, writes results.json and report.html; the exit code. */
export async function runStudy(job: StudyJob): Promise<number> {
  const { study, setup, folder, flags, tables } = job;
  checkQueueFlags(flags);
  const data = await checksums(study.tasks?.(setup) ?? [], placeOf(job), tables, job.reading);
  const release = folder.lock(flags.takeOver);
  try {
    return await runCells(job, data);
  } finally {
    release();
  }
}

async function runCells(job: StudyJob, data: Readonly<Record<string, string>>): Promise<number> {
  const { study, setup, of, folder, flags } = job;
  folder.open(Object.keys(data).length ? { ...of, data } : of, job.grown);
  const tell = () => {
    if (isEnding()) console.error(`What is finished is in ${folder.path}; the same command goes on from it.`);
  };
  process.once('exit', tell);
  const log = new TrialLog(study, setup, folder.lines());
  if (flags.queue !== undefined) await runThere(job, log, data, flags.queue);
  else if (flags.atOnce !== undefined && flags.atOnce > 1) await runBeside(job, log, data, flags.atOnce);
  else await runHere(job, log);
  process.off('exit', tell);
  return conclude(job, log);
}

/** A page is on a queue; and it is checked before anything is written. */
function checkQueueFlags({ atOnce, queue, dashboard, dashboardAt }: StudyFlags): void {
  checkAtOnce(atOnce, queue);
  if (queue !== undefined) checkQueueUrl(queue);
  if (!dashboard && dashboardAt === undefined) return;
  if (queue === undefined)
    fail('--dashboard is a page on a queue.', { fix: 'give --queue too, or leave it out.' });
  checkDashboard(dashboardAt);
}

const placeOf = ({ place, flags }: StudyJob): Place => place ?? { data: flags.data };

/** Runs what is not finished on this machine. */
async function runHere(job: StudyJob, log: TrialLog): Promise<void> {
  const { study, folder, flags, tables } = job;
  const { onHost } = study;
  const open = (precision: Precision) =>
    openEngine({ tuning: untuned(), ...engineOf({ ...flags }), precision });
  const progress = makeStudyProgress(study.name, Boolean(flags.quiet));
  const machine = new Machine({ place: placeOf(job), onHost, open, tables });
  try {
    if (log.open().length && !onHost) await progress.adapter(await machine.engine(flags.precision));
    if (log.results.size) progress.before(log.results.size);
    const trials = new LocalTrials(log, folder, progress, study.words);
    const checkpoint = folder.checkpoint.bind(folder);
    await runTrials({ trials, study, machine, stoppable: whileStoppable, checkpoint });
  } finally {
    progress.stop();
  }
}

/** Has what is not finished run by the workers of a queue. */
async function runThere(job: StudyJob, log: TrialLog, sums: Spread['sums'], url: string): Promise<void> {
  const { dashboard, dashboardAt } = job.flags;
  const page = dashboard || dashboardAt !== undefined ? { at: dashboardAt } : undefined;
  await runOnQueue({ ...spreadOf(job, log, sums), url, page });
}

/** Runs what is not finished on this machine, so many cells at once. */
async function runBeside(job: StudyJob, log: TrialLog, sums: Spread['sums'], atOnce: number): Promise<void> {
  const { adapter, family } = job.flags;
  await runAtOnce({ ...spreadOf(job, log, sums), atOnce, adapter, family });
}

/** What processes other than this one need to run the cells. */
function spreadOf(job: StudyJob, log: TrialLog, sums: Spread['sums']): Omit<Spread, 'url' | 'page'> {
  const { study, folder, flags, spread } = job;
  if (!spread) {
    fail('study: what is made of a run of yours is not for other processes.', {
      fix: 'leave --queue and --at-once out.',
    });
  }
  return { study, spread, folder, log, sums, place: placeOf(job), quiet: Boolean(flags.quiet) };
}

/** What a person gets to see of a study that is finished. */
async function conclude(job: StudyJob, log: TrialLog): Promise<number> {
  const { study, setup, folder, command, flags } = job;
  const findings = study.findings(setup, log.results);
  const { title, claim, source } = study;
  const concluded: Concluded = {
    title,
    claim,
    source,
    command,
    setup,
    findings,
    made: madeOf(folder.lines()),
  };
  console.log(terminalText(findings));
  folder.write('results.json', resultsText(study.name, concluded));
  console.log(`report: ${folder.write('report.html', await studyPage(concluded))}`);
  if (flags.json) console.log(JSON.stringify(summaryOf(study.name, concluded)));
  return 0;
}
