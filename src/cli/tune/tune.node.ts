// `seqgpu tune`: which kernels are the fastest on this adapter, measured over the shapes of the models of the tables,
// and kept where `open` finds it.

import { existsSync } from 'node:fs';
import { Outputs } from '../../files/outputs.node';
import {
  cachedTable,
  measuredHere,
  readTable,
  tableText,
  writeCached,
} from '../../gpu/device/tuningCache.node';
import type { StoredTable } from '../../gpu/device/tuningCache.node';
import type { Engine } from '../../gpu/engine';
import type { Patience } from '../../gpu/look/sweep';
import { tuneCall, waysOfCall } from '../../gpu/look/tuneCall';
import { fail, SeqgpuError } from '../../graph/check';
import { duration, table } from '../../report/text.node';
import { launchesOf, shapeClasses, tableModels } from '../../runs/shapeClasses';
import type { ShapeClass, TableModel } from '../../runs/shapeClasses';
import type { Tables } from '../../runs/tables';
import { ENGINE_FLAGS, adapterLine, engineOf, openEngine, untuned } from '../engine/adapter.node';
import type { EngineChoice } from '../engine/adapter.node';
import { codeNow, whileStoppable } from '../engine/interruption.node';
import { readFlags, type Flags } from '../flags/flags';
import { chosen, modelsFor } from './only';
import { makeTeller } from './progress.node';
import { nameOf, sweepClasses, type MeasureClass, type SweptClasses } from './sweepClasses';
import { tuneLines, tuneTable } from './tuneText';

const MINUTES = 8;

/** Flags of `tune`. */
export const TUNE_FLAGS = {
  minutes: { kind: 'positive', help: `how long it may take; otherwise ${MINUTES}` },
  only: { kind: 'texts', help: 'the classes with one of these in their op, shapes or models' },
  out: { kind: 'text', help: 'a file for the table; otherwise the cache, where open finds it' },
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  ...ENGINE_FLAGS,
} as const satisfies Flags;

interface Given extends EngineChoice {
  readonly minutes?: number;
  readonly only?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

/** Reads the words of `tune`; the action measures, writes the table, and gives the exit code. */
export function readTuneCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('tune', words, TUNE_FLAGS);
  if (positionals.length > 0) {
    fail(`tune: "${positionals[0]}" is too much.`, {
      fix: `for classes by name, --only "${positionals[0]}".`,
    });
  }
  const { only } = given as Given;
  const all = tableModels(tables);
  const models = modelsFor(all, only);
  const classes = (engine: Engine, say: (what: string) => void) =>
    chosen(classesOn(engine, tables, models, say), all, only);
  return () => run(given as Given, classes);
}

const seconds = (): number => performance.now() / 1000;

/** What is under way when the time is up has the rest to end in. */
const IN_TIME = 0.96;

/** The classes that are asked for; `say` hears which model is recorded. */
type Classes = (engine: Engine, say: (what: string) => void) => readonly ShapeClass[];

async function run(given: Given, classes: Classes): Promise<number> {
  const { minutes = MINUTES, out } = given;
  const start = seconds();
  const output =
    out === undefined
      ? undefined
      : new Outputs('tune').file(out, { from: '--out', kind: 'JSON', isOurs: isTable });
  const engine = await openEngine({ tuning: untuned(), ...engineOf({ ...given }) });
  try {
    console.log(await adapterLine(engine));
    // What is measured by then is kept when it is interrupted.
    const swept = await whileStoppable((signal) => measured(engine, classes, start + 60 * minutes, signal));
    const here = await measuredHere(engine);
    const stored = tableOf(engine.tuning, swept, here, output ? undefined : cachedTable(here).table);
    const path = output ? output.write(tableText(stored)) : writeCached(here, stored);
    const spent = seconds() - start;
    show(swept, path, spent);
    if (given.json) {
      const { kernels: _kernels, inherited: _inherited, ...head } = stored;
      console.log(JSON.stringify({ ...head, path, minutes, seconds: spent, ...inShort(swept) }));
    }
    return codeNow();
  } finally {
    engine.destroy();
  }
}

/** Sweeps over the classes of the models until `end`, in seconds, or until the signal. */
async function measured(
  engine: Engine,
  classesOf: Classes,
  end: number,
  signal: AbortSignal,
): Promise<SweptClasses> {
  const left = () => end - seconds();
  const tell = makeTeller(left);
  try {
    const classes = classesOf(engine, tell.say);
    const measure: MeasureClass = ({ call }, own, next) =>
      tuneCall(engine, call, { ...PATIENCE, left: own }, next);
    return await sweepClasses(classes, measure, {
      seconds: IN_TIME * left(),
      clock: seconds,
      late: Promise.race([lateAfter(left()), aborted(signal)]),
      ways: ({ call, key }) => waysOfCall(engine, call, key),
      onBegin: (one, done, all) => tell.say(`${done + 1} of ${all}: ${nameOf(one)}`),
    });
  } finally {
    tell.stop();
  }
}

/** Five ways in a row that are far from the best are the last: the likelier ones come first. */
const PATIENCE: Omit<Patience, 'left'> = { rounds: [4, 24], enough: 40, misses: 5 };

/** Resolves after so many seconds; keeps no program alive. */
const lateAfter = (time: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, 1000 * Math.max(0, time)).unref());

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const isTable = (path: string): boolean => {
  try {
    return existsSync(path) && Boolean(readTable(path));
  } catch (error) {
    if (error instanceof SeqgpuError) return false;
    throw error;
  }
};

function classesOn(
  engine: Engine,
  tables: Tables,
  models: readonly TableModel[],
  say: (what: string) => void,
): ShapeClass[] {
  return shapeClasses(
    models.map((model, i) => {
      say(`shapes of ${model.name}, ${i + 1} of ${models.length}`);
      return { name: model.name, launches: launchesOf(engine, model, tables) };
    }),
  );
}

/** What was measured, now or before; and what is expected now of classes that never were. */
function tableOf(
  now: Readonly<Record<string, string>>,
  { inherited }: SweptClasses,
  { adapter, driver, seqgpu }: Omit<StoredTable, 'kernels' | 'date'>,
  before: StoredTable | undefined,
): StoredTable {
  const date = new Date().toISOString().slice(0, 10);
  const guessed = new Set(before?.inherited);
  const known = Object.entries(before?.kernels ?? {}).filter(([key]) => !guessed.has(key));
  const measured: Record<string, string> = { ...Object.fromEntries(known), ...now };
  const near = inherited.filter(({ key }) => !(key in measured));
  const kernels = { ...measured, ...Object.fromEntries(near.map(({ key, chosen }) => [key, chosen])) };
  return { adapter, driver, seqgpu, date, inherited: near.map(({ key }) => key), kernels };
}

function show(swept: SweptClasses, path: string, spent: number): void {
  const { head, rows } = tuneTable(swept.classes);
  if (rows.length) console.log(table(head, rows));
  for (const line of tuneLines(swept)) console.log(line);
  console.log(`table: ${path}, in ${duration(spent)}`);
}

/** What of it is JSON: no call. */
const inShort = ({ classes, left, inherited, failed }: SweptClasses) => ({
  classes,
  left: left.map(nameOf),
  inherited,
  failed,
});
