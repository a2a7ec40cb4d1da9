// `seqgpu study NAME`: runs a study, keeps every finished part, and puts its numbers beside the published ones.
// Without a name: which studies there are.

import { join } from 'node:path';
import { fail } from '../../graph/check';
import { table } from '../../report/text.node';
import type { AnyStudy, Setup } from '../../runs/study';
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
  const setup: Setup = { budget: flags.budget ?? 'small', seed: flags.seed ?? 1 };
  const out = flags.out ?? join('runs', `${name}-${setup.budget}-s${setup.seed}`);
  const command = `npx seqgpu study ${name} --budget ${setup.budget} --seed ${setup.seed}`;
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

/** The study of a run in place of the models of a study. */
function ofRun(name: string, given: Readonly<Record<string, Value>>, tables: Tables): () => Promise<number> {
  const other = ['budget', 'seed', 'queue', 'atOnce'].find((flag) => flag in given);
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
