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
  seeds: {
    kind: 'count',
    help:
      'of gating, shootout, stability and translation: so many seeds of each model, from --seed on; ' +
      'a folder with fewer goes on',
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
  const flags = given as StudyFlags & Asked;
  const setup = setupOf(study, flags, studies);
  const { seeds: _seeds, ...kept } = setup;
  const { budget, seed, task } = kept;
  const out = flags.out ?? join('runs', [name, task, budget, `s${seed}`].filter(Boolean).join('-'));
  const command = studyCommand(name, setup);
  // A folder may get more seeds: it is the same study.
  const of = { study: name, ...kept };
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

/** What some studies can be asked for, and others cannot. */
interface Asked {
  readonly task?: string;
  readonly seeds?: number;
}

function setupOf(
  study: AnyStudy,
  { budget = 'small', seed = 1, task, seeds }: StudyFlags & Asked,
  studies: readonly AnyStudy[],
): Setup {
  const asked = <V>(value: V | undefined, can: 'divides' | 'reseeds', wrong: string): value is V => {
    if (value === undefined || study[can]) return value !== undefined;
    const those = studies.filter((one) => one[can]).map((one) => one.name);
    return fail(`study: ${study.name} ${wrong}.`, { fix: `leave it out; it is for ${those.join(', ')}.` });
  };
  let setup: Setup = { budget, seed };
  if (asked(seeds, 'reseeds', 'has the seeds of its budget, and takes no --seeds'))
    setup = { ...setup, seeds };
  if (!asked(task, 'divides', 'is not divided by --task')) return setup;
  const tasks = study.tasks!(setup);
  return { ...setup, task: oneOf(`study: with --budget ${budget} the task of ${study.name}`, task, tasks) };
}

/** The study of a run in place of the models of a study. */
function ofRun(name: string, given: Readonly<Record<string, Value>>, tables: Tables): () => Promise<number> {
  const other = ['budget', 'seed', 'seeds', 'task', 'queue', 'atOnce'].find((flag) => flag in given);
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
