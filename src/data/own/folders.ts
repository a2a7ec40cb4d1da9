// What of a folder of a user's own is read, and what its files are called: in Node as in a page.

import { fail } from '../../graph/check';

/** Which files of a folder are meant, and what they are called. */
export interface FromOptions {
  /** Endings of the files of a folder that are read, without the dot, in small letters; default: all files. */
  readonly endings?: readonly string[];
  /** What is looked for, for messages: "MIDI files". */
  readonly what: string;
}

/** Whether a file or a folder of that name is passed over where it is not named itself. */
export const isPassedOver = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

/** Those of the files of a folder that are meant; refuses a folder that has none. */
export function wantedIn(
  folder: string,
  files: readonly string[],
  { endings, what }: FromOptions,
): readonly string[] {
  const wanted = files.filter((file) => !endings || endings.includes(endingOf(file)));
  if (wanted.length) return wanted;
  return fail(`data: ${folder} has no ${what}.`, {
    given: files.length ? `${files.length} files: ${endingsIn(files)}` : 'the folder is empty',
    fix: endings
      ? `what is looked for ends in ${endings.map((one) => `.${one}`).join(', ')}.`
      : 'name a folder that has some, or a file.',
  });
}

/**
 * What a file is called that lies in a named folder: its path below it, whose first folder may be its class. Where
 * several are named, a folder that has the file directly may itself be the class, and stands before it.
 */
export const nameBelow = (folder: string, below: string, several: boolean): string =>
  several && !/[/\\]/.test(below) ? `${folder}/${below}` : below;

const endingOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? '';

/** How many files have which ending, the most frequent first. */
function endingsIn(paths: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(endingOf(path), (counts.get(endingOf(path)) ?? 0) + 1);
  const ranked = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
  return ranked
    .map(([ending, count]) => `${count} ${ending ? `.${ending}` : 'without an ending'}`)
    .join(', ');
}
