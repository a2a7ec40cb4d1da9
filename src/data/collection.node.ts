// A data set of very many small files, which have one checksum together: the sha256 of the lines that sha256sum would
// write about them, `SHA256  FOLDER/NAME`, sorted by name.

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../graph/check';
import { download, ELSEWHERE, reason, type Transfer } from './download.node';
import { reading } from '../files/reading.node';
import { makeFolder, syncFolder, writeWhole } from '../files/wholeFile.node';
import { sha256 } from './sha256.node';

/** A data set of many files that are checked together. */
export interface Collection {
  /** In the data folder. */
  readonly folder: string;
  readonly names: readonly string[];
  /** Where a file is found under its name, tried in this order. */
  readonly urls: readonly string[];
  readonly sha256: string;
}

const AT_ONCE = 8;

const bytesAt = (path: string): Uint8Array => reading(path, () => readFileSync(path));

/** Whether all files of a collection are in the data folder `folder`, and are the published ones. */
export function collectionState(folder: string, collection: Collection): 'present' | 'missing' | 'different' {
  const { names, sha256: wanted } = collection;
  const paths = names.map((name) => join(folder, collection.folder, name));
  if (!paths.every((path) => existsSync(path))) return 'missing';
  return checksum(collection, (i) => bytesAt(paths[i])) === wanted ? 'present' : 'different';
}

/**
 * Downloads what is not there yet, checks all files together, and only then puts the new ones in their place. What has
 * come before a failure waits beside it, in FOLDER.partial, for the next call.
 */
export async function fetchCollection(
  name: string,
  folder: string,
  collection: Collection,
  transfer: Transfer,
): Promise<string> {
  const { names, sha256: wanted } = collection;
  const place = join(folder, collection.folder);
  const staged = stagedOf(place);
  const paths = names.map((file) => [place, staged].map((at) => join(at, file)).find(existsSync));
  const missing = names.filter((_, i) => !paths[i]);
  const old = names.filter((file) => existsSync(join(place, file))).length;
  if (missing.length) transfer.log(`${name}: ${missing.length} of ${names.length} files are fetched.`);
  await fetchAll(name, { ...collection, names: missing }, place, transfer);
  const files = names.map((file, i) => bytesAt(paths[i] ?? join(staged, file)));
  const found = checksum(collection, (i) => files[i]);
  if (found !== wanted) {
    // Nobody can tell which of them it is.
    rmSync(staged, { recursive: true, force: true });
    fail(`data: ${place}: the bytes of its ${names.length} files are not the published ones.`, {
      given: `sha256 ${found} over all, expected ${wanted}; ${old} were there already`,
      fix: `${old ? `move ${place} away and ` : ''}run \`npx seqgpu data ${name}\` again.`,
    });
  }
  if (existsSync(staged)) putInPlace(staged, place, names);
  transfer.log(old < names.length ? `${place} is ready, sha256 as expected.` : `${place} is there already.`);
  return place;
}

/** Where files wait that are not checked yet. */
const stagedOf = (place: string): string => `${place}.partial`;

/** Some at once, to where they wait; the first failure stops all. */
async function fetchAll(
  name: string,
  collection: Collection,
  place: string,
  transfer: Transfer,
): Promise<void> {
  const { names } = collection;
  const stop = new AbortController();
  let next = 0;
  const work = async () => {
    while (next < names.length) {
      const file = names[next++];
      const bytes = await fromAny(name, collection, file, place, { ...transfer, signal: stop.signal });
      writeWhole(join(stagedOf(place), file), bytes, ELSEWHERE);
      if (next % 100 === 0) transfer.log(`${name}: ${next} of ${names.length} files`);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    work().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(workers);
  await Promise.all(workers);
}

function putInPlace(staged: string, place: string, names: readonly string[]): void {
  makeFolder(place);
  for (const file of names) {
    if (existsSync(join(staged, file))) renameSync(join(staged, file), join(place, file));
  }
  syncFolder(place);
  rmSync(staged, { recursive: true });
}

async function fromAny(
  name: string,
  { urls }: Collection,
  file: string,
  place: string,
  transfer: Transfer,
): Promise<Uint8Array> {
  const reasons: string[] = [];
  for (const url of urls) {
    try {
      return await download(`${url}/${file}`, { ...transfer, log: () => {} });
    } catch (error) {
      transfer.signal?.throwIfAborted();
      reasons.push(`${url}/${file}: ${reason(error)}`);
    }
  }
  return fail(`data: ${name} could not be downloaded.`, {
    given: reasons.join('\n    '),
    fix: `run it again with a connection, or put the files into ${place} by hand.`,
  });
}

function checksum({ folder, names }: Collection, read: (i: number) => Uint8Array): string {
  const lines = names.map((name, i) => ({ name, i })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return sha256(lines.map(({ name, i }) => `${sha256(read(i))}  ${folder}/${name}\n`).join(''));
}
