// `seqgpu study context --run FOLDER`: how much of the past a run of one's own uses; and, behind one that translates,
// what others come to whose decoders were trained on their last tokens alone.

import { basename, join, resolve } from 'node:path';
import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import { keptData, readData } from '../../runs/readData.node';
import { RunFolder } from '../../runs/runFolder.node';
import { StudyFolder } from '../../runs/studyFolder.node';
import { taskCalled, type Tables } from '../../runs/tables';
import type { Value } from '../../spec/option';
import { contextOfRun } from '../../studies/context/contextOfRun';
import type { TrainedRun } from '../../studies/context/sightFindings';
import { checkPlace, placeWords } from '../flags/place';
import { placeOfRun } from '../flags/placeOfRun.node';
import type { StudyFlags, StudyJob } from './runStudy.node';

/** The study of the runs that --run names, on the data of the first. */
export async function jobOfRun(given: Readonly<Record<string, Value>>, tables: Tables): Promise<StudyJob> {
  const flags = given as StudyFlags;
  const [path, ...others] = given.run as readonly string[];
  const folder = new RunFolder(path, tables);
  const { settings, best } = trainedIn(folder);
  const spec = taskCalled(settings.task, tables);
  checkPlace(spec, given, tables);
  const command = `study context ${[path, ...others].map((where) => `--run ${shellWord(where)}`).join(' ')}`;
  const place = placeOfRun({ spec, settings, folder, command }, given, tables);
  const data = await readData(spec, settings, place, keptData(spec, folder));
  const { content, facts } = data ?? {};
  const run: TrainedRun = { settings, stored: best, where: path, content, tables };
  const cut = others.map((where) => cutRun(new RunFolder(where, tables), run));
  checkCuts([run, ...cut]);
  const out = flags.out ?? join('runs', `context-of-${basename(resolve(path))}`);
  return {
    study: contextOfRun(run, cut),
    setup: { budget: 'small', seed: settings.seed },
    of: {
      study: 'context',
      run: settings,
      ...(cut.length && { cut: cut.map((one) => one.settings) }),
      sha256: facts?.sha256,
    },
    folder: new StudyFolder(out, 'study'),
    command: `npx seqgpu ${command}${placeWords(place)}`,
    flags,
    tables,
  };
}

const trainedIn = (folder: RunFolder) =>
  folder.best() ??
  fail(`study: there is no checkpoint in ${folder.path}.`, {
    fix: 'name the folder of a run that was trained.',
  });

/** A run whose decoder was trained on its last tokens, as the first was on all. */
function cutRun(folder: RunFolder, first: TrainedRun): TrainedRun {
  const { settings, best } = trainedIn(folder);
  const { settings: wanted, where } = first;
  for (const name of ['task', 'model', 'sha256'] as const) {
    if (settings[name] === wanted[name]) continue;
    fail(
      `study: the runs in ${where} and ${folder.path} are not of one ${name === 'sha256' ? 'data' : name}.`,
      {
        given: `${String(wanted[name])} and ${String(settings[name])}`,
        fix: 'name runs that differ in --truncate.',
      },
    );
  }
  return { ...first, settings, stored: best, where: folder.path };
}

/** Refuses runs that are no curve: the first sees all of a target, each of the others its own number of tokens. */
function checkCuts([first, ...cut]: readonly TrainedRun[]): void {
  if (!cut.length) return;
  const refuse = ({ where }: TrainedRun, what: string, fix: string) =>
    fail(`study: the run in ${where} ${what}.`, { fix });
  if (first.settings.truncate !== undefined)
    refuse(
      first,
      `sees the last ${first.settings.truncate} tokens of a target`,
      'name one first that was trained without --truncate.',
    );
  cut.forEach((one, i) => {
    const { truncate: k } = one.settings;
    if (k === undefined)
      refuse(one, 'sees all of a target', 'behind the first, name runs that were trained with --truncate.');
    if (cut.findIndex(({ settings }) => settings.truncate === k) < i)
      refuse(one, `sees the last ${k} tokens, as another does`, 'name one for each number.');
  });
}
