// What a piece of evidence has of the results that it is from.

import { studyCommand } from '../../runs/study';
import type { Evidence, Verdict } from './claim';
import type { RunSource, StudySource } from './sources';

interface Told {
  readonly experiment: string;
  readonly ours: string;
  readonly published?: string;
  readonly verdict: Verdict;
}

/** Evidence of a study, with its command, time and folder. */
export function evidenceOf({ folder, name, setup, seconds }: StudySource, told: Told): Evidence {
  const command = studyCommand(name, setup).replace(/ --seed 1$/, '');
  return { published: '–', ...told, command, seconds, folder: `study-${folder}` };
}

/** Evidence of single runs, which are made again by the settings in their folders. */
export function evidenceOfRuns(
  runs: readonly (readonly [folder: string, run: RunSource])[],
  told: Told,
): Evidence {
  const [[folder, { settings }]] = runs;
  return {
    published: '–',
    ...told,
    command: `npx seqgpu train ${String(settings.task)} --model ${String(settings.model)} …`,
    seconds: runs.reduce((sum, [, { seconds }]) => sum + seconds, 0),
    folder,
  };
}
