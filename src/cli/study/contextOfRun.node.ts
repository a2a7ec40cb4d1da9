// `seqgpu study context --run FOLDER`: how much of the past a run of one's own uses.

import { basename, join, resolve } from 'node:path';
import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import { keptData, readData } from '../../runs/readData.node';
import { RunFolder } from '../../runs/runFolder.node';
import { StudyFolder } from '../../runs/studyFolder.node';
import { taskCalled, type Tables } from '../../runs/tables';
import type { Value } from '../../spec/option';
import { contextOfRun } from '../../studies/context/contextOfRun';
import { checkPlace, placeIn, placeWords } from '../flags/place';
import type { StudyFlags, StudyJob } from './runStudy.node';

/** The study of the run that --run names, on its data. */
export async function jobOfRun(given: Readonly<Record<string, Value>>, tables: Tables): Promise<StudyJob> {
  const flags = given as StudyFlags;
  const path = String(given.run);
  const folder = new RunFolder(path, tables);
  const { settings, best } =
    folder.best() ??
    fail(`study: there is no checkpoint in ${path}.`, { fix: 'name the folder of a run that was trained.' });
  const spec = taskCalled(settings.task, tables);
  checkPlace(spec, given, tables);
  const place = placeIn(given, tables);
  const data = await readData(spec, settings, place, keptData(spec, folder));
  const { content, facts } = data ?? {};
  const out = flags.out ?? join('runs', `context-of-${basename(resolve(path))}`);
  return {
    study: contextOfRun({ settings, stored: best, where: path, content, tables }),
    setup: { budget: 'small', seed: settings.seed },
    of: { study: 'context', run: settings, sha256: facts?.sha256 },
    folder: new StudyFolder(out, 'study'),
    command: `npx seqgpu study context --run ${shellWord(path)}${placeWords(place)}`,
    flags,
    tables,
  };
}
