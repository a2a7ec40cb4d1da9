// Options of tasks, models and training as flags of a command.

import { kebabCase, type Option, type Options, type Value, type Values } from '../../spec/option';
import { BATCH, EPOCHS, STEPS, TRAINING } from '../../spec/training';
import { allOptions, type Tables } from '../../runs/tables';
import { presetNames } from '../../runs/presets';
import type { Flags } from './flags';

/** The options that a person can give, with their defaults in help; `here`: the values that they have where we are. */
export const flagsOf = (options: Options, here: Values = {}): Flags =>
  Object.fromEntries(
    Object.entries(options)
      .filter(([, { preset }]) => !preset)
      .map(([name, { kind, help, absent }]) => {
        const value = here[name];
        const meant = value === undefined ? absent && `default ${absent}` : `here ${shown(value)}`;
        return [kebabCase(name), { kind, help: [withChoices(help, kind), meant].filter(Boolean).join('; ') }];
      }),
  );

const shown = (value: Value): string => (Array.isArray(value) ? value.join() : String(value));

/** The words to choose from, where the help does not name them already. */
function withChoices(help: string, kind: Option['kind']): string {
  if (typeof kind === 'string' || kind.every((word) => help.includes(word))) return help;
  return `${help}: ${kind.join(', ')}`;
}

/** What is given to any task and model. */
export const settingFlags = (tables: Tables): Flags => flagsOf(allOptions(tables));

/** How a model is trained, whichever it is. */
export const TRAINING_FLAGS = flagsOf({ ...TRAINING, batch: BATCH });

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
