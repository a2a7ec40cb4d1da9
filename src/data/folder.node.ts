// The data folder: --data DIR, else SEQGPU_DATA, else a folder in the user's cache; and the files in it.

import { join, resolve } from 'node:path';
import { shellWord } from '../files/shellWord';
import { cacheFolder } from '../files/home.node';
import { checkFolder, statAt } from '../files/reading.node';
import { fail } from '../graph/check';
import { SOURCES, type Source } from './sources.node';

/** Where the data folder is looked for; default: as this process has it. */
export interface FolderOptions {
  /** The value of --data. */
  option?: string;
  env?: Readonly<Record<string, string | undefined>>;
  platform?: string;
}

/** The absolute path of the data folder; the folder itself may not be there yet. */
export function dataFolder(options: FolderOptions = {}): string {
  const { folder, because } = choose(options);
  checkFolder(folder, because);
  return folder;
}

/** The path of a file in the data folder, such as `poly-music/jsb-chorales.json`; throws if it is missing. */
export function dataFile(
  name: string,
  options: FolderOptions & { sources?: readonly Source[] } = {},
): string {
  const { folder, because } = choose(options);
  checkFolder(folder, because);
  const path = join(folder, name);
  if (statAt(path)?.isFile()) return path;
  const source = (options.sources ?? SOURCES).find(
    (row) =>
      row.files.some((file) => file.path === name) ||
      (row.collection && name.startsWith(`${row.collection.folder}/`)),
  );
  const elsewhere = options.option ? ` --data ${shellWord(options.option)}` : '';
  const command = source ? `npx seqgpu data ${source.name}${elsewhere}` : 'npx seqgpu data';
  fail(`data: ${name} is missing.`, {
    given: `looked in ${folder} (${because})`,
    fix: source
      ? `run \`${command}\`, or name another folder with --data DIR.`
      : `see \`${command}\` for known files.`,
  });
}

function choose({ option, env = process.env, platform = process.platform }: FolderOptions): {
  folder: string;
  because: string;
} {
  if (option) return { folder: resolve(option), because: 'from --data' };
  if (env.SEQGPU_DATA) return { folder: resolve(env.SEQGPU_DATA), because: 'from SEQGPU_DATA' };
  return {
    folder: join(cacheFolder(env, platform), 'seqgpu'),
    because: 'the cache; neither --data nor SEQGPU_DATA is set',
  };
}
