// `seqgpu demo`, which `npm start` runs: an LSTM and a TCN of equal size on two tasks that need a memory, in
// a few minutes on two CPU cores. A machine without a GPU gets a software adapter first.

import { stampHere } from '../runs/version.node';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Outputs } from '../files/outputs.node';
import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import {
  ENGINE_FLAGS,
  adapterLine,
  closeEngines,
  engineOf,
  isSoftware,
  openEngine,
} from './engine/adapter.node';
import { chart } from './train/chart.node';
import { readFlags, type Flags } from './flags/flags';
import type { Value } from '../spec/option';
import { inShort, makeTask, train, type Outcome } from '../runs/outcome';
import { Progresses } from './train/progress.node';
import { madeBy, reportPage, type StoredRun } from './train/report.node';
import { RunFolder } from '../runs/runFolder.node';
import { makeSettings } from '../runs/settings';
import { count, duration, significant, measure, table } from '../report/text.node';

/** Flags of `demo`. */
export const DEMO_FLAGS = {
  steps: { kind: 'count', help: 'steps of every run; otherwise as many as the task takes' },
  seed: { kind: 'seed', help: 'of everything random; default 1' },
  out: { kind: 'text', help: 'folder of the report; otherwise runs/demo' },
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  quiet: { kind: 'switch', help: 'no progress' },
  ...ENGINE_FLAGS,
} as const satisfies Flags;

const TASKS = ['copy', 'adding'] as const;
const COMMAND = 'npm start';
const REPORT = 'report.html';

/** Reads the words of `demo`; the action trains, writes the report and gives the exit code. */
export function readDemoCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('demo', words, DEMO_FLAGS);
  if (positionals.length > 0) fail(`demo: "${positionals[0]}" is too much.`, { fix: 'it takes only flags.' });
  const folder = new RunFolder(String(given.out ?? join('runs', 'demo')));
  return () => demo(folder, given);
}

async function demo(folder: RunFolder, given: Readonly<Record<string, Value>>): Promise<number> {
  const release = folder.lock('demo');
  try {
    await runDemo(folder, given);
  } finally {
    release();
  }
  return 0;
}

async function runDemo(folder: RunFolder, given: Readonly<Record<string, Value>>): Promise<void> {
  const files = ['results.json', 'report.html', ...TASKS.map((task) => `${task}.svg`)];
  new Outputs('demo').folder(folder.path, files, '--out', () => isDemo(folder.path));
  const engine = await openEngine({ install: (line) => console.error(line), ...engineOf(given) });
  try {
    console.log(await adapterLine(engine));
    await conclude(folder, await trainAll(engine, given), Boolean(given.json));
  } finally {
    await closeEngines();
  }
}

/**
 * Trains both models on both tasks. A software adapter keeps one core busy while it compiles, and hardly more with
 * models as small as these: there both tasks are trained at once, each on a device of its own. A GPU has one after the
 * other.
 */
async function trainAll(engine: Engine, given: Readonly<Record<string, Value>>): Promise<Outcome[]> {
  const shown = new Progresses(Boolean(given.quiet));
  const onTask = async (task: (typeof TASKS)[number], engine: Engine): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const model of ['lstm', 'tcn'] as const) {
      const settings = makeSettings(task, model, given);
      const made = makeTask(settings);
      const title = `${task} ${model}`.padEnd(11);
      const progress = shown.of({ title, steps: settings.steps, metric: made.metric });
      const run = { engine, settings, task: made, onProgress: progress.update };
      outcomes.push(await train(run).finally(progress.stop));
    }
    return outcomes;
  };
  const [first, second] = TASKS;
  try {
    if (!isSoftware(engine.info!))
      return [...(await onTask(first, engine)), ...(await onTask(second, engine))];
    const other = await openEngine(engineOf(given));
    return (await Promise.all([onTask(first, engine), onTask(second, other)])).flat();
  } finally {
    shown.stop();
  }
}

/** Whether the files in a folder are of an earlier demo, which this one may replace. */
function isDemo(path: string): boolean {
  const file = join(path, 'results.json');
  if (!existsSync(file)) return false;
  let outcomes: unknown;
  try {
    outcomes = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  const tasks =
    Array.isArray(outcomes) && outcomes.map((one: Partial<Outcome> | null) => one?.settings?.task);
  return Array.isArray(tasks) && tasks.length > 0 && tasks.every((task) => TASKS.some((one) => one === task));
}

function tableOf(outcomes: readonly Outcome[]): string {
  const head = [
    'task',
    'model',
    'parameters',
    'loss',
    'accuracy',
    'without learning',
    'steps/s',
    'time',
    'adapter',
  ];
  const rows = outcomes.map(({ settings, parameters, test, metric, anchors, ...outcome }) => [
    `${settings.task}, T = ${settings.length}`,
    settings.model,
    count(parameters),
    significant(test[metric]),
    measure('accuracy', test.accuracy),
    anchors.map(({ name, value }) => `"${name}": ${significant(value)}`).join(', '),
    significant(outcome.stepsPerSecond, 3),
    duration(outcome.seconds),
    outcome.adapter.split(' — ')[0],
  ]);
  return table(head, rows);
}

async function conclude(folder: RunFolder, outcomes: readonly Outcome[], json: boolean): Promise<void> {
  console.log(tableOf(outcomes));
  console.log(remarksOn(outcomes));
  const stored = outcomes.map((outcome) => ({ ...outcome, command: COMMAND, ...stampHere() }));
  folder.write('results.json', `${JSON.stringify(stored, null, 1)}\n`);
  for (const [name, text] of await demoFiles(stored)) {
    const path = folder.write(name, text);
    if (name === REPORT) console.log(`report: ${path}`);
  }
  if (json) console.log(JSON.stringify({ runs: outcomes.map(inShort) }));
}

/** What is drawn of the runs of a demo, by the names of the files: a picture for each task, and the page. */
export async function demoFiles(runs: readonly StoredRun[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const task of TASKS) {
    files.set(`${task}.svg`, await chart(runs.filter(({ settings }) => settings.task === task)));
  }
  const [{ command }] = runs;
  const words = { title: 'TCN and LSTM of equal size, side by side', remark: remarksOn(runs) };
  return files.set(REPORT, await reportPage({ ...words, command, outcomes: runs, made: madeBy(runs[0]) }));
}

const remarksOn = (outcomes: readonly Outcome[]): string =>
  outcomes
    .flatMap((outcome) => (outcome.settings.model === 'tcn' ? remarkOn(outcome, outcomes) : []))
    .join(' ');

/**
 * What is to be seen, from the numbers: a task counts as solved at a tenth of the loss of learning nothing.
 */
export function remarkOn(tcn: Outcome, outcomes: readonly Outcome[]): string {
  const { settings, metric, anchors } = tcn;
  const lstm = outcomes.find((other) => other.settings.task === settings.task && other !== tcn);
  const floor = anchors[0].value;
  const verdict = ({ test }: Outcome) => {
    const loss = test[metric];
    if (loss < floor / 10) return `solves it (${significant(loss)})`;
    return loss < 0.9 * floor
      ? `is on its way (${significant(loss)})`
      : `has learned nothing yet (${significant(loss)})`;
  };
  const task = settings.task === 'copy' ? 'Copy memory' : 'The adding problem';
  const other = lstm ? `, the LSTM of the same size ${verdict(lstm)}` : '';
  return (
    `${task} over ${settings.length} steps, where "${anchors[0].name}" has a loss of ${significant(floor)}: ` +
    `after ${tcn.steps} steps the TCN ${verdict(tcn)}${other}.`
  );
}
