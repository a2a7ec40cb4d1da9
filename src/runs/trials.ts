// The seam between what decides which cells are run and what runs them. Who runs them asks for one, reports how far it
// is, and tells what came of it; whether the other side is a log in this process or a queue beyond the network, it
// need not know. What is to be run is a pure function of the log of what is finished, so a log is all that is kept.

import { fail } from '../graph/check';
import type { AnyStudy, Cell, Results, Setup } from './study';

/** A finished cell, as the log keeps it. */
export interface Line {
  readonly cell: string;
  readonly settings: unknown;
  readonly result: unknown;
  readonly seconds: number;
  readonly adapter: string;
  /** The version whose kernels computed it, with its commit, and the day; lines from before this was kept have none. */
  readonly version?: string;
  readonly date?: string;
  /** The machine that computed it, where it was not the one that keeps the log. */
  readonly host?: string;
}

/** The adapter of a line that nothing has computed: its trial failed. */
export const NO_ADAPTER = 'none';

/** A cell that is to be run, and what cells before it came to: at least those that its settings name. */
export interface Trial {
  readonly cell: Cell<unknown>;
  readonly results: Results<unknown>;
}

/** Where trials come from and where their results go. */
export interface Trials {
  /** The next trial; null where none is left. */
  ask(): Promise<Trial | null>;
  /** How much of a trial is done, from 0 to 1, and what to say about it: a sign of life, too. */
  report(trial: Trial, share: number, words?: string): void;
  /** Takes what came of a trial; resolves when it is kept. */
  tell(trial: Trial, line: Line): Promise<void>;
}

/**
 * What is finished of a study, and what is therefore to be run. It holds the ids of finished cells, and what `brief`
 * leaves of their results; all of it is in the log on the disk.
 */
export class TrialLog {
  private readonly values = new Map<string, unknown>();
  /** What is known and not finished, by id, in the order in which it is run. */
  private opened = new Map<string, Cell<unknown>>();
  private known = 0;
  /** The settings of what was finished before the study was known to have it. */
  private readonly unknown = new Map<string, unknown>();

  /** `lines`: what is finished already, in the order in which it was. */
  constructor(
    private readonly study: AnyStudy,
    private readonly setup: Setup,
    lines: Iterable<Line>,
  ) {
    this.look();
    for (const line of lines) this.add(line);
    if (this.values.size) this.look();
  }

  /** What came of the finished cells, in the order in which they were. */
  get results(): Results<unknown> {
    return this.values;
  }

  /** How many cells there are in all, as far as is known. */
  get count(): number {
    return this.study.count?.(this.setup) ?? this.known;
  }

  /** The cells that are known and not finished, those first that are to be run first. */
  open(): Cell<unknown>[] {
    return [...this.opened.values()];
  }

  /** Adds a finished cell; false where it was finished before: nothing counts twice. */
  add({ cell, settings, result }: Line): boolean {
    if (this.values.has(cell)) return false;
    const known = this.opened.get(cell);
    if (known) this.check(known, settings);
    else this.unknown.set(cell, settings);
    this.opened.delete(cell);
    this.values.set(cell, this.study.brief ? this.study.brief(result) : result);
    return true;
  }

  /** Asks the study which cells there are, now that more are finished. */
  look(): void {
    const cells = this.study.cells(this.setup, this.values);
    this.known = cells.length;
    this.opened = new Map();
    for (const cell of cells) {
      if (!this.values.has(cell.id)) this.opened.set(cell.id, cell);
      else if (this.unknown.has(cell.id)) this.check(cell, this.unknown.get(cell.id));
      this.unknown.delete(cell.id);
    }
  }

  private check({ id, settings }: Cell<unknown>, given: unknown): void {
    if (sameJson(given, settings)) return;
    fail(`${this.study.name}: the cell ${id} was run with other settings.`, {
      given: `${JSON.stringify(given)} there, ${JSON.stringify(settings)} now`,
      fix: 'another version of seqgpu wrote it; name another --out.',
    });
  }
}

/** Whether two values are the same JSON, which knows no `undefined`. */
const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
