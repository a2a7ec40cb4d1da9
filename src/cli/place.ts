// Where data is: the flags of a command, and whether a task has use for them.

import { fail } from '../graph/check';
import type { Value } from '../spec/option';
import type { Place } from '../runs/readData.node';
import type { TaskSpec } from '../tasks/taskSpec';
import type { Flags } from './flags';

/** The folder of the published data sets. */
export const DATA_FLAGS = {
  data: { kind: 'text', help: 'the data folder; otherwise SEQGPU_DATA, otherwise a folder in the cache' },
} as const satisfies Flags;

/** That, and a user's own files. */
export const PLACE_FLAGS = {
  ...DATA_FLAGS,
  from: { kind: 'paths', help: 'your own file or folder, for a task that trains on it; may be given again' },
} as const satisfies Flags;

type Given = Readonly<Record<string, Value>>;

/** The place that was given. */
export const placeIn = ({ data, from }: Given): Place => ({
  data: data === undefined ? undefined : String(data),
  from: Array.isArray(from) ? from.map(String) : undefined,
});

/** Refuses a place that the task does not look at. */
export function checkPlace({ name, data }: TaskSpec, given: Given): void {
  const refuse = (flag: string, fix: string) => {
    if (flag in given) fail(`train: --${flag} does not go with ${name}.`, { fix });
  };
  if (!data) for (const flag of ['data', 'from']) refuse(flag, 'its data is drawn, not read; leave it out.');
  else if (data.from) refuse('data', `its data is your own; give --from, ${data.from.what}.`);
  else refuse('from', 'it has a published data set, in the folder that --data names.');
}
