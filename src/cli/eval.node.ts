// `seqgpu eval FOLDER`: what a trained run is worth, on the splits of its own data or on other data of the same kind.

import { shellWord } from '../files/shellWord';
import { fail } from '../graph/check';
import { table, measure } from '../report/text.node';
import { measureTrained } from '../runs/evaluation';
import { makeTask } from '../runs/outcome';
import { keptData, readData, type TaskData } from '../runs/readData.node';
import { RunFolder } from '../runs/runFolder.node';
import type { Settings } from '../runs/settings';
import { TABLES, taskCalled, type Tables } from '../runs/tables';
import type { Value } from '../spec/option';
import type { Measures } from '../tasks/task';
import type { TaskSpec } from '../tasks/taskSpec';
import { signaturesOf } from './train/outcomeFacts.node';
import { ENGINE_FLAGS, adapterLine, engineOf, openEngine } from './engine/adapter.node';
import { readFlags, type Flags } from './flags/flags';
import { whileStoppable } from './engine/interruption.node';
import { PLACE_FLAGS, checkPlace, partFlags } from './flags/place';
import { placeOfRun } from './flags/placeOfRun.node';

/** Flags of `eval`. */
export const EVAL_FLAGS = {
  split: { kind: ['valid', 'test'], help: 'that split alone; otherwise validation and test' },
  whole: {
    kind: 'switch',
    help: 'all of the files that are named; otherwise the parts of them that validate and test',
  },
  beam: { kind: 'count', help: 'of a model that translates: also the score of so many beams' },
  ...PLACE_FLAGS,
  ...ENGINE_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
} as const satisfies Flags;

/** Reads the words of `eval`. */
export function readEvalCommand(words: readonly string[], tables: Tables = TABLES): () => Promise<number> {
  const { positionals, given } = readFlags('eval', words, { ...EVAL_FLAGS, ...partFlags(tables) });
  const [path, ...more] = positionals;
  if (path === undefined || more.length) {
    fail(path === undefined ? 'eval: the folder is missing.' : `eval: "${more.join(' ')}" is too much.`, {
      fix: 'give the one folder that `seqgpu train … --out FOLDER` has written, or a file of the live page.',
    });
  }
  return () => whileStoppable((signal) => evaluate(new RunFolder(path, tables), given, tables, signal));
}

async function evaluate(
  folder: RunFolder,
  given: Readonly<Record<string, Value>>,
  tables: Tables,
  signal: AbortSignal,
): Promise<number> {
  const { settings, best } =
    folder.best() ??
    fail(`eval: there is no checkpoint in ${folder.path}.`, {
      fix: 'name the folder of a run that was trained.',
    });
  const spec = taskCalled(settings.task, tables);
  checkGiven(spec, given, folder, tables);
  const asked = { spec, settings, folder, command: `eval ${shellWord(folder.path)}` };
  const whole = given.whole === true;
  const place = { ...placeOfRun(asked, given, tables), whole };
  const data = await readData(spec, settings, place, keptData(spec, folder));
  const others = data !== undefined && data.facts.sha256 !== settings.sha256;
  if (others) checkAlike(spec, data, folder, settings);
  const engine = await openEngine(engineOf(given));
  try {
    console.log(await adapterLine(engine));
    if (others || whole) console.log(`note: ${measuredOf(others, whole)}.`);
    if (data) for (const note of spec.data?.notes?.(data.content) ?? []) console.log(`note: ${note}.`);
    const task = makeTask(settings, data?.content, tables);
    const splits = splitsOf(given);
    const { models } = tables;
    const trained = { engine, task, recipe: settings, models, stored: best, where: folder.path, signal };
    const found = await measureTrained(trained, splits, given.beam as number | undefined);
    const rows = splits.flatMap((split) => rowsOf(whole ? 'all' : SPLITS[split], found[split]));
    console.log(table([`${settings.task} ${settings.model}`, ''], [...rows, ...signaturesOf(task)]));
    const { task: name, model, seed } = settings;
    const facts = { task: name, model, seed, metric: task.metric, otherData: others, whole };
    if (given.json) console.log(JSON.stringify({ ...facts, adapter: engine.name, ...found }));
  } finally {
    engine.destroy();
  }
  return 0;
}

/** Refuses flags that do not go with the run, or with each other. */
function checkGiven(
  spec: TaskSpec,
  given: Readonly<Record<string, Value>>,
  folder: RunFolder,
  tables: Tables,
): void {
  checkPlace(spec, given, tables);
  checkWhole(given);
  checkBeam(spec, given, folder);
}

/** Refuses --whole where it would mean nothing, or what was trained on. */
function checkWhole({ whole, split, from, ...more }: Readonly<Record<string, Value>>): void {
  if (!whole) return;
  if (split !== undefined) fail('eval: --whole and --split are given.', { fix: 'leave one out.' });
  if (more.testSource !== undefined || more.validSource !== undefined) {
    fail('eval: --whole is given with files for a split.', { fix: 'name them by --source and --target.' });
  }
  if (from !== undefined || more.source !== undefined) return;
  fail('eval: --whole is for files that are named.', {
    given: 'most of the run’s own data were trained on',
    fix: 'name others by --from, or leave it out.',
  });
}

/** What is measured, where it is not the run's own validation and test. */
function measuredOf(others: boolean, whole: boolean): string {
  if (!others) return 'these are the files of the run, and most of them were trained on';
  const parts = whole
    ? 'all of them are measured'
    : 'the same parts of them are measured; --whole measures all';
  return `these are other data than those of the run: ${parts}`;
}

const SPLITS = { valid: 'validation', test: 'test' } as const;
type Split = keyof typeof SPLITS;

/** The splits to measure; of data that are whole each is all of them. */
const splitsOf = ({ split, whole }: Readonly<Record<string, Value>>): readonly Split[] => {
  if (whole) return ['test'];
  return split === undefined ? ['valid', 'test'] : [split as Split];
};

/** Refuses beams of a model that writes nothing. */
function checkBeam(
  { reads, name }: TaskSpec,
  { beam }: Readonly<Record<string, Value>>,
  { path }: RunFolder,
): void {
  if (beam === undefined || reads === 'pairs') return;
  fail(`eval: --beam is for what translates, and the run in ${path} is on ${name}.`, {
    fix: 'leave it out.',
  });
}

/** Names and values for the table. */
const rowsOf = (of: string, found: Measures): [string, string][] =>
  Object.entries(found).map(([name, value]) => [`${name}, ${of}`, measure(name, value)]);

/** Refuses texts with another vocabulary and sounds of other classes: to the model their codes mean something else. */
function checkAlike(spec: TaskSpec, { content, facts }: TaskData, folder: RunFolder, run: Settings): void {
  const { name, kind, data } = spec;
  const kept = folder.kept();
  if (!data?.keep || !kept || !['text', 'sound', 'translation'].includes(kind)) return;
  if (codesOf(data.keep(content)) === codesOf(kept.json)) return;
  fail(`eval: the data are not of the kind that the run in ${folder.path} has learned ${name} from.`, {
    given: `${kept.where} has other codes; sha256 ${String(run.sha256)} in the run, ${facts.sha256} here`,
    fix: 'give the run’s own files, or others with the same codes.',
  });
}

/** What is kept of data, but for what it is called. */
const codesOf = (kept: unknown): string =>
  JSON.stringify(kept, (key, value: unknown) => (key === 'name' ? undefined : value));
