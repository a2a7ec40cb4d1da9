// Where the data of a trained run is, for a command that needs more of it than the run's folder keeps: where the flags
// say, or else where the run has found it.

import { basename } from 'node:path';
import { fail } from '../../graph/check';
import { pathsOf, withPaths, type OwnFiles } from '../../runs/ownFiles';
import { sha256At, type Place } from '../../runs/readData.node';
import type { RunFolder } from '../../runs/runFolder.node';
import type { Settings } from '../../runs/settings';
import type { Tables } from '../../runs/tables';
import type { Value } from '../../spec/option';
import type { TaskSpec } from '../../tasks/taskSpec';
import { placeIn, placeWords } from './place';

/** A run, and the command that asks for its data. */
interface Asked {
  readonly spec: TaskSpec;
  readonly settings: Settings;
  readonly folder: RunFolder;
  /** The command line so far, without `npx seqgpu`: `eval runs/a`. */
  readonly command: string;
}

/**
 * The place that the flags name; otherwise, of a user's own files, where the run has found them, if they are there
 * still and the same. Fails with the whole command that names them.
 */
export function placeOfRun(
  { spec, settings, folder, command }: Asked,
  given: Readonly<Record<string, Value>>,
  tables: Tables,
): Place {
  const place = placeIn(given, tables);
  if (!spec.data?.from || place.from || place.parts) return place;
  const files = folder.files();
  const sha256 = files && sha256At(spec, files);
  if (files && sha256 !== undefined && sha256 === settings.sha256) return { ...place, ...files };
  const what = !files
    ? 'are not kept in it, nor where they are'
    : sha256 === undefined
      ? 'are not where they were'
      : 'are not what they were';
  return fail(`${command.split(' ')[0]}: the files that the run in ${folder.path} was begun with ${what}.`, {
    given: known(folder, files, settings, sha256),
    fix: `name them: \`npx seqgpu ${command}${placeWords(wanted(files))}\`.`,
  });
}

/** Which files they were, as far as it is known, and the sha256 that they must have. */
function known(folder: RunFolder, files: OwnFiles | undefined, settings: Settings, now?: string): string {
  const { name } = Object(folder.kept()?.json) as { readonly name?: unknown };
  const names = files ? pathsOf(files).join(', ') : typeof name === 'string' ? name : 'files of your own';
  return `${names}: sha256 ${String(settings.sha256)}${now === undefined ? '' : `, now ${now}`}`;
}

/** The same files somewhere else. */
const wanted = (files?: OwnFiles): OwnFiles =>
  files ? withPaths(files, (path) => `PATH/${basename(path)}`) : { from: ['PATH'] };
