// The folder of a run: settings.json, data.json (what of its data it needs to be used: a vocabulary, a normalisation),
// last.safetensors (continues the run), best.safetensors (the best parameters), metrics.jsonl (the curves, line by
// line), results.json and report.html. Each file is written beside its place, forced to the disk and renamed into it,
// so that whatever interrupts a run leaves whole files.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { lockFolder, type FolderLock } from '../files/folderLock.node';
import { Outputs } from '../files/outputs.node';
import { reading, statAt } from '../files/reading.node';
import { removePartials, writeWhole } from '../files/wholeFile.node';
import { fail, SeqgpuError } from '../graph/check';
import type { Resumed } from '../train/bestParameters';
import { progressOf } from '../train/checkpoint';
import { fitState, sinceBest } from '../train/fitState';
import type { Stored } from '../train/safetensors';
import { CurvesFile, refuseOtherCurves } from './curvesFile.node';
import { exported, keptIn, settingsIn } from './exported';
import { readOwnFiles, withPaths, type OwnFiles } from './ownFiles';
import { readSettings, type Settings } from './settings';
import { readStored, writeStored } from './storedFile.node';
import { TABLES, type Tables } from './tables';

const LAST = 'last.safetensors';
const BEST = 'best.safetensors';
const SETTINGS = 'settings.json';
const DATA = 'data.json';
const CURVES = 'metrics.jsonl';
/** What no new run may overwrite; of the settings see `prepare`. */
const RESULTS = [DATA, LAST, BEST, 'results.json', 'report.html', 'tuning.json'];

/** What continues a run: see BestParameters, and Continued of the settings. */
interface Loaded extends Resumed {
  readonly settings: Settings;
  readonly done: number;
  readonly sinceBest: number;
}

/** The folder of a run: what is read from it and written to it; or the file of a trained model, which is only read. */
export class RunFolder {
  private held?: FolderLock;
  private file?: Stored;

  constructor(
    readonly path: string,
    /** The tables that its settings are from. */
    private readonly tables: Tables = TABLES,
  ) {}

  /**
   * Keeps other processes out until the result is called, or this one ends; `command` is who complains, `takeOver` see
   * lockFolder.
   */
  lock(command: string, takeOver = false): () => void {
    if (statAt(this.path)?.isDirectory() === false) {
      fail(`${command}: ${this.path} is a file, not a folder.`, { fix: 'name another --out.' });
    }
    this.held = lockFolder(this.path, command, takeOver);
    removePartials(this.path);
    return this.held.release;
  }

  /** Lets other processes in again, where it has been locked. */
  release(): void {
    this.held?.release();
  }

  /** Throws where another process has been given the folder. */
  check(): void {
    this.held?.check();
  }

  /** Refuses a folder that holds a run or anything that a run would overwrite, and one that cannot be written. */
  prepare(outputs = new Outputs('train')): void {
    const found = RESULTS.filter((name) => existsSync(join(this.path, name)));
    this.refuseForeignSettings();
    if (found.length > 0) {
      const given = `found ${found.join(', ')}`;
      // Files of these names are anybody's: the settings say whose they are.
      if (!existsSync(join(this.path, SETTINGS))) {
        fail(`${this.path} holds no run, but files that one would overwrite.`, {
          given,
          fix: 'name another --out, or move them.',
        });
      }
      fail(`${this.path} holds a run already.`, {
        given,
        fix: 'go on with it by --resume, name another --out, or remove the folder.',
      });
    }
    refuseOtherCurves(join(this.path, CURVES));
    outputs.folder(this.path, [SETTINGS, CURVES, ...RESULTS], '--out', () => true);
  }

  /** Settings alone are a run that was interrupted before its first checkpoint; whatever else has that name stays. */
  private refuseForeignSettings(): void {
    const path = join(this.path, SETTINGS);
    if (!existsSync(path)) return;
    try {
      this.settings();
    } catch (error) {
      if (!(error instanceof SeqgpuError)) throw error;
      fail(`${path} is not the settings of a run, and would be overwritten.`, {
        given: error.message.split('\n')[0],
        fix: 'name another --out, or move the file.',
      });
    }
  }

  /**
   * The settings of a run that was killed before its first checkpoint was whole, and begins again; undefined of any
   * other folder. Of that checkpoint it may have all but `last`: then the best parameters are of the first validation.
   */
  unbegun(): Settings | undefined {
    const at = (name: string) => join(this.path, name);
    if (!existsSync(at(SETTINGS)) || existsSync(at(LAST))) return undefined;
    const settings = this.settings();
    if (!existsSync(at(BEST))) return settings;
    const { step } = fitState(progressOf(this.read(BEST), at(BEST)), at(BEST));
    return step <= Math.min(settings.evaluateEvery, settings.steps) ? settings : undefined;
  }

