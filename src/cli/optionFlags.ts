// Options of tasks, models and training as flags of a command.

import { kebabCase, type Options } from '../spec/option';
import { EPOCHS, STEPS } from '../spec/training';
import { allOptions, type Tables } from '../runs/tables';
import { presetNames } from '../runs/presets';
import type { Flags } from './flags';

/** The options that a person can give, with their defaults in help. */
export const flagsOf = (options: Options): Flags =>
  Object.fromEntries(
    Object.entries(options)
      .filter(([, { preset }]) => !preset)
      .map(([name, { kind, help, absent }]) => [
        kebabCase(name),
        { kind, help: absent === undefined ? help : `${help}; default ${absent}` },
      ]),
  );

/** What is given to any task and model. */
export const settingFlags = (tables: Tables): Flags => flagsOf(allOptions(tables));

/** How long a run is. */
export const LENGTH_FLAGS = flagsOf({ steps: STEPS, epochs: EPOCHS });

/** Which model, and the settings that it begins with. */
export const modelFlags = (tables: Tables) => {
  const models = tables.models.map(({ name }) => name);
  return {
    model: { kind: models, help: `one of ${models.join(', ')}` },
    preset: {
      kind: presetNames(tables),
      help: 'the settings to begin with: default; published, where a paper gives them; or one of the task’s own',
    },
  } satisfies Flags;
};
