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

/** What is finished of a study, and what is therefore to be run. */
export class TrialLog {
  private readonly values: Map<string, unknown>;
  private cells: readonly Cell<unknown>[] = [];
  private readonly checked = new Set<string>();

  /** `lines`: what is finished already; grows. */
  constructor(
    private readonly study: AnyStudy,
    private readonly setup: Setup,
    readonly lines: Map<string, Line>,
  ) {
    this.values = new Map([...lines].map(([id, { result }]) => [id, result]));
    this.look();
  }

  /** What is finished, in the order in which it was. */
  get results(): Results<unknown> {
    return this.values;
  }

  /** How many cells there are in all, as far as is known. */
  get count(): number {
    return this.study.count?.(this.setup) ?? this.cells.length;
  }

  /** The cells that are known and not finished, those first that are to be run first. */
  open(): Cell<unknown>[] {
    return this.cells.filter(({ id }) => !this.values.has(id));
  }

  /** Adds a finished cell; false where it was finished before: nothing counts twice. */
  add(line: Line): boolean {
    if (this.values.has(line.cell)) return false;
    this.lines.set(line.cell, line);
    this.values.set(line.cell, line.result);
    return true;
  }

  /** Asks the study which cells there are, now that more are finished. */
  look(): void {
    const { study, lines } = this;
    this.cells = study.cells(this.setup, this.values);
    for (const { id, settings } of this.cells) {
      const line = this.checked.has(id) ? undefined : lines.get(id);
      if (!line) continue;
      this.checked.add(id);
      if (sameJson(line.settings, settings)) continue;
      fail(`${study.name}: the cell ${id} was run with other settings.`, {
        given: `${JSON.stringify(line.settings)} there, ${JSON.stringify(settings)} now`,
        fix: 'another version of seqgpu wrote it; name another --out.',
      });
    }
  }
}

/** Whether two values are the same JSON, which knows no `undefined`. */
const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
