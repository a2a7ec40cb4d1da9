// Files as a task reads them: a text that comes with the page, or what a person dropped, read piece by piece.

import { bytesAsSource, type ByteSource } from '../../../src/data/byteSource';
import { isPassedOver, nameBelow, wantedIn, type FromOptions } from '../../../src/data/own/folders';
import { fail } from '../../../src/graph/check';
import type { DataSpec, TaskSpec } from '../../../src/tasks/taskSpec';
import type { DataFacts } from '../../../src/runs/settings';
import type { Values } from '../../../src/spec/option';
import type { Files, OwnFile } from './messages';

/** What a task reads, and what its settings must know of it. */
export interface TaskData {
  readonly content: unknown;
  readonly facts: DataFacts;
  readonly notes: readonly string[];
}

/** In workers alone, which TypeScript's names of a page do not have. */
declare class FileReaderSync {
  readAsArrayBuffer(part: Blob): ArrayBuffer;
}

const PIECE = 2 ** 22;

const sourceOf = (file: File, name: string): ByteSource => ({
  name,
  size: file.size,
  *chunks() {
    const reader = new FileReaderSync();
    for (let at = 0; at < file.size; at += PIECE) {
      yield new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + PIECE)));
    }
  },
});

/** A file beside the page, unzipped where it is not read as it is. */
async function fetched(path: string, name: string): Promise<ByteSource> {
  const response = await fetch(new URL(path, folder()));
  if (!response.ok || !response.body) {
    fail(`${name} is not where the page is.`, { fix: 'load the page again.' });
  }
  const zipped = path.endsWith('.gz');
  const body = zipped ? response.body.pipeThrough(new DecompressionStream('gzip')) : response.body;
  return bytesAsSource(name, new Uint8Array(await new Response(body).arrayBuffer()));
}

/** Files of the data folder that the server of the page has; none of a page that any host serves. */
export const filesBeside = async (): Promise<readonly string[]> =>
  (await (await fetch(new URL('data/index.json', folder()))).json()) as string[];

/** The folder of the page: a worker's script lies in one of its folders. */
const folder = (): string => new URL('..', self.location.href).href;

/** What was read last: a form asks for it again at every change of a setting. */
let last: { readonly key: string; readonly data: Promise<TaskData> } | undefined;

/** The data of a task; undefined of one that draws it. */
export async function readFiles(
  { name, title, data, options }: TaskSpec,
  settings: Values,
  files: Files | undefined,
): Promise<TaskData | undefined> {
  if (!data) return undefined;
  const { batch } = settings;
  // What reading depends on.
  const own = Object.fromEntries(Object.keys(options).map((option) => [option, settings[option]]));
  const reading = { ...own, batch: batch === undefined ? undefined : Number(batch) };
  const key = JSON.stringify([name, reading, filesKey(files)]);
  if (last?.key === key) return last.data;
  const made = read({ title, data }, reading, files);
  last = { key, data: made };
  // What failed may do when it is asked for again.
  made.catch(() => (last = undefined));
  return made;
}

type Reading = Parameters<DataSpec['read']>[1];

async function read(
  task: { readonly title: string; readonly data: DataSpec },
  reading: Reading,
  files: Files | undefined,
): Promise<TaskData> {
  const { data } = task;
  const sources = await sourcesOf(task, files);
  const content = await data.read(sources, reading);
  const facts = { ...data.facts(content), sha256: await sha256(sources) };
  return { content, facts, notes: data.notes?.(content) ?? [] };
}

/** Bytes of which a browser makes a sha256 at once, as it only can. */
const MOST_AT_ONCE = 2 ** 26;

/** The sha256 of files one behind the other, by which a run knows its data again; of larger ones their size and names. */
async function sha256(sources: readonly ByteSource[]): Promise<string> {
  const size = sources.reduce((sum, one) => sum + one.size, 0);
  if (size > MOST_AT_ONCE) return `none of ${size} bytes: ${sources.map(({ name }) => name).join(', ')}`;
  const all = new Blob(sources.flatMap((one) => [...one.chunks()] as BlobPart[]));
  const hash = await crypto.subtle.digest('SHA-256', await all.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const filesKey = (files: Files | undefined): unknown =>
  files &&
  ('sample' in files
    ? files.sample
    : files.own.map(({ path, file }) => [path, file.size, file.lastModified]));

async function sourcesOf(
  { title, data }: { readonly title: string; readonly data: DataSpec },
  files: Files | undefined,
): Promise<readonly ByteSource[]> {
  if (!data.from) {
    const beside = await filesBeside();
    const paths = data.files ?? [];
    if (paths.every((path) => beside.includes(path))) {
      return Promise.all(paths.map((path) => fetched(`data/${path}`, path)));
    }
    return fail(`${title} reads files of the data folder, which this page does not have.`, {
      fix: `serve it by \`npx seqgpu live\` where the files are, after \`npx seqgpu data\`: ${paths.join(', ')}.`,
    });
  }
  if (!files)
    return fail(`${title}: there is no file yet.`, { fix: `drop ${data.from.what}, or choose them.` });
  if ('sample' in files) return sampleOf(files.sample);
  return ownRead(files.own, data.from).map(({ file, name }) => sourceOf(file, name));
}

/** A sample of the page: a file; or a folder, whose files stand in its list. */
async function sampleOf(name: string): Promise<readonly ByteSource[]> {
  if (name.includes('.')) return [await fetched(`samples/${name}`, name)];
  const list = await fetch(new URL(`samples/${name}/index.json`, folder()));
  const names = (await list.json()) as string[];
  return Promise.all(names.map((one) => fetched(`samples/${name}/${one}`, one)));
}

/** The files of a wish, without those of its folders that its task does not read. */
export function filesRead(files: Files | undefined, { data }: TaskSpec): Files | undefined {
  if (!files || 'sample' in files || !data?.from) return files;
  return { own: ownRead(files.own, data.from) };
}

/** Files of one's own in the order, and under the names, in which the command line has them. */
function ownRead(own: readonly OwnFile[], from: FromOptions): (OwnFile & { readonly name: string })[] {
  const files = new Map(own.map(({ path, file }) => [path, file]));
  const roots = [...new Set(own.map(({ path }) => path.split('/')[0]))].sort(byFolder);
  return roots.flatMap((root) => {
    const alone = files.get(root);
    if (alone) return [{ path: root, file: alone, name: root }];
    const below = [...files.keys()]
      .filter((path) => path.startsWith(`${root}/`))
      .map((path) => path.slice(root.length + 1))
      .filter((path) => !path.split('/').some(isPassedOver));
    return wantedIn(root, below.sort(byFolder), from).map((one) => {
      const path = `${root}/${one}`;
      return { path, file: files.get(path)!, name: nameBelow(root, one, roots.length > 1) };
    });
  });
}

/** By the first name that differs, as one who goes through the folders meets them. */
function byFolder(a: string, b: string): number {
  const [one, other] = [a.split('/'), b.split('/')];
  const at = one.findIndex((name, i) => name !== other[i]);
  return one[at] < other[at] ? -1 : 1;
}
