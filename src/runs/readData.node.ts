// The data of a task, read from the data folder or from a user's own files.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bytesAsSource, type ByteSource } from '../data/byteSource';
import { fileSource, filesFrom } from '../data/files.node';
import { dataFile } from '../data/folder.node';
import { reading, statAt } from '../files/reading.node';
import { fail } from '../graph/check';
import { kebabCase, type Values } from '../spec/option';
import type { DataSpec, TaskSpec } from '../tasks/taskSpec';
import { pathsOf, type OwnFiles } from './ownFiles';
import type { RunFolder } from './runFolder.node';
import type { DataFacts } from './settings';

/** What a task reads, and what its settings must know of it. */
export interface TaskData {
  /** What the task's own `make` takes. */
  readonly content: unknown;
  readonly facts: DataFacts;
}

/** Where data is: the value of --data; or, for a task of a user's own files, of --from and of flags of its own. */
export interface Place extends OwnFiles {
  readonly data?: string;
  /** Whether all of a user's own files is measured, in place of the parts of them that validate and test. */
  readonly whole?: boolean;
}

/**
 * The data of a task; undefined for one that draws it. `settings`: those of the task, as far as they are known;
 * `kept`: of the run that they are for, see DataSpec.
 */
export async function readData(
  { name, data }: TaskSpec,
  settings: Values,
  place: Place,
  kept?: unknown,
): Promise<TaskData | undefined> {
  if (!data) return undefined;
  const files = filesOf(name, data, place);
  const parts = partsOf(data, place);
  const { batch, ...own } = settings;
  const { whole } = place;
  const reading = { ...own, batch: batch === undefined ? undefined : Number(batch), whole };
  const content = await data.read(files, reading, parts, kept);
  return { content, facts: { ...data.facts(content), sha256: sha256(files, parts) } };
}

/** What a run has kept in its folder, as data: enough to use its model, without the splits. */
export function keptData({ data }: TaskSpec, folder: RunFolder): unknown {
  const kept = data?.kept && folder.kept();
  return kept && data.kept!(kept.json, kept.where);
}

/**
 * The data that a trained model is used with: what its run has kept, or, where a place is named or nothing was kept,
 * the files, which must be those of the run. A series goes on from other rows, too.
 */
export async function dataOfRun(
  spec: TaskSpec,
  settings: Values,
  folder: RunFolder,
  place: Place,
): Promise<unknown> {
  const named = Boolean(place.data || place.from || place.parts);
  const goesOn = spec.sample?.kind === 'series';
  const kept = named && !goesOn ? undefined : keptData(spec, folder);
  if (kept && !named) return kept;
  const read = await readData(spec, settings, place, kept);
  if (kept || !read || settings.sha256 === read.facts.sha256) return read?.content;
  return fail(`The data of ${spec.name} are not those of the run in ${folder.path}.`, {
    given: `sha256 ${String(settings.sha256)} in the run, ${read.facts.sha256} here`,
    fix: spec.data?.from
      ? 'name the run’s own files by --from.'
      : 'name the folder of the run’s data by --data.',
  });
}

function filesOf(name: string, { files = [], from }: DataSpec, place: Place): ByteSource[] {
  if (!from) return files.map((file) => sourceOf(dataFile(file, { option: place.data })));
  const { from: paths, parts } = place;
  if (paths) return filesFrom(paths, from);
  if (parts && !from.beside) return [];
  const flags = !from.beside && from.parts && Object.keys(from.parts).slice(0, 2).map(flagOf).join(' and ');
  return fail(`${name} needs ${from.what} of your own.`, {
    fix: `give --from FILE${flags ? `, or ${flags}.` : ' or --from FOLDER.'}`,
  });
}

/** The sha256 of a user's own files, as settings have it; undefined where one is not there any more. */
export function sha256At({ name, data }: TaskSpec, files: OwnFiles): string | undefined {
  const there = (path: string) => {
    const found = statAt(path);
    return found?.isFile() || found?.isDirectory();
  };
  if (!data || !pathsOf(files).every(there)) return undefined;
  return sha256(filesOf(name, data, files), partsOf(data, files));
}

/** The files with flags of their own, in the order in which the task names them. */
function partsOf({ from }: DataSpec, { parts = {} }: Place): Record<string, ByteSource> {
  const names = Object.keys(from?.parts ?? {}).filter((name) => name in parts);
  return Object.fromEntries(
    names.map((name) => {
      const path = parts[name];
      if (!statAt(path)?.isFile()) {
        fail(`data: ${path} is no file.`, { fix: `give ${flagOf(name)} a file.` });
      }
      return [name, fileSource(path, basename(path))];
    }),
  );
}

const flagOf = (name: string): string => `--${kebabCase(name)} FILE`;

const sourceOf = (path: string): ByteSource =>
  path.endsWith('.gz') ? bytesAsSource(path, unzipped(path)) : fileSource(path);

function unzipped(path: string): Uint8Array {
  const bytes = reading(path, () => readFileSync(path));
  try {
    return gunzipSync(bytes);
  } catch (reason) {
    return fail(`data: ${path} is no whole gzip file: ${(reason as Error).message}.`, {
      fix: 'move it away and fetch it again by `npx seqgpu data`.',
    });
  }
}

/** The sha256 of files one behind the other; those with flags of their own behind the flags' names. */
function sha256(files: readonly ByteSource[], parts: Readonly<Record<string, ByteSource>>): string {
  const hash = createHash('sha256');
  const add = (file: ByteSource) => {
    for (const piece of file.chunks()) hash.update(piece);
  };
  files.forEach(add);
  for (const [name, file] of Object.entries(parts)) {
    hash.update(`${name}\n`);
    add(file);
  }
  return hash.digest('hex');
}
