// What goes through a queue, as plain JSON: trials one way, what came of them the other. All searches and studies share
// one queue of trials, which any worker takes from; each has an inbox of its own for what comes back.

import { fail } from '../graph/check';
import type { Cell, Results } from '../runs/study';
import type { Line } from '../runs/trials';

/** The queue of trials. */
export const TRIALS = 'seqgpu';

/** The inbox of a run: `key` names the run. */
export const inboxOf = (key: string): string => `seqgpu-of-${key}`;

/** Paths of a user's own files: of --from, and of flags for single ones by their names. */
export interface OwnFiles {
  readonly from?: readonly string[];
  readonly parts?: Readonly<Record<string, string>>;
}

/** A trial on its way to a worker. */
export interface TrialJob {
  /** Names the run that it is of, for its inbox. */
  readonly run: string;
  /** What it is of, in words. */
  readonly title: string;
  /** Which study runs it: a name of `study`, or `search`. */
  readonly study: string;
  readonly cell: { readonly id: string; readonly settings: unknown };
  /** What the cells came to that its settings name, by their ids. */
  readonly results: readonly (readonly [string, unknown])[];
  /** The checksums that data must have, by task. */
  readonly sums: Readonly<Record<string, string>>;
  /** Files of the user's own, which workers have at the same paths; default: none. */
  readonly place?: OwnFiles;
  /** The version that asks: another one's numbers would not compare. */
  readonly version: string;
}

/** What all trials of a run have in common. */
export type About = Pick<TrialJob, 'title' | 'study' | 'sums' | 'place' | 'version'>;

/** The trial of a cell, with the results that its settings name. */
export function trialJob(about: About, run: string, cell: Cell<unknown>, known: Results<unknown>): TrialJob {
  const { id, settings } = cell;
  const named = new Set(textsIn(settings).filter((text) => known.has(text)));
  return {
    ...about,
    run,
    cell: { id, settings },
    results: [...named].map((name) => [name, known.get(name)]),
  };
}

/** All texts in a JSON value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Ends a run that has trials without a result: why, by their cells' ids. */
export function complainOf(failures: ReadonlyMap<string, string>): never {
  const each = [...failures].map(([cell, why]) => `${cell}: ${why.replaceAll('\n', '\n    ')}`);
  return fail(`${each.length === 1 ? 'A trial' : `${each.length} trials`} failed; all others are finished.`, {
    given: each.join('\n    '),
    fix: 'mend that; the same command then goes on with what failed.',
  });
}

/** What came of a trial, on its way back. */
export type Told =
  | { readonly line: Line }
  /** It failed as often as it may: how often, and why the last time. */
  | { readonly cell: string; readonly settings: unknown; readonly failed: string; readonly host: string };

/** What a server keeps: the text of a JSON value, word for word, as PostgreSQL would put its keys in another order. */
export interface Packed {
  /** What it is of, for people who look into the queue. */
  readonly of: string;
  readonly text: string;
}

/** A trial, or what came of one, for the queue. */
export const packed = (of: string, value: TrialJob | Told): Packed => ({ of, text: JSON.stringify(value) });

/** The trial that a job of the queue is. */
export const trialIn = ({ text }: Packed): TrialJob => JSON.parse(text) as TrialJob;

/** What came of a trial, as a job of an inbox has it. */
export const toldIn = ({ text }: Packed): Told => JSON.parse(text) as Told;

/** The state of a job as far as it is shown: how much is done, and by whom. */
export interface JobProgress {
  readonly share: number;
  readonly words?: string;
  readonly host: string;
  /** The largest share that any worker has come to, and that before this one. */
  readonly best: number;
  readonly before: number;
  /** How many workers have died with it since somebody came further than all before. */
  readonly deaths: number;
  /** How often the queue had lost its worker when this one took it. */
  readonly stalls: number;
}

/** Whether what a job says of itself is how far it is. */
export const isProgress = (value: unknown): value is JobProgress =>
  typeof value === 'object' && value !== null && 'share' in value && 'deaths' in value;

/** How far a trial is when a worker takes it. `said`: by itself; `stalls`: how often its worker was lost. */
export function progressAt(said: unknown, stalls: number, host: string): JobProgress {
  const none = { share: 0, best: 0, before: 0, deaths: 0, stalls: 0 };
  const last = isProgress(said) ? said : none;
  const died = stalls > last.stalls;
  const deaths = !died ? last.deaths : last.best > last.before ? 0 : last.deaths + 1;
  return { share: last.share, host, best: last.best, before: last.best, deaths, stalls };
}

/** How often a trial is begun that fails; workers that die are not counted. */
export const ATTEMPTS = 3;

/** A trial that ends its worker so often, and no worker comes further than the ones before, is begun no more. */
export const DEATHS = 5;

/** Queues know priorities above 0, of which the lowest comes first: higher rungs before lower ones. */
export const priorityOf = (rung: number): number => Math.max(1, 1000 - rung);
