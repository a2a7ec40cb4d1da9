// Runs that this browser keeps, so that they go on when the page was closed: a folder each in the page's private file
// system, with the files that `npx seqgpu train` has in a folder, whole at every moment. Who has a run holds a lock of its
// name, which goes with its worker, however that ends.

import { fail } from '../../../src/graph/check';
import { readSettings, resumeSettings, type DataFacts, type Settings } from '../../../src/runs/settings';
import type { Resumed } from '../../../src/train/bestParameters';
import { progressOf } from '../../../src/train/checkpoint';
import { fitState, sinceBest, type FitState } from '../../../src/train/fitState';
import { decodeSafetensors, safetensorsParts, type Stored } from '../../../src/train/safetensors';
import type { Files, Keep, KeptRun, OwnFile, Wish } from './messages';

const FOLDER = 'seqgpu-runs';
const RECORD = 'run.json';
const [BEST, LAST, WEIGHTS] = ['best.safetensors', 'last.safetensors', 'weights.safetensors'];
const dataName = (i: number): string => `data-${i}`;

/** Runs that are kept; of more the oldest go. */
const MOST = 5;
/** Bytes of files of one's own that are copied for a run. */
const MOST_BYTES = 2 ** 28;

/** What is written of a run beside its checkpoints. */
interface Written extends Omit<KeptRun, 'id' | 'open' | 'wish'> {
  readonly wish: Pick<Wish, 'task' | 'model' | 'given'>;
  readonly settings: Settings;
  readonly sample?: string;
  /** Paths of files of one's own, and the name of that of weights to begin with. */
  readonly own?: readonly string[];
  readonly weights?: string;
}

const lockOf = (id: string): string => `seqgpu run ${id}`;

/** The folder of all runs. */
async function runsFolder(): Promise<FileSystemDirectoryHandle> {
  const origin = await navigator.storage.getDirectory();
  return origin.getDirectoryHandle(FOLDER, { create: true });
}

/** Writes a file whole, or not at all. */
async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  parts: readonly (Uint8Array | Blob | string)[],
): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  try {
    for (const part of parts) await stream.write(part as FileSystemWriteChunkType);
    await stream.close();
  } catch (error) {
    await stream.abort().catch(() => {});
    throw error;
  }
}

/** The file of that name; undefined where there is none, or nothing in it yet. */
async function fileIn(folder: FileSystemDirectoryHandle, name: string): Promise<File | undefined> {
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return file.size ? file : undefined;
  } catch (error) {
    if ((error as DOMException).name === 'NotFoundError') return undefined;
    throw error;
  }
}

async function needed(folder: FileSystemDirectoryHandle, name: string): Promise<File> {
  const file = await fileIn(folder, name);
  return file ?? fail(`${name} of the kept run is missing.`, { fix: 'remove it, and begin another.' });
}

async function storedIn(folder: FileSystemDirectoryHandle, name: string): Promise<Stored | null> {
  const file = await fileIn(folder, name);
  return file ? decodeSafetensors(new Uint8Array(await file.arrayBuffer()), name) : null;
}

async function recordIn(folder: FileSystemDirectoryHandle): Promise<Written> {
  const file = await needed(folder, RECORD);
  return JSON.parse(await file.text()) as Written;
}

/** A file of the folder under the name that it had. */
const named = async (folder: FileSystemDirectoryHandle, name: string, own: string): Promise<File> =>
  new File([await needed(folder, name)], own);

const ownIn = async (folder: FileSystemDirectoryHandle, name: string, path: string): Promise<OwnFile> => ({
  path,
  file: await needed(folder, name),
});

/** The wish of a run, with its files. */
async function wishIn(folder: FileSystemDirectoryHandle, written: Written): Promise<Wish> {
  const { wish, sample, own, weights } = written;
  const files: Files | undefined = own
    ? { own: await Promise.all(own.map((path, i) => ownIn(folder, dataName(i), path))) }
    : sample === undefined
      ? undefined
      : { sample };
  return { ...wish, files, ...(weights && { weights: await named(folder, WEIGHTS, weights) }) };
}

