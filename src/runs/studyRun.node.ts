// Runs the cells of a study, whoever hands them out: `runTrials` asks, runs and tells until nothing is left.
// `LocalTrials` hands them out of the folder of the study, keeps each result as it comes, and shows how far it is.

import type { Engine } from '../gpu/engine';
import type { Machine } from './machine.node';
import type { AnyStudy, Cell, Checkpoint, Stoppable } from './study';
import type { StudyFolder } from './studyFolder.node';
import type { Line, Trial, TrialLog, Trials } from './trials';
import { stampHere } from './version.node';

/** What is to be shown of a study while it runs. */
export interface StudyProgress {
  /** Which adapter the cells that are not finished run on. */
  adapter(engine: Engine): Promise<void>;
  /** Cells that were finished before. */
  before(count: number): void;
  /** A cell begins, after `done` of `all`. */
  begin(cell: string, done: number, all: number): void;
  /** From 0 to 1 of the cell. */
  update(share: number, words?: string): void;
  /** The cell is finished, with its result in a few words. */
  end(seconds: number, words?: string): void;
  stop(): void;
}

/** What runs trials, one after the other. */
export interface TrialRun {
  readonly trials: Trials;
  readonly study: Pick<AnyStudy, 'run'>;
  readonly machine: Machine;
  readonly stoppable: Stoppable;
  /** Where a cell keeps what it needs to go on. */
  checkpoint(cell: Cell<unknown>): Checkpoint;
}

/** Runs trials until there are no more. */
export async function runTrials({ trials, study, machine, stoppable, checkpoint }: TrialRun): Promise<void> {
  const stamp = stampHere();
  try {
    for (let trial = await trials.ask(); trial; trial = await trials.ask()) {
      const { cell, results } = trial;
      const start = performance.now();
      const progress = (share: number, words?: string) => trials.report(trial!, share, words);
      const context = { ...machine.context(), results, progress, stoppable, checkpoint: checkpoint(cell) };
      const result = await study.run(cell, context);
      const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
      const { id, settings } = cell;
      await trials.tell(trial, { cell: id, settings, result, seconds, adapter: machine.name, ...stamp });
      await machine.tidy();
      // Cells on the host never wait: this is where a signal is heard.
      await new Promise((next) => setImmediate(next));
    }
  } finally {
    await machine.close();
  }
}

/** Trials out of the log of a study, kept in its folder. */
export class LocalTrials implements Trials {
  constructor(
    private readonly log: TrialLog,
    private readonly folder: StudyFolder,
    private readonly progress: StudyProgress,
    private readonly words: AnyStudy['words'],
  ) {}

  async ask(): Promise<Trial | null> {
    const { log, progress } = this;
    log.look();
    const [cell] = log.open();
    if (!cell) return null;
    progress.begin(cell.id, log.results.size, log.count);
    return { cell, results: log.results };
  }

  report(_trial: Trial, share: number, words?: string): void {
    this.progress.update(share, words);
  }

  async tell(_trial: Trial, line: Line): Promise<void> {
    this.folder.append([line]);
    this.log.add(line);
    this.progress.end(line.seconds, this.words?.(line.result));
  }
}
