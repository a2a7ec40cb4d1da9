// What a command will write, declared before it works: nothing that is there is overwritten unless that is asked for,
// or is the command's own from before; no two outputs are one file; a name says what is in the file; and it can be
// written.

import { closeSync, existsSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { fail } from '../graph/check';
import { makeFolder, writeWhole, type Content } from './wholeFile.node';

/** How names of files end that hold something; a text may be called anything that is not one of the others. */
const ENDINGS = {
  MIDI: ['.mid', '.midi'],
  SVG: ['.svg'],
  WAV: ['.wav'],
  JSON: ['.json'],
  safetensors: ['.safetensors'],
  HTML: ['.html'],
  picture: ['.png', '.jpg', '.jpeg', '.gif', '.pdf', '.webp'],
  sound: ['.mp3', '.ogg', '.flac', '.aac'],
} as const;

/** What is in a file. */
export type FileKind = keyof typeof ENDINGS | keyof typeof TEXTS;

/** Texts of any name, and how it ends where nothing else is wanted. */
const TEXTS = { text: '.txt', CSV: '.csv' } as const;

/** A file that may be written. */
export interface Output {
  readonly path: string;
  /** Writes it whole, or not at all; gives its path as seen from here. */
  write(content: Content): string;
}

/** How an output is declared. */
export interface OutputOptions {
  /** What has named it, e.g. `--out`. */
  readonly from: string;
  readonly kind: FileKind;
  /** Whether a file that is there is of this command's making, and may be replaced. */
  readonly isOurs?: (path: string) => boolean;
}

/** All that a command writes. */
export class Outputs {
  /** What has named each place. */
  private readonly places = new Map<string, string>();

  constructor(
    private readonly command: string,
    /** Whether files that are there may be replaced. */
    private readonly overwrite = false,
  ) {}

  /** Declares a file, or says why it cannot be one. */
  file(path: string, { from, kind, isOurs }: OutputOptions): Output {
    this.checkEnding(path, kind, from);
    this.take(path, from);
    const check = () => this.checkFree(path, from, isOurs);
    check();
    this.checkWritable(path);
    const write = (content: Content) => {
      // Hours may have passed.
      check();
      writeWhole(path, content);
      return relative('', path) || path;
    };
    return { path, write };
  }

  /**
   * Declares files in a folder that the command fills. None may be there, unless `isOurs` says that the folder is of
   * this command's making.
   */
  folder(path: string, names: readonly string[], from: string, isOurs?: () => boolean): void {
    if (existsSync(path) && !statSync(path).isDirectory()) {
      fail(`${this.command}: ${path} is a file, not a folder.`, { fix: `name another ${from}.` });
    }
    for (const name of names) this.take(join(path, name), `${from} (${name})`);
    const found = this.overwrite ? [] : names.filter((name) => existsSync(join(path, name)));
    if (found.length > 0 && !isOurs?.()) {
      fail(`${this.command}: ${path} has files that would be overwritten.`, {
        given: found.join(', '),
        fix: `name another ${from}, or move them.`,
      });
    }
    this.checkWritable(join(path, names[0]));
  }

  private checkEnding(path: string, kind: FileKind, from: string): void {
    const ending = extname(path).toLowerCase();
    const others = Object.values(ENDINGS).flat() as string[];
    const isText = kind === 'text' || kind === 'CSV';
    const wanted: readonly string[] = isText ? [TEXTS[kind]] : ENDINGS[kind];
    if (isText ? !others.includes(ending) : wanted.includes(ending)) return;
    fail(
      `${this.command}: ${from} ${path} does not end as a file of ${kind} does, which is what is written.`,
      {
        fix: `let the name end with ${wanted.join(' or ')}.`,
      },
    );
  }

  /** Refuses a place that another output has, under whatever name. */
  private take(path: string, from: string): void {
    const place = placeOf(path);
    const other = this.places.get(place);
    if (other !== undefined) {
      fail(`${this.command}: ${other} and ${from} are one file.`, { given: place, fix: 'name two.' });
    }
    this.places.set(place, from);
  }

  private checkFree(path: string, from: string, isOurs?: (path: string) => boolean): void {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      fail(`${this.command}: ${path} is a folder, not a file.`, { fix: `name another ${from}.` });
    }
    if (this.overwrite || isOurs?.(path)) return;
    fail(`${this.command}: ${path} is there already.`, {
      fix: isOurs ? `name another ${from}.` : `name another ${from}, or add --overwrite.`,
    });
  }

  private checkWritable(path: string): void {
    const folder = dirname(path);
    try {
      makeFolder(folder);
      const probe = `${path}.${randomBytes(8).toString('hex')}.part`;
      closeSync(openSync(probe, 'wx'));
      rmSync(probe);
    } catch (error) {
      fail(`${this.command}: ${path} cannot be written: ${(error as Error).message}.`, {
        fix: 'name another, or make room.',
      });
    }
  }
}

/** The one name of a place: links are followed as far as there is something, and letters are alike where they are. */
function placeOf(path: string): string {
  const whole = resolve(path);
  const missing: string[] = [];
  let there = whole;
  while (!existsSync(there) && dirname(there) !== there) {
    missing.unshift(basename(there));
    there = dirname(there);
  }
  const place = join(realpathSync(there), ...missing);
  return ['darwin', 'win32'].includes(process.platform) ? place.toLowerCase() : place;
}
