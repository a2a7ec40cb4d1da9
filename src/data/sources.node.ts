// The known data sets: where each is public, what its bytes must be, and how it gets into the data folder.
// A file is downloaded into memory, checked by sha256, converted, checked again, written beside its place and
// renamed into it: the folder never holds a part of a file.
// To add a data set, add a row to SOURCES, in sourceTable.node.ts.

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fail } from '../graph/check';
import { collectionState, fetchCollection } from './collection.node';
import { download, ELSEWHERE, megabytes, MOST_BYTES, reason, type Transfer } from './download.node';
import { reading } from '../files/reading.node';
import { writeWhole } from '../files/wholeFile.node';
import { SOURCES, type Source, type SourceFile } from './sourceTable.node';
import { sha256 } from './sha256.node';

export { SOURCES, type Source, type SourceFile };

/** `missing`, or `present`, or `different`: a file is there with other bytes than the published ones. */
export type FileState = 'present' | 'missing' | 'different';

/** A file of a data set, or a collection of files, and whether it is here. */
export interface ListedFile {
  source: Source;
  path: string;
  state: FileState;
}

/** What is known and what of it is in the folder; one entry a file, or a collection of files. */
export function listData(folder: string, sources: readonly Source[] = SOURCES): ListedFile[] {
  return sources.flatMap((source) => {
    const { files, collection } = source;
    const listed = files.map((file) => {
      return { source, path: join(folder, file.path), state: fileState(folder, file) };
    });
    if (!collection) return listed;
    const state = collectionState(folder, collection);
    return [...listed, { source, path: join(folder, collection.folder), state }];
  });
}

/** Where data sets are known from, and how patient a download is. */
export interface FetchOptions {
  sources?: readonly Source[];
  /** Milliseconds before the second try of a broken download; later tries wait longer. */
  retryMs?: number;
  /** Milliseconds without a byte after which a download counts as broken. */
  stallMs?: number;
  /** Milliseconds for one file, all tries together. */
  deadlineMs?: number;
}

/** Brings the files of a data set into the folder, where they are not there yet; returns their paths. */
export async function fetchData(
  name: string,
  folder: string,
  log: (line: string) => void,
  { sources = SOURCES, retryMs = 1000, stallMs = 30_000, deadlineMs = 3_600_000 }: FetchOptions = {},
): Promise<string[]> {
  const source = sources.find((row) => row.name === name);
  if (!source) {
    const known = sources.map((row) => row.name).join(', ');
    fail(`data: "${name}" is not a known data set.`, { fix: `choose one of ${known}.` });
  }
  const transfer = { log, retryMs, stallMs, deadlineMs };
  for (const file of source.files) await fetchFile(name, folder, file, transfer);
  const paths = source.files.map((file) => join(folder, file.path));
  const { collection } = source;
  return collection ? [...paths, await fetchCollection(name, folder, collection, transfer)] : paths;
}

async function fetchFile(name: string, folder: string, file: SourceFile, transfer: Transfer): Promise<void> {
  const target = join(folder, file.path);
  const state = fileState(folder, file);
  if (state === 'present') return transfer.log(`${target} is there already.`);
  if (state === 'different') {
    fail(`data: ${target} is there, but its bytes are not those of the published file.`, {
      given: `sha256 ${sumOf(bytesAt(target), file.gzip)}, expected ${file.sha256}`,
      fix: `move it away and run \`npx seqgpu data ${name}\` again.`,
    });
  }
  const expected = file.downloadSha256 ?? (file.convert ? null : file.sha256);
  const byHand = join(dirname(target), basename(new URL(file.urls[0]).pathname));
  const bytes = existsSync(byHand)
    ? checked(bytesAt(byHand), expected, byHand, file.gzip)
    : await fromAnyUrl(name, file, expected, byHand, transfer);
  const converted = file.convert ? await file.convert(bytes) : bytes;
  writeWhole(target, checked(converted, file.sha256, `${target}, as converted`, file.gzip), ELSEWHERE);
  transfer.log(`${target} is ready: ${megabytes(converted.length)}, sha256 as expected.`);
}

async function fromAnyUrl(
  name: string,
  { urls, gzip }: SourceFile,
  expected: string | null,
  byHand: string,
  transfer: Transfer,
): Promise<Uint8Array> {
  const reasons: string[] = [];
  for (const url of urls) {
    try {
      return checked(await download(url, transfer), expected, url, gzip);
    } catch (error) {
      reasons.push(
        error instanceof Error && error.message.includes(url) ? error.message : `${url}: ${reason(error)}`,
      );
    }
  }
  fail(`data: ${name} could not be downloaded.`, {
    given: reasons.join('\n    '),
    fix: `run it again with a connection, or put the file in its place by hand:
    curl -L --create-dirs -o "${byHand}" "${urls[0]}"`,
  });
}

function fileState(folder: string, file: SourceFile): FileState {
  const path = join(folder, file.path);
  if (!existsSync(path)) return 'missing';
  return sumOf(bytesAt(path), file.gzip) === file.sha256 ? 'present' : 'different';
}

/** The same bytes, when their sha256 is the expected one, where one is known. */
function checked(bytes: Uint8Array, expected: string | null, where: string, gzip?: boolean): Uint8Array {
  if (expected === null) return bytes;
  const sum = sumOf(bytes, gzip);
  if (sum === expected) return bytes;
  fail(`data: ${where} has other bytes than the published file.`, {
    given: `${bytes.length} bytes, sha256 ${sum}, expected ${expected}`,
  });
}

const bytesAt = (path: string): Uint8Array => reading(path, () => readFileSync(path));

/** The sha256 of bytes, or of what they are the gzip of; what is cut short, or has more than any file, has its own. */
function sumOf(bytes: Uint8Array, gzip = false): string {
  try {
    return sha256(gzip ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes);
  } catch {
    return sha256(bytes);
  }
}
