// A data set of very many small files, which have one checksum together: the sha256 of the lines that sha256sum would
// write about them, `SHA256  FOLDER/NAME`, sorted by name.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../graph/check';
import { download, ELSEWHERE, reason, type Transfer } from './download.node';
import { writeWhole } from '../files/wholeFile.node';
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

/** Whether all files of a collection are in the data folder `folder`, and are the published ones. */
export function collectionState(folder: string, collection: Collection): 'present' | 'missing' | 'different' {
  const { names, sha256: wanted } = collection;
  const paths = names.map((name) => join(folder, collection.folder, name));
  if (!paths.every((path) => existsSync(path))) return 'missing';
  return checksum(collection, (i) => readFileSync(paths[i])) === wanted ? 'present' : 'different';
}

/** Downloads what is not there yet, checks all files together, and only then writes the new ones. */
export async function fetchCollection(
  name: string,
  folder: string,
  collection: Collection,
  transfer: Transfer,
): Promise<string> {
  const { names, sha256: wanted } = collection;
  const place = join(folder, collection.folder);
  const fresh: number[] = [];
  const files = names.map((file, i) => {
    const path = join(place, file);
    if (existsSync(path)) return readFileSync(path);
    fresh.push(i);
    return new Uint8Array();
  });
  if (fresh.length) transfer.log(`${name}: ${fresh.length} of ${names.length} files are fetched.`);
  let next = 0;
  const work = async () => {
    while (next < fresh.length) {
      const i = fresh[next++];
      files[i] = Buffer.from(await fromAny(name, collection, names[i], place, transfer));
      if (next % 100 === 0) transfer.log(`${name}: ${next} of ${fresh.length} files`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const found = checksum(collection, (i) => files[i]);
  if (found !== wanted) {
    fail(`data: ${place}: the bytes of its ${names.length} files are not the published ones.`, {
      given: `sha256 ${found} over all, expected ${wanted}; ${names.length - fresh.length} were there already`,
      fix: `move ${place} away and run \`npx seqgpu data ${name}\` again.`,
    });
  }
  for (const i of fresh) writeWhole(join(place, names[i]), files[i], ELSEWHERE);
  transfer.log(fresh.length ? `${place} is ready, sha256 as expected.` : `${place} is there already.`);
  return place;
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
