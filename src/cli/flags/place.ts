// Where data is: the flags of a command, and whether a task has use for them.

import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import { kebabCase, type Value } from '../../spec/option';
import type { Place } from '../../runs/readData.node';
import type { Tables } from '../../runs/tables';
import type { TaskSpec } from '../../tasks/taskSpec';
import type { Flags } from './flags';

/** The folder of the published data sets. */
export const DATA_FLAGS = {
  data: { kind: 'text', help: 'the data folder; otherwise SEQGPU_DATA, otherwise a folder in the cache' },
} as const satisfies Flags;

/** The flags of data: that folder, and a user's own files. */
export const PLACE_FLAGS = {
  ...DATA_FLAGS,
  from: { kind: 'paths', help: 'your own file or folder, for a task that trains on it; may be given again' },
} as const satisfies Flags;

/** The names, in camelCase, of files that have flags of their own, and what each is. */
const partsOf = ({ tasks }: Tables): Readonly<Record<string, string>> =>
  Object.assign({}, ...tasks.map(({ data }) => data?.from?.parts ?? {}));

/** Files in place of --from, of the tasks that have flags for them. */
export const partFlags = (tables: Tables): Flags => flagsOfParts(partsOf(tables));

/** The flags of such files, by their names in camelCase. */
export const flagsOfParts = (parts: Readonly<Record<string, string>>): Flags =>
  Object.fromEntries(
    Object.entries(parts).map(([name, help]) => [kebabCase(name), { kind: 'text', help } as const]),
  );

type Given = Readonly<Record<string, Value>>;

/** The place of data that the flags name. */
export function placeIn(given: Given, tables: Tables): Place {
  const { data, from } = given;
  const parts = Object.keys(partsOf(tables)).filter((name) => name in given);
  return {
    data: data === undefined ? undefined : String(data),
    from: Array.isArray(from) ? from.map(String) : undefined,
    parts: parts.length ? Object.fromEntries(parts.map((name) => [name, String(given[name])])) : undefined,
  };
}

/** The flags that name a user's own files, as they are typed, with a space before each. */
export const placeWords = ({ from = [], parts = {} }: Place): string =>
  [...from.map((path) => ['from', path] as const), ...Object.entries(parts)]
    .map(([name, path]) => ` --${kebabCase(name)} ${shellWord(path)}`)
    .join('');

/** Refuses a place that the task does not look at. */
export function checkPlace({ name, data }: TaskSpec, given: Given, tables: Tables): void {
  const refuse = (flag: string, fix: string) => {
    if (flag in given) fail(`--${kebabCase(flag)} does not go with ${name}.`, { fix });
  };
  const own = data?.from?.parts ?? {};
  for (const part of Object.keys(partsOf(tables))) {
    const others = tables.tasks.filter((one) => part in (one.data?.from?.parts ?? {}));
    if (!(part in own))
      refuse(part, `only ${others.map((one) => one.name).join(', ')} has such files; leave it out.`);
  }
  if (!data) for (const flag of ['data', 'from']) refuse(flag, 'its data is drawn, not read; leave it out.');
  else if (data.from) refuse('data', `its data is your own; give --from, ${data.from.what}.`);
  else refuse('from', 'it has a published data set, in the folder that --data names.');
}
