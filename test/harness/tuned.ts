// Which models have settings that were chosen for a task.

import { TABLES, taskCalled } from '../../src/runs/tables';

/** The models that a task has settings for; the others begin with settings of their own, or do not read it. */
export function tunedModels(task: string): string[] {
  const { presets } = taskCalled(task, TABLES);
  return TABLES.models.map(({ name }) => name).filter((name) => presets.default?.[name]);
}
