// The folder of a study: settings.json says what it is of; results.jsonl has a line for every finished cell, forced to
// the disk before the next one begins; cell.safetensors and cell-best.safetensors continue the cell that was being
// trained; results.json and report.html come at the end. A kill costs at most the line that was being written.

import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../graph/check';
import type { Cell, Checkpoint } from './study';
import type { Line } from './trials';
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
   * Takes the folder for `of`, or refuses it untouched; gives what is finished in it. `grown`: names whose values may
   * be others than those that are there, which are then replaced.
   */
  open(of: Of, grown: readonly string[] = []): Map<string, Line> {
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
          fix: 'name another --out, or remove the folder.',
        });
      }
      this.files.write(SETTINGS, `${JSON.stringify(of, null, 2)}\n`);
    }
    const lines = this.lines();
    new CellFiles(this.path).tidy((cell) => lines.has(cell));
    return lines;
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
    return fail(`${path} holds no key.`, { fix: 'remove it: trials that are on a queue are then run again.' });
  }

  write(name: string, content: string): string {
    return this.files.write(name, content);
  }

  private lines(): Map<string, Line> {
    const path = join(this.path, RESULTS);
    const lines = new Map<string, Line>();
    if (!existsSync(path)) return lines;
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf('\n') + 1;
    // Torn by a kill: nothing else ends without the end of a line.
    if (whole < bytes.length) truncateSync(path, whole);
    const texts = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
    for (const [i, text] of texts.entries()) {
      const line = parseJson(text, `${path}:${i + 1}`) as Partial<Line>;
      if (typeof line.cell !== 'string' || !('settings' in line) || !('result' in line)) {
        fail(`${path}:${i + 1} is not the result of a cell.`, {
          fix: 'remove that line: its cell is then done again.',
        });
      }
      lines.set(line.cell, line as Line);
    }
    return lines;
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