  /** Everything that continuing needs. */
  load(): Loaded {
    for (const name of [LAST, SETTINGS]) this.needs(name);
    const settings = this.settings();
    const last = this.read(LAST);
    const where = join(this.path, LAST);
    const state = fitState(progressOf(last, where), where);
    const { step, best, closing } = state;
    // Before the first validation no parameters are the best.
    if (best || closing) this.needs(BEST);
    const saved = existsSync(join(this.path, BEST)) ? this.read(BEST) : null;
    return { settings, last, best: saved, done: step, sinceBest: sinceBest(state) };
  }

  private needs(name: string): void {
    if (existsSync(join(this.path, name))) return;
    fail(`There is nothing to resume in ${this.path}.`, {
      given: `${name} is missing`,
      fix: 'name the folder of the run by --out, or leave --resume out to begin one.',
    });
  }

  /** The folder that a command writes to which names no other. */
  get beside(): string {
    return this.isFile ? dirname(this.path) : this.path;
  }

  /** Whether it is the file of a trained model, see exported: of such a one there is `best` and `kept`. */
  private get isFile(): boolean {
    return statAt(this.path)?.isFile() ?? false;
  }

  /** The model of a file. */
  private fromFile(): { settings: Settings; best: Stored } {
    const best = (this.file ??= readStored(this.path));
    const settings = settingsIn(best, this.path, this.tables);
    if (settings) return { settings, best };
    return fail(`${this.path} has weights, but does not say of what model.`, {
      fix: 'name the folder of the run, or a file that it or the live page has saved.',
    });
  }

  /** What was trained and the parameters that were best on validation; undefined where no run has saved any. */
  best(): { settings: Settings; best: Stored } | undefined {
    if (this.isFile) return this.fromFile();
    if (![SETTINGS, BEST].every((name) => existsSync(join(this.path, name)))) return undefined;
    return { settings: this.settings(), best: this.read(BEST) };
  }

  /**
   * A checkpoint. The best parameters come first: a kill between the files leaves an older `last`, and the
   * steps done again from it arrive at the same best. `files`: see writeSettings.
   */
  save(settings: Settings, last: Stored, best: Stored | null, files?: OwnFiles): void {
    this.writeSettings(settings, files);
    if (best) this.writeStored(BEST, exported(best, settings));
    this.writeStored(LAST, last);
  }

  /** Says whose folder it is: before anything else is kept in it. `files`: a user's own, that it is trained on. */
  writeSettings(settings: Settings, files?: OwnFiles): void {
    const own = files && withPaths(files, (path) => resolve(path));
    this.write(SETTINGS, `${JSON.stringify({ settings, files: own }, null, 2)}\n`);
  }

  /** The user's own files that it was trained on, where it says so; they may have gone since. */
  files(): OwnFiles | undefined {
    const path = join(this.path, SETTINGS);
    if (this.isFile || !existsSync(path)) return undefined;
    return readOwnFiles((parseJson(textAt(path), path) as { files?: unknown }).files);
  }

  /** Keeps what the run needs of its data to be used without the files. */
  keep(json: unknown): void {
    this.write(DATA, `${JSON.stringify(json)}\n`);
  }

  /** What was kept, with the path of its file; undefined where a run has kept nothing. */
  kept(): { readonly json: unknown; readonly where: string } | undefined {
    if (this.isFile) {
      const json = keptIn(this.fromFile().best, this.path);
      return json === undefined ? undefined : { json, where: this.path };
    }
    const where = join(this.path, DATA);
    return existsSync(where) ? { json: parseJson(textAt(where), where), where } : undefined;
  }

  /** The curves of the run, from the step where it goes on. */
  curves(done: number): CurvesFile {
    return new CurvesFile(join(this.path, CURVES), done);
  }

  /** Writes a file of the run whole, or not at all; gives its path as seen from here. */
  write(name: string, content: string | Uint8Array): string {
    this.check();
    const path = join(this.path, name);
    writeWhole(path, content);
    return relative('', path) || path;
  }

  /** Writes a checkpoint whole, or not at all. */
  writeStored(name: string, stored: Stored): void {
    this.check();
    writeStored(join(this.path, name), stored);
  }

  private settings(): Settings {
    const path = join(this.path, SETTINGS);
    const { settings } = parseJson(textAt(path), path) as { settings?: unknown };
    return readSettings(settings, path, this.tables);
  }

  private read(name: string): Stored {
    return readStored(join(this.path, name));
  }
}

const textAt = (path: string): string => reading(path, () => readFileSync(path, 'utf8'));

/** The object in a JSON text; fails with the place of what is none. */
export function parseJson(text: string, where: string): object {
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    fail(`${where} is not JSON: ${(error as Error).message}.`, { fix: 'begin another run.' });
  }
}
