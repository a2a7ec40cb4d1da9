// `seqgpu train TASK --model NAME`: trains, saves what can be continued, and says what came of it.

import { join } from 'node:path';
import { fail } from '../graph/check';
import type { Stored } from '../train/safetensors';
import { FAMILY_FLAG, adapterLine, familyOf, openEngine } from './adapter.node';
import { checkFlags } from '../runs/checkFlags';
import { DATA_FLAGS } from './data.node';
import { readData } from '../runs/readData.node';
import { factsOf } from './outcomeFacts.node';
import { oneOf } from '../spec/words';
import { readFlags, type Flags } from './flags';
import type { Value } from '../spec/option';
import { makeTask, summary, train, type Outcome } from '../runs/outcome';
import { TuningFile } from '../runs/tuningFile.node';
import { LOCK_FLAG } from './lockFlag';
import { makeProgress } from './progress.node';
import { MODELS, PRESET_NAMES, TASKS, type ModelName, type TaskName } from '../runs/recipes';
import { reportPage } from './report.node';
import { RunFolder } from '../runs/runFolder.node';
import { SETTING_FLAGS } from '../runs/settingFlags';
import { commandFor, makeSettings, resumeSettings, warningsOn } from '../runs/settings';
import { table } from '../report/text.node';

export const TRAIN_FLAGS = {
  model: { kind: MODELS, help: `one of ${MODELS.join(', ')}` },
  preset: {
    kind: PRESET_NAMES,
    help: 'the settings to begin with: default; published, where a paper gives them; or a net of a paper',
  },
  steps: { kind: 'count', help: 'training steps' },
  epochs: { kind: 'count', help: 'the same in passes over the data, for music and text' },
  out: { kind: 'text', help: 'folder of the run; otherwise runs/TASK-MODEL-sSEED' },
  resume: { kind: 'switch', help: 'go on with the run in that folder, bit for bit' },
  ...DATA_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  quiet: { kind: 'switch', help: 'no progress' },
  tuning: {
    kind: 'text',
    help: 'file of kernels that suit this adapter; measured first where it is missing',
  },
  ...FAMILY_FLAG,
  ...LOCK_FLAG,
  ...SETTING_FLAGS,
} as const satisfies Flags;

interface Job {
  readonly task: TaskName;
  readonly model: ModelName;
  readonly given: Readonly<Record<string, Value>>;
  readonly folder: RunFolder;
}

export function readTrainCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('train', words, TRAIN_FLAGS);
  const [word, ...more] = positionals;
  const task = oneOf('train: the task', word, TASKS);
  if (more.length > 0) {
    fail(`train: one task at a time; "${more.join(' ')}" is too much.`, {
      fix: 'values follow their --flag.',
    });
  }
  const model = oneOf('train: --model', given.model as string | undefined, MODELS);
  checkFlags(task, model, given);
  const out = given.out ?? join('runs', `${task}-${model}-s${given.seed ?? 1}`);
  return () => runJob({ task, model, given, folder: new RunFolder(String(out)) });
}

async function runJob(job: Job): Promise<number> {
  const { task, model, given, folder } = job;
  const data = readData(task, given.data as string | undefined);
  folder.lock('train', Boolean(given.takeOver));
  const before = given.resume ? folder.load() : undefined;
  if (!before) folder.prepare();
  const settings = before
    ? resumeSettings(before.settings, { task, model, given, data: data?.facts, done: before.done })
    : makeSettings(task, model, given, data?.facts);

  const kept = join(folder.path, 'tuning.json');
  const tuning = TuningFile.ofRun(given.tuning as string | undefined, kept, Boolean(before));
  const engine = await openEngine({ tuning: tuning.read(), family: familyOf(given) });
  tuning.check(engine);
  if (!tuning.missing) tuning.write(engine);
  console.log(await adapterLine(engine));
  for (const note of warningsOn(settings, before?.settings)) console.log(note);
  const progress = makeProgress(`${task} ${model}`, settings.steps, Boolean(given.quiet));
  const hint = hintOn(job);
  process.prependListener('SIGINT', hint.say);
  try {
    const outcome = await train({
      engine,
      settings,
      task: makeTask(settings, data?.content),
      resume: before,
      tune: tuning.missing,
      onTuned: () => tuning.write(engine),
      onProgress: progress.update,
      onSave(last: Stored, best: Stored | null) {
        folder.save(settings, last, best);
        hint.saved = true;
      },
    });
    progress.stop();
    await conclude(job, commandFor(settings, data?.facts), outcome);
  } finally {
    progress.stop();
    process.off('SIGINT', hint.say);
    engine.destroy();
  }
  return 0;
}

/** What an interrupted person wants to know. */
function hintOn({ given, folder }: Job): { saved: boolean; say: () => void } {
  const hint = {
    saved: Boolean(given.resume),
    say: () =>
      console.error(
        hint.saved
          ? `\nThe last checkpoint is in ${folder.path}; the same command with --resume goes on from it.`
          : '\nNothing was saved: the first checkpoint follows the first validation.',
      ),
  };
  return hint;
}

async function conclude({ folder, given }: Job, command: string, outcome: Outcome): Promise<void> {
  const { task, model } = outcome.settings;
  console.log(table([`${task} ${model}`, ''], factsOf(outcome)));
  folder.write('results.json', `${JSON.stringify(outcome, null, 1)}\n`);
  const title = `${outcome.title}: ${model.toUpperCase()}`;
  console.log(
    `report: ${folder.write('report.html', await reportPage({ title, command, outcomes: [outcome] }))}`,
  );
  if (given.json) console.log(JSON.stringify(summary(outcome)));
}
