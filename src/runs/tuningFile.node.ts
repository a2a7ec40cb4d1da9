// `--tuning FILE`: which kernels suit an adapter, measured once and read from then on. Without it nothing is measured:
// a run takes what the user's cache has for the adapter, and `none` has it take nothing. A run keeps what it began with
// in its folder, and goes on with that, so that its bits are the same whatever has been measured meanwhile.

import { existsSync } from 'node:fs';
import type { Outputs } from '../files/outputs.node';
import { writeWhole } from '../files/wholeFile.node';
import { readTable, tableText } from '../gpu/device/tuningCache.node';
import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import { Tuning, type TuningTable } from '../graph/tuning';

interface Content extends TuningTable {
  /** Nobody asked for it: it was in the user's cache. */
  readonly cached?: true;
}

/** Has a run take no kernels but the likeliest. */
const NONE = 'none';

/** A file of kernels that were measured on an adapter. */
export class TuningFile {
  private content: Content | null = null;

  /** `kept`: where a run keeps it too. `none`: nothing is taken from the cache either. */
  constructor(
    private readonly path?: string,
    private readonly kept?: string,
    private readonly none = false,
  ) {}

  /** The tuning of a run that begins, or goes on, in a folder that has `kept`. */
  static ofRun(path: string | undefined, kept: string, resumed: boolean, outputs: Outputs): TuningFile {
    // A run that was killed before its first checkpoint has it already, too.
    if (existsSync(kept) && path === NONE) {
      fail('--tuning none: the run was begun with kernels that were measured.', {
        given: `they are in ${kept}`,
        fix: 'leave it out, or begin another run with another --out.',
      });
    }
    if (existsSync(kept)) return new TuningFile(kept);
    if (path === NONE) return new TuningFile(undefined, kept, true);
    if (!resumed) {
      // What is there is read, and not written.
      if (path !== undefined) outputs.file(path, { from: '--tuning', kind: 'JSON', isOurs: () => true });
      return new TuningFile(path, kept);
    }
    if (path === undefined) return new TuningFile(undefined, kept, true);
    fail('--tuning: the run was begun without it.', {
      given: `there is no ${kept}`,
      fix: 'leave it out, or begin another run with another --out.',
    });
  }

  /** There is a path and nothing at it yet. */
  get missing(): boolean {
    return this.path !== undefined && this.content === null;
  }

  /** What `open` takes: of the file, if it is there; undefined for what the cache has. */
  read(): Tuning | undefined {
    if (this.none) return new Tuning();
    if (this.path === undefined || !existsSync(this.path)) return undefined;
    this.content = readTable(this.path, '--tuning');
    return new Tuning(this.content);
  }

  /**
   * Refuses what was measured on another adapter; what the cache had there is let go of. Without a file the run keeps
   * what the engine has from the cache.
   */
  check(engine: Pick<Engine, 'name' | 'tuning'> & Partial<Pick<Engine, 'traits'>>): void {
    const { name, tuning: kernels } = engine;
    if (!this.content) {
      if (this.path === undefined && Object.keys(kernels).length)
        this.content = { adapter: name, kernels, cached: true };
      return;
    }
    if (this.content.adapter === name) return;
    if (this.content.cached) {
      if (engine.traits) engine.traits.tuning = undefined;
      return;
    }
    fail(`--tuning: ${this.path} was measured on another adapter.`, {
      given: `there ${this.content.adapter}, here ${name}`,
      fix: FIX,
    });
  }

  /** Writes what was measured. */
  write(engine: Pick<Engine, 'name' | 'tuning'>): void {
    if (this.path === undefined || this.content) return;
    this.content = { adapter: engine.name, kernels: engine.tuning };
    writeWhole(this.path, tableText(this.content));
  }

  /** Writes it into the folder of a run that has begun, which has something to keep from now on. */
  keep(): void {
    if (this.content && this.kept !== undefined) writeWhole(this.kept, tableText(this.content));
  }
}

const FIX = 'name a file that is not there yet: it is measured and written.';
