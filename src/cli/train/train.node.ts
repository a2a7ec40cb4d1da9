// `seqgpu train TASK --model NAME`: trains, saves what can be continued, and says what came of it.

import { stampHere } from '../../runs/version.node';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Outputs } from '../../files/outputs.node';
import { fail } from '../../graph/check';
import { progressOf } from '../../train/checkpoint';
import { fitState } from '../../train/fitState';
import type { Stored } from '../../train/safetensors';
import { ENGINE_FLAGS, adapterLine, engineOf, openEngine } from '../engine/adapter.node';
import { checkGiven, checkNames } from '../../runs/checkGiven';
import { LENGTH_FLAGS, modelFlags, settingFlags } from '../flags/optionFlags';
import { PLACE_FLAGS, checkPlace, partFlags, placeIn } from '../flags/place';
import { placeOfRun } from '../flags/placeOfRun.node';
import { shellWord } from '../../files/shellWord';
import { readData, type Place, type TaskData } from '../../runs/readData.node';
import { factsOf } from './outcomeFacts.node';
import { oneOf } from '../../spec/words';
import { readFlags, type Flags, type OnNames } from '../flags/flags';
import type { Value } from '../../spec/option';
import { inShort, makeTask, train, type Outcome, type TrainOptions } from '../../runs/outcome';
import { TuningFile } from '../../runs/tuningFile.node';
import { LOCK_FLAG } from '../flags/lockFlag';
import { whileStoppable } from '../engine/interruption.node';
import { makeProgress } from './progress.node';
import { runPage } from './report.node';
import { readStored } from '../../runs/storedFile.node';
import { RunFolder } from '../../runs/runFolder.node';
import {
  chosenOptions,
  commandFor,
  makeSettings,
  resumeSettings,
  untunedNote,
  warningsOn,
  type Settings,
} from '../../runs/settings';
import { pairOf, type Pair, type Tables } from '../../runs/tables';
import { table } from '../../report/text.node';

/** Flags of `train` that are no options of tasks, models or training. */
export const RUN_FLAGS = {
  out: { kind: 'text', help: 'folder of the run; otherwise runs/TASK-MODEL-sSEED' },
  resume: { kind: 'switch', help: 'go on with the run in that folder, bit for bit' },
  ...PLACE_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  quiet: { kind: 'switch', help: 'no progress' },
  tuning: {
    kind: 'text',
    help: 'file of kernels that suit this adapter, measured first where it is missing; none: nor what tune found',
  },
  ...ENGINE_FLAGS,
  ...LOCK_FLAG,
} as const satisfies Flags;

/** Flags of `train`: its own, and the options of every task, model and training. */
export const trainFlags = (tables: Tables): Flags => ({
  ...modelFlags(tables),
  ...LENGTH_FLAGS,
  ...RUN_FLAGS,
  ...partFlags(tables),
  ...settingFlags(tables),
});

interface Job extends Pair {
  readonly tables: Tables;
  readonly given: Readonly<Record<string, Value>>;
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
}

/** Reads the words of `train`; the action trains, or goes on with a run, and gives the exit code. */
export function readTrainCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('train', words, trainFlags(tables), namesFor(tables));
  const pair = readPair('train', positionals, given, tables);
  const [task, model] = [pair.task.name, pair.model.name];
  checkGiven(task, model, given, tables);
  checkPlace(pair.task, given, tables);
  const out = given.out ?? join('runs', `${task}-${model}-s${given.seed ?? 1}`);
  const folder = new RunFolder(String(out), tables);
  return () => whileStoppable((signal) => runJob({ ...pair, tables, given, folder, signal }));
}

/** Refuses options that do not go with the task and the model, before their values are read. */
export const namesFor = (tables: Tables): OnNames => {
  return ([word], texts) => {
    const task = tables.tasks.find(({ name }) => name === word);
    const model = tables.models.find(({ name }) => name === texts.model);
    // What else is wrong is told by `readPair`.
    if (task && model?.on[task.reads]) checkNames({ task, model }, Object.keys(texts), tables);
  };
};

/** The task and the model that a command line names. */
export function readPair(
  command: string,
  [word, ...more]: readonly string[],
  { model }: Readonly<Record<string, Value>>,
  { tasks, models }: Tables,
): Pair {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const task = oneOf(`${command}: the task`, word, names(tasks));
  if (more.length > 0) {
    fail(`${command}: one task at a time; "${more.join(' ')}" is too much.`, {
      fix: 'values follow their --flag.',
    });
  }
  const name = oneOf(`${command}: --model`, model === undefined ? undefined : String(model), names(models));
  return pairOf(task, name, { tasks, models });
}

/** What a run begins or goes on with. */
interface Begun {
  readonly before?: ReturnType<RunFolder['load']>;
  readonly outputs: Outputs;
  readonly data?: TaskData;
  readonly settings: Settings;
  /** Where the data is. */
  readonly place: Place;
}

