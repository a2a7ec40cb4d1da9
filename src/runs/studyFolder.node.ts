// The folder of a study: settings.json says what it is of; results.jsonl has a line for every finished cell, forced to
// the disk before the next one begins; cell.safetensors and cell-best.safetensors continue the cell that was being
// trained; results.json and report.html come at the end. A kill costs at most the line that was being written.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../graph/check';
import type { Cell, Checkpoint } from './study';
import type { Line } from './trials';
import { cutTorn, wholeLines } from '../files/lines.node';
import { appendWhole } from '../files/wholeFile.node';
import { CellFiles } from './cellFiles.node';
import { RunFolder, parseJson } from './runFolder.node';

const SETTINGS = 'settings.json';
const RESULTS = 'results.jsonl';
const QUEUE = 'queue.json';
/** What nobody but a study or a run writes: a folder with these and without our settings is another's. */
const OTHERS = ['results.json', 'report.html', 'last.safetensors', 'best.safetensors', RESULTS];

/** What a folder is of, in plain JSON. */
export type Of = Readonly<Record<string, unknown>>;

/** The folder of a study: what is finished in it. */
export class StudyFolder {
  private readonly files: RunFolder;

  constructor(
    readonly path: string,
    /** E.g. `study`: who complains. */
    private readonly command: string,
  ) {
    this.files = new RunFolder(path);
  }

  /** Keeps other processes out until the result is called, or this one ends; `takeOver` see lockFolder. */
  lock(takeOver = false): () => void {
    return this.files.lock(this.command, takeOver);
  }

  /** What the folder is of; undefined where it is of nothing yet. */
  of(): Of | undefined {
    const path = join(this.path, SETTINGS);
    return existsSync(path) ? (parseJson(readFileSync(path, 'utf8'), path) as Of) : undefined;
  }

  /**
   * Takes the folder for `of`, or refuses it untouched. `grown`: names whose values may be others than those that are
   * there, which are then replaced.
   */
  open(of: Of, grown: readonly string[] = []): void {
    const at = (name: string) => join(this.path, name);
    const before = this.of();
    if (before) {
      const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !grown.includes(name)));
      this.checkSame(kept, Object.fromEntries(Object.entries(of).filter(([name]) => !grown.includes(name))));
      if (grown.length) this.files.write(SETTINGS, `${JSON.stringify(of, null, 2)}\n`);
    } else {
      const found = OTHERS.filter((name) => existsSync(at(name)));
      if (found.length > 0) {
        fail(`${this.command}: ${this.path} holds something else already.`, {
          given: `found ${found.join(', ')}, but no ${SETTINGS}`,
          fix: 'name another --out, or move them.',
        });
      }
      this.files.write(SETTINGS, `${JSON.stringify(of, null, 2)}\n`);
    }
    cutTorn(at(RESULTS));
    new CellFiles(this.path).tidy((cell) => {
      for (const line of this.lines()) if (line.cell === cell) return true;
      return false;
    });
  }

  /** Adds finished cells: all of them, or none. */
  append(lines: readonly Line[]): void {
    this.files.check();
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    appendWhole(join(this.path, RESULTS), text, 'make room, and run it again.');
    new CellFiles(this.path).remove();
  }

  /** Keeps what is needed to go on with a cell in the middle. */
  checkpoint(cell: Cell<unknown>): Checkpoint {
    return new CellFiles(this.path, () => this.files.check()).of(cell);
  }

  /** What names this folder on a queue, for good; `make` makes it where there is none yet. */
  key(make: () => string): string {
    const path = join(this.path, QUEUE);
    if (!existsSync(path)) this.files.write(QUEUE, `${JSON.stringify({ key: make() })}\n`);
    const { key } = parseJson(readFileSync(path, 'utf8'), path) as { key?: unknown };
    if (typeof key === 'string' && /^[\w-]+$/.test(key)) return key;
    return fail(`${path} holds no key.`, {
      fix: 'remove it: trials that are on a queue are then run again.',
    });
  }

  /** The finished cells, in the order in which they were, read from the disk one by one. */
  *lines(): Generator<Line> {
    const path = join(this.path, RESULTS);
    let number = 0;
    for (const text of wholeLines(path)) {
      number++;
      const line = parseJson(text, `${path}:${number}`) as Partial<Line>;
      if (typeof line.cell !== 'string' || !('settings' in line) || !('result' in line)) {
        fail(`${path}:${number} is not the result of a cell.`, {
          fix: 'remove that line: its cell is then done again.',
        });
      }
      yield line as Line;
    }
  }

  write(name: string, content: string): string {
    return this.files.write(name, content);
  }

  private checkSame(before: Of, now: Of): void {
    const names = [...new Set([...Object.keys(now), ...Object.keys(before)])];
    const differ = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
    if (differ.length === 0) return;
    const show = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));
    fail(`${this.command}: ${this.path} holds something else.`, {
      given: differ
        .map((name) => `${name}: ${show(before[name])} there, ${show(now[name])} now`)
        .join('\n    '),
      fix: 'name another --out; the same settings go on with it.',
    });
  }
}
