// What a piece of evidence has of the results that it is from.

import type { Evidence, Verdict } from './claim';
import type { RunSource, StudySource } from './sources';

interface Told {
  readonly experiment: string;
  readonly ours: string;
  readonly published?: string;
  readonly verdict: Verdict;
}

/** Evidence of a study, with its command, time and folder. */
export function evidenceOf({ name, setup, seconds }: StudySource, told: Told): Evidence {
  return {
    published: '–',
    ...told,
    command: `npx seqgpu study ${name} --budget ${setup.budget}`,
    seconds,
    folder: `study-${name}`,
  };
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