async function begin({ given, folder, tables, ...pair }: Job): Promise<Begun> {
  const [task, model] = [pair.task.name, pair.model.name];
  const named = placeIn(given, tables);
  // What is missing is told before a folder is made.
  const first = given.resume
    ? undefined
    : await readData(pair.task, chosenOptions(task, model, given, tables), named);
  folder.lock('train', Boolean(given.takeOver));
  const outputs = new Outputs('train');
  if (!given.resume) {
    folder.prepare(outputs);
    const settings = makeSettings(task, model, given, first?.facts, tables);
    return { outputs, data: first, settings, place: named };
  }
  const unbegun = folder.unbegun();
  const before = unbegun ? undefined : folder.load();
  const stored = before?.settings ?? unbegun!;
  const command = `train ${task} --model ${model} --out ${shellWord(folder.path)} --resume`;
  const asked = { spec: pair.task, settings: stored, folder, command };
  const place = stored.task === task ? placeOfRun(asked, given, tables) : named;
  const data = await readData(pair.task, stored, place);
  const now = { done: 0, ...before, task, model, given, data: data?.facts };
  return { before, outputs, data, settings: resumeSettings(stored, now, tables), place };
}

/** What a person should know before the run, besides what the data says of itself. */
function notesOn({ given, tables }: Job, { before, settings }: Begun): string[] {
  const untuned = before || given.preset ? undefined : untunedNote(settings, tables);
  const warnings = warningsOn(settings, before?.settings, tables);
  return untuned ? [...warnings, untuned] : warnings;
}

async function runJob(job: Job): Promise<number> {
  try {
    await run(job, await begin(job));
  } finally {
    job.folder.release();
  }
  return 0;
}

async function run(job: Job, begun: Begun): Promise<void> {
  const { given, folder } = job;
  const { before, outputs, data, settings } = begun;
  const { notes } = job.task.data ?? {};
  if (data) for (const note of notes?.(data.content) ?? []) console.log(`note: ${note}.`);
  const initial = settings.init === undefined || before ? undefined : weightsFrom(settings.init);
  const kept = join(folder.path, 'tuning.json');
  const path = given.tuning === undefined ? undefined : String(given.tuning);
  const tuning = TuningFile.ofRun(path, kept, Boolean(before), outputs);
  const { precision } = settings;
  const engine = await openEngine({ tuning: tuning.read(), ...engineOf(given), precision });
  try {
    tuning.check(engine);
    console.log([await adapterLine(engine), ...notesOn(job, begun)].join('\n'));
    const onTuned = () => tuning.write(engine);
    await trainAndTell(job, begun, { engine, initial, tune: tuning.missing, onTuned }, tuning);
  } finally {
    engine.destroy();
  }
}

type Start = Pick<TrainOptions, 'engine' | 'initial' | 'tune' | 'onTuned'>;

/** Trains, with progress, curves and checkpoints, and tells what came of it; where it ends early, what is left. */
async function trainAndTell(job: Job, begun: Begun, start: Start, tuning: TuningFile): Promise<void> {
  const { given, folder, tables, signal } = job;
  const { before, data, settings, place } = begun;
  const files = place.from || place.parts ? { from: place.from, parts: place.parts } : undefined;
  const { task, model, steps } = settings;
  const curves = folder.curves(before?.done ?? 0);
  let saved = before?.done ?? null;
  const onSave = (last: Stored, best: Stored | null) => {
    curves.close();
    const keep = job.task.data?.keep;
    if (saved === null) folder.writeSettings(settings, files);
    if (saved === null) tuning.keep();
    if (saved === null && data && keep) folder.keep(keep(data.content));
    folder.save(settings, last, best, files);
    saved = fitState(progressOf(last, folder.path), folder.path).step;
  };
  const run = { settings, task: makeTask(settings, data?.content, tables), tables, resume: before };
  const { metric } = run.task;
  const progress = makeProgress({ title: `${task} ${model}`, steps, metric }, Boolean(given.quiet));
  const hooks = { onProgress: progress.update, onPoint: curves.add, onSave, onReopened: tellLoss };
  try {
    const outcome = await train({ ...start, ...run, ...hooks, signal });
    progress.stop();
    await conclude(job, commandFor(settings, data?.facts, tables, files), outcome);
  } catch (error) {
    progress.stop();
    tellWhatIsLeft(folder, saved);
    throw error;
  } finally {
    progress.stop();
    curves.close();
  }
}

/** What somebody wants to know who sees the steps go back. */
const tellLoss = ({ message }: Error, step: number): void =>
  console.error(`\n${message.split('\n')[0]} It is open again; the run goes on from step ${step}.`);

/** The file that --init names. */
function weightsFrom(path: string): Stored {
  if (existsSync(path) && statSync(path).isFile()) return readStored(path);
  return fail(`train: --init ${path} is no file.`, { fix: 'name a safetensors file.' });
}

/** What somebody wants to know whose run did not come to its end. */
function tellWhatIsLeft({ path }: RunFolder, saved: number | null): void {
  console.error(
    saved === null
      ? 'Nothing was saved.'
      : `Step ${saved} is saved in ${path}; the same command with --resume goes on from it.`,
  );
}

async function conclude({ folder, given }: Job, command: string, outcome: Outcome): Promise<void> {
  const { task, model } = outcome.settings;
  console.log(table([`${task} ${model}`, ''], factsOf(outcome)));
  const stored = { ...outcome, command, ...stampHere() };
  folder.write('results.json', `${JSON.stringify(stored, null, 1)}\n`);
  console.log(`report: ${folder.write('report.html', await runPage(stored))}`);
  if (given.json) console.log(JSON.stringify(inShort(outcome)));
}
