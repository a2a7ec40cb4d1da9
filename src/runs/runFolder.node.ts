// The folder of a run: settings.json, last.safetensors (continues the run), best.safetensors (the best
// parameters), results.json and report.html. Each file is written beside its place, forced to the disk and
// renamed into it, so that whatever interrupts a run leaves whole files.

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fail } from '../graph/check';
import { progressOf } from '../train/checkpoint';
import type { FitState } from '../train/fit';
import { decodeSafetensors, encodeSafetensors, type Stored } from '../train/safetensors';
import { lockFolder } from './folderLock.node';
import { readSettings, type Settings } from './settings';

const LAST = 'last.safetensors';
const BEST = 'best.safetensors';
const SETTINGS = 'settings.json';
/**
 * What no new run may overwrite. Settings alone are a run that was interrupted before its first checkpoint.
 */
const RESULTS = [LAST, BEST, 'results.json', 'report.html'];

export class RunFolder {
  constructor(readonly path: string) {}

  /** Keeps other processes out until the result is called, or this one ends; `command` is who complains. */
  lock(command: string): () => void {
    if (existsSync(this.path) && !statSync(this.path).isDirectory()) {
      fail(`${command}: ${this.path} is a file, not a folder.`, { fix: 'name another --out.' });
    }
    return lockFolder(this.path, command);
  }

  /** Refuses a folder that holds a run, and one that cannot be written: before hours are spent on it. */
  prepare(): void {
    const found = RESULTS.filter((name) => existsSync(join(this.path, name)));
    if (found.length > 0) {
      fail(`train: ${this.path} holds a run already.`, {
        given: `found ${found.join(', ')}`,
        fix: 'go on with it by --resume, name another --out, or remove the folder.',
      });
    }
    const probe = join(this.path, '.writable');
    writeWhole(probe, '');
    rmSync(probe);
  }

  /** Everything that continuing needs. */
  load(): { settings: Settings; last: Stored; best: Stored; done: number } {
    for (const name of [LAST, SETTINGS, BEST]) {
      if (existsSync(join(this.path, name))) continue;
      fail(`train: there is nothing to resume in ${this.path}.`, {
        given: `${name} is missing`,
        fix: 'name the folder of the run by --out, or leave --resume out to begin one.',
      });
    }
    const settings = this.settings();
    const [last, best] = [LAST, BEST].map((name) => this.read(name));
    const { step } = progressOf(last, join(this.path, LAST)) as Partial<FitState>;
    if (!Number.isSafeInteger(step)) {
      fail(`train: ${join(this.path, LAST)} does not say at which step it is.`, {
        fix: 'begin another run.',
      });
    }
    return { settings, last, best, done: step! };
  }

  /** What was trained and the parameters that were best on validation; undefined where no run has saved any. */
  best(): { settings: Settings; best: Stored } | undefined {
    if (![SETTINGS, BEST].every((name) => existsSync(join(this.path, name)))) return undefined;
    return { settings: this.settings(), best: this.read(BEST) };
  }

  /**
   * A checkpoint. The best parameters come first: a kill between the files leaves an older `last`, and the
   * steps done again from it arrive at the same best.
   */
  save(settings: Settings, last: Stored, best: Stored | null): void {
    this.write(SETTINGS, `${JSON.stringify({ settings }, null, 2)}\n`);
    if (best) this.write(BEST, encodeSafetensors(best));
    this.write(LAST, encodeSafetensors(last));
  }

  /** Writes a file of the run whole, or not at all; gives its path as seen from here. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeWhole(path, content);
    return relative('', path) || path;
  }

  private settings(): Settings {
    const path = join(this.path, SETTINGS);
    const { settings } = parseJson(readFileSync(path, 'utf8'), path) as { settings?: unknown };
    return readSettings(settings, path);
  }

  private read(name: string): Stored {
    const path = join(this.path, name);
    // A copy: the slices of a Buffer share its memory, those of a Uint8Array do not.
    return decodeSafetensors(new Uint8Array(readFileSync(path)), path);
  }
}

export function parseJson(text: string, where: string): object {
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    fail(`${where} is not JSON: ${(error as Error).message}.`, { fix: 'begin another run.' });
  }
}

/** Writes a file beside its place, forced to the disk, and renames it into it. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const partial = `${path}.part`;
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    const file = openSync(partial, 'w');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    fail(`${path} cannot be written: ${(error as Error).message}.`, {
      fix: 'name another folder with --out, or make room.',
    });
  }
}
