// Which models have settings that were chosen for a task.

import { isTuned } from '../../src/runs/presets';
import { TABLES, pairOf } from '../../src/runs/tables';

/** The models that a task has settings for; the others begin with settings of their own. */
export const tunedModels = (task: string): string[] =>
  TABLES.models.map(({ name }) => name).filter((name) => isTuned(pairOf(task, name, TABLES)));