/** All runs that can go on, the newest first; what cannot be read is none. */
export async function keptRuns(): Promise<KeptRun[]> {
  const found: KeptRun[] = [];
  const { held = [] } = await navigator.locks.query();
  const open = new Set(held.map(({ name }) => name));
  const runs = await runsFolder();
  for await (const id of runs.keys()) {
    try {
      const folder = await runs.getDirectoryHandle(id);
      const written = await recordIn(folder);
      if (!(await fileIn(folder, LAST))) continue;
      const { scene, heading, step, steps, at } = written;
      const wish = await wishIn(folder, written);
      found.push({ id, scene, heading, step, steps, at, wish, open: open.has(lockOf(id)) });
    } catch {
      // Half removed, or of another version of the page.
    }
  }
  return found.sort((a, b) => b.at - a.at);
}

/** Removes a run that is not under way. */
export async function forget(id: string): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  if (held.some(({ name }) => name === lockOf(id))) return;
  await (await runsFolder()).removeEntry(id, { recursive: true });
}

/** Removes the oldest runs, and what is left of those that were never kept, to make room for another. */
async function makeRoom(): Promise<void> {
  const known = await keptRuns();
  const stay = new Set(known.slice(0, MOST - 1).map(({ id }) => id));
  const ids: string[] = [];
  for await (const id of (await runsFolder()).keys()) ids.push(id);
  for (const id of ids) if (!stay.has(id)) await forget(id);
}

/** Takes the lock of a run until this worker ends; false where another has it. */
const taken = (id: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const hold = (lock: Lock | null) => {
      resolve(lock !== null);
      return lock ? new Promise<never>(() => {}) : undefined;
    };
    navigator.locks.request(lockOf(id), { ifAvailable: true }, hold).catch(reject);
  });

/** A run that goes on: what it is, and from where. */
export interface Continued {
  readonly settings: Settings;
  readonly resume: Resumed;
  readonly state: FitState;
}

/** The place of a run, which this worker has. */
export class KeptPlace {
  private written?: Written;

  private constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly scene: string,
  ) {}

  /** Takes a place that nobody else has. */
  static async take({ id, scene, resume = false }: Keep): Promise<KeptPlace> {
    if (!(await taken(id)))
      fail('This run is under way in another tab.', { fix: 'stop it there, or close that tab.' });
    if (!resume) await makeRoom();
    const runs = await runsFolder();
    return new KeptPlace(await runs.getDirectoryHandle(id, { create: !resume }), scene);
  }

  /** Writes down what the run is, with copies of its files. */
  async begin(
    { task, model, given, files, weights }: Wish,
    settings: Settings,
    heading: string,
  ): Promise<void> {
    const own = files && 'own' in files ? files.own : [];
    const bytes = own.reduce((sum, { file }) => sum + file.size, 0);
    if (bytes > MOST_BYTES) {
      fail(
        `its files have ${Math.round(bytes / 1e6)} MB, of which a copy is kept up to ${MOST_BYTES / 2 ** 20} MB`,
      );
    }
    for (const [i, { file }] of own.entries()) await write(this.folder, dataName(i), [file]);
    if (weights) await write(this.folder, WEIGHTS, [weights]);
    this.written = {
      ...{ scene: this.scene, heading, settings, wish: { task, model, given } },
      ...{ step: 0, steps: settings.steps, at: Date.now() },
      ...(own.length && { own: own.map(({ path }) => path) }),
      ...(files && 'sample' in files && { sample: files.sample }),
      ...(weights && { weights: weights.name }),
    };
    await this.note(0);
  }

  /** Keeps a checkpoint. The best parameters come first, see RunFolder.save. */
  async save(last: Stored, best: Stored | null): Promise<number> {
    if (best) await write(this.folder, BEST, safetensorsParts(best));
    await write(this.folder, LAST, safetensorsParts(last));
    const { step } = fitState(progressOf(last, LAST), LAST);
    await this.note(step);
    return step;
  }

  /** What the run goes on from; its data must be those that it was begun with. */
  async load({ task, model }: Wish, data: DataFacts | undefined): Promise<Continued> {
    this.written = await recordIn(this.folder);
    const [last, best] = [await storedIn(this.folder, LAST), await storedIn(this.folder, BEST)];
    if (!last) return fail('There is nothing to go on from.', { fix: 'begin another run.' });
    const state = fitState(progressOf(last, LAST), LAST);
    const stored = readSettings(this.written.settings, RECORD);
    const now = { task, model, given: {}, data, done: state.step, sinceBest: sinceBest(state) };
    return { settings: resumeSettings(stored, now), resume: { last, best }, state };
  }

  private async note(step: number): Promise<void> {
    this.written = { ...this.written!, step, at: Date.now() };
    await write(this.folder, RECORD, [JSON.stringify(this.written)]);
  }
}
