// What a study is: a claim, cells that are run one by one and kept as they finish, and what is made of their results.
// A study knows no files and no screen; trials.ts asks it what is to be run, studyRun.node.ts runs that.

import type { Engine } from '../gpu/engine';
import { BUDGETS, type Budget } from '../spec/budget';
import type { Models } from '../models/modelSpec';
import type { TaskSettings } from '../tasks/index';
import type { Task } from '../tasks/task';
import type { Making } from '../tasks/taskSpec';
import type { Precision } from '../spec/training';
import type { Stored } from '../train/safetensors';
import type { Figure } from '../report/figure';

export { BUDGETS, type Budget };

/** What, with the study, decides every cell. */
export interface Setup {
  readonly budget: Budget;
  readonly seed: number;
  /** The only task of several that it is about; default: all of them. */
  readonly task?: string;
  /** From so many seeds, the first of which is `seed`, each model is trained; default: what the study's budget says. */
  readonly seeds?: number;
}

/** What a shell needs to run a study like this. */
export const studyCommand = (name: string, { budget, seed, task, seeds }: Setup): string =>
  `npx seqgpu study ${name} ${task === undefined ? '' : `--task ${task} `}--budget ${budget} --seed ${seed}` +
  (seeds === undefined ? '' : ` --seeds ${seeds}`);

/** A part of a study that is done at once. Its result depends on its settings only. Both are plain JSON. */
export interface Cell<S> {
  /** Names it among the study's cells, e.g. `jsb-rnn/trial-3/rung-0`. */
  readonly id: string;
  readonly settings: S;
  /** How often a trial of a search has gone on; default: 0. Where many run at once, the higher go first. */
  readonly rung?: number;
}

/** Results by the cells' ids. */
export type Results<R> = ReadonlyMap<string, R>;

/** What the weights of a trained recurrent layer prove, whatever its inputs. */
export interface Proof {
  /** ‖W_hh‖₂, of an LSTM of all its gates as one matrix. */
  readonly norm: number;
  /**
   * λ: the most that one step keeps of a difference between two states; null where no finite one is proved. Stable is
   * what has λ < 1.
   */
  readonly lambda: number | null;
  /** F, the most that an LSTM's forget gate can be open. */
  readonly forget?: number;
}

/** One line of the table: a measured number beside the published one. */
export interface Row extends Partial<Proof> {
  readonly model: string;
  readonly task: string;
  readonly setting: string;
  readonly metric: string;
  /** Null where nothing came out, e.g. because a training diverged. */
  readonly ours: number | null;
  /** Seeds, of which `ours` is the mean; default: 1. */
  readonly n?: number;
  /** Standard deviation over these seeds. */
  readonly sd?: number;
  /** Null where there is none. */
  readonly published: number | null;
  /** What the published number was measured on, where that is not what ours was: the two are then not compared. */
  readonly elsewhere?: string;
  /** How ours has to stand to the published one where that is a theorem: equal, or at most as much. */
  readonly relation?: '=' | '≤';
}

/** Numbers side by side; null where there is none. */
export interface WideTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** How much of what came of a search a setting explains by itself: see search/importance. */
export interface Importance {
  readonly setting: string;
  /** From 0 to 1: the share of the variance of the trials' ranks. */
  readonly explained: number;
  /** What 19 of 20 settings that do nothing stay below, with as many trials. */
  readonly chance: number;
}

/** What came of a study. */
export interface Findings {
  /** What is to be seen, in a sentence or two that are true to the numbers. */
  readonly remark: string;
  /** What speaks against the claim: a sentence each, shown right below the remark; default: nothing. */
  readonly against?: readonly string[];
  readonly rows: readonly Row[];
  /** Where it says more than one number a line: shown in place of the rows. */
  readonly table?: WideTable;
  readonly figures: readonly Figure[];
  /** The settings that won a search, and their metric on validation. */
  readonly best?: { readonly settings: unknown; readonly validMetric: number };
  /** What the settings of a search explain, the most first. */
  readonly importance?: readonly Importance[];
  /** Settings that are the same in all cells, protocol and caveats: one sentence each. */
  readonly notes: readonly string[];
}

/** What a running cell is given. */
export interface Context {
  /** Opened when it is first asked for; in half precision where a training is to be stored in f16. Default: f32. */
  engine(precision?: Precision): Promise<Engine>;
  /** A task by its name, with its data read. */
  task(of: TaskChoice): Promise<Task>;
  /** The table that models are from; default: ours. */
  readonly models?: Models;
  /** What cells before this one came to: for one whose settings name another. */
  readonly results: Results<unknown>;
  /** How much of the cell is done, from 0 to 1, and what to say about it. */
  progress(share: number, words?: string): void;
  /** Does what ends by itself, saved, when the signal is aborted; the rest of a cell is ended from outside. */
  readonly stoppable: Stoppable;
  /** Where a long cell keeps what it needs to go on after an interruption. */
  readonly checkpoint: Checkpoint;
}

/** Gives work a signal; aborted, the work throws the signal's reason. */
export type Stoppable = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** Which task, with what it adds; and what is known of the model that is trained on it. */
export type TaskChoice = Making & TaskSettings & { readonly task: string };

/** What a long cell keeps to go on after an interruption. */
export interface Checkpoint {
  load(): { readonly last: Stored; readonly best: Stored | null } | undefined;
  save(last: Stored, best: Stored | null): void;
}

/** A study: its claim, its cells, and what is made of their results. */
export interface Study<S, R> {
  readonly name: string;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly claim: string;
  /** Where claim and published numbers are from. */
  readonly source: string;
  /** Whether it computes in doubles on the host, and so needs no adapter. */
  readonly onHost?: boolean;
  /** The tasks whose data files it reads. */
  tasks?(setup: Setup): readonly string[];
  /** Whether it can be about one of its tasks alone. */
  readonly divides?: boolean;
  /** Whether another number of seeds can be asked for than its budget has. */
  readonly reseeds?: boolean;
  /**
   * The cells known so far, in the order in which they are run: more may follow when these have results. A pure
   * function, so that a study that was killed goes on where it was.
   */
  cells(setup: Setup, results: Results<R>): readonly Cell<S>[];
  /** How many cells there will be, where `cells` does not know them all at the start; undefined where nobody knows. */
  count?(setup: Setup): number | undefined;
  run(cell: Cell<S>, context: Context): Promise<R>;
  /**
   * What of a result `cells` and `findings` need; default: all of it. This alone is held in memory of what is finished:
   * a search may have a hundred thousand cells.
   */
  brief?(result: R): R;
  /** What stands for the result of a cell that a queue's workers failed at; default: nothing, and it is run again. */
  failed?(why: string): R;
  /** The result of a cell in a few words. */
  words?(result: R): string;
  findings(setup: Setup, results: Results<R>): Findings;
}

/** Any study: methods take their parameters both ways, so that a list can hold them all. */
export type AnyStudy = Study<unknown, unknown>;

/** Whether ours stands to the published number as a theorem says; null where none says anything. */
export function holds({ ours, published, relation }: Row): boolean | null {
  if (!relation || ours === null || published === null) return null;
  const slack = 1e-6 * Math.abs(published);
  return relation === '≤' ? ours <= published + slack : Math.abs(ours - published) <= slack;
}
