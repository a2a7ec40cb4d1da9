// `seqgpu study NAME`: runs a study, keeps every finished part, and puts its numbers beside the published ones.
// Without a name: which studies there are.

import { join } from 'node:path';
import { fail } from '../../graph/check';
import { table } from '../../report/text.node';
import { studyCommand, type AnyStudy, type Setup } from '../../runs/study';
import { StudyFolder } from '../../runs/studyFolder.node';
import type { Tables } from '../../runs/tables';
import { kebabCase, type Value } from '../../spec/option';
import { oneOf } from '../../spec/words';
import { studiesOf } from '../../studies/index';
import { readFlags, type Flags } from '../flags/flags';
import { partFlags } from '../flags/place';
import { jobOfRun } from './contextOfRun.node';
import { STUDY_FLAGS, runStudy, type StudyFlags } from './runStudy.node';

/** Flags of `study` besides those that a search has too. */
export const OWN_FLAGS = {
  ...STUDY_FLAGS,
  run: {
    kind: 'paths',
    help: 'of context: the folder of a run of yours; behind one that translates, others of its kind with --truncate',
  },
  from: { kind: 'paths', help: 'the files of that run, or others of its kind' },
  task: {
    kind: 'text',
    help: 'of context and shootout: the only task, e.g. shakespeare; otherwise all that it has',
  },
} as const satisfies Flags;

/** Reads the words of `study`; the action runs what is left of it, or lists the studies, and gives the exit code. */
export function readStudyCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('study', words, { ...OWN_FLAGS, ...partFlags(tables) });
  const [word, ...more] = positionals;
  if (more.length > 0) {
    fail(`study: one study at a time; "${more.join(' ')}" is too much.`, {
      fix: 'values follow their --flag.',
    });
  }
  const studies = studiesOf(tables);
  if (word === undefined) return async () => list(studies);
  const name = oneOf(
    'study: the study',
    word,
    studies.map((study) => study.name),
  );
  if (given.run !== undefined) return ofRun(name, given, tables);
  if (given.from) fail('study: --from goes with --run.', { fix: 'leave it out.' });
  const study = studies.find((one) => one.name === name)!;
  const flags = given as StudyFlags;
  const setup = setupOf(study, flags, studies);
  const { budget, seed, task } = setup;
  const out = flags.out ?? join('runs', [name, task, budget, `s${seed}`].filter(Boolean).join('-'));
  const command = studyCommand(name, setup);
  const of = { study: name, ...setup };
  return () =>
    runStudy({
      study,
      setup,
      of,
      folder: new StudyFolder(out, 'study'),
      command,
      flags,
      tables,
      spread: name,
    });
}

function setupOf(
  study: AnyStudy,
  { budget = 'small', seed = 1, task }: StudyFlags & { task?: string },
  studies: readonly AnyStudy[],
): Setup {
  const setup = { budget, seed };
  if (task === undefined) return setup;
  if (!study.divides) {
    const those = studies.filter((one) => one.divides).map((one) => one.name);
    fail(`study: ${study.name} is not divided by --task.`, {
      fix: `leave it out; it is for ${those.join(', ')}.`,
    });
  }
  const tasks = study.tasks!(setup);
  return { ...setup, task: oneOf(`study: with --budget ${budget} the task of ${study.name}`, task, tasks) };
}

/** The study of a run in place of the models of a study. */
function ofRun(name: string, given: Readonly<Record<string, Value>>, tables: Tables): () => Promise<number> {
  const other = ['budget', 'seed', 'task', 'queue', 'atOnce'].find((flag) => flag in given);
  if (name !== 'context' || other) {
    fail(`study: --run does not go with ${other ? `--${kebabCase(other)}` : name}.`, {
      fix: other ? 'leave it out: the run has its settings.' : 'it is for context.',
    });
  }
  return async () => runStudy(await jobOfRun(given, tables));
}

function list(studies: readonly AnyStudy[]): number {
  console.log(
    table(
      ['study', 'claim'],
      studies.map(({ name, claim }) => [name, claim]),
    ),
  );
  console.log('Run one with `npx seqgpu study NAME`.');
  return 0;
}
