// `--tuning FILE`: which kernels suit an adapter, measured once and read from then on. Without it nothing is measured,
// and a seed gives the same bits on every run. A run keeps what it began with in its folder, and goes on with that.

import { existsSync, readFileSync } from 'node:fs';
import type { Outputs } from '../files/outputs.node';
import { writeWhole } from '../files/wholeFile.node';
import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import { Tuning } from '../graph/tuning';

interface Content {
  readonly adapter: string;
  readonly kernels: Readonly<Record<string, string>>;
}

/** A file of kernels that were measured on an adapter. */
export class TuningFile {
  private content: Content | null = null;

  /** `kept`: where a run keeps it too. */
  constructor(
    private readonly path?: string,
    private readonly kept?: string,
  ) {}

  /** The tuning of a run that begins, or goes on, in a folder that has `kept`. */
  static ofRun(path: string | undefined, kept: string, resumed: boolean, outputs: Outputs): TuningFile {
    // A run that was killed before its first checkpoint has it already, too.
    if (existsSync(kept)) return new TuningFile(kept);
    if (!resumed) {
      // What is there is read, and not written.
      if (path !== undefined) outputs.file(path, { from: '--tuning', kind: 'JSON', isOurs: () => true });
      return new TuningFile(path, kept);
    }
    if (path === undefined) return new TuningFile();
    fail('--tuning: the run was begun without it.', {
      given: `there is no ${kept}`,
      fix: 'leave it out, or begin another run with another --out.',
    });
  }

  /** There is a path and nothing at it yet. */
  get missing(): boolean {
    return this.path !== undefined && this.content === null;
  }

  /** What `open` takes, if the file is there. */
  read(): Tuning | undefined {
    if (this.path === undefined || !existsSync(this.path)) return undefined;
    let content: Partial<Content> | null = null;
    try {
      content = JSON.parse(readFileSync(this.path, 'utf8')) as Partial<Content> | null;
    } catch (error) {
      fail(`--tuning: ${this.path} cannot be read: ${(error as Error).message}.`, { fix: FIX });
    }
    if (typeof content?.adapter !== 'string' || typeof content.kernels !== 'object') {
      fail(`--tuning: ${this.path} holds something else.`, {
        given: 'it has no adapter or no kernels',
        fix: FIX,
      });
    }
    this.content = content as Content;
    return new Tuning(this.content.kernels);
  }

  /** Refuses what was measured on another adapter. */
  check({ name }: Pick<Engine, 'name'>): void {
    if (!this.content || this.content.adapter === name) return;
    fail(`--tuning: ${this.path} was measured on another adapter.`, {
      given: `there ${this.content.adapter}, here ${name}`,
      fix: FIX,
    });
  }

  /** Writes what was measured. */
  write(engine: Pick<Engine, 'name' | 'tuning'>): void {
    if (this.path === undefined || this.content) return;
    this.content = { adapter: engine.name, kernels: engine.tuning };
    writeWhole(this.path, textOf(this.content));
  }

  /** Writes it into the folder of a run that has begun, which has something to keep from now on. */
  keep(): void {
    if (this.content && this.kept !== undefined) writeWhole(this.kept, textOf(this.content));
  }
}

const textOf = (content: Content): string => `${JSON.stringify(content, null, 2)}\n`;

const FIX = 'name a file that is not there yet: it is measured and written.';
