// What a worker and the process that runs its trial say to each other: the worker hands over one trial, its child
// reports and tells, by the same seam by which a log in one process is asked.

import type { Line, Trial, Trials } from '../runs/trials';
import type { TrialJob } from './jobs';

/** What a child is to do. */
export interface Order {
  readonly job: TrialJob;
  /** The folder of its checkpoint. */
  readonly folder: string;
}

/** What a child says. */
export type Word =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly share: number; readonly words?: string }
  | { readonly kind: 'told'; readonly line: Line }
  | { readonly kind: 'failed'; readonly message: string }
  /** The adapter here cannot do what is asked for; another worker's may. */
  | { readonly kind: 'unable'; readonly message: string };

/** The one trial that a worker has handed over. */
export class ChildTrials implements Trials {
  private asked = false;

  /** `say` resolves when the worker has the word. */
  constructor(
    private readonly job: TrialJob,
    private readonly say: (word: Word) => Promise<void>,
  ) {}

  async ask(): Promise<Trial | null> {
    if (this.asked) return null;
    this.asked = true;
    return { cell: this.job.cell, results: new Map(this.job.results) };
  }

  report(_trial: Trial, share: number, words?: string): void {
    void this.say({ kind: 'report', share, words });
  }

  async tell(_trial: Trial, line: Line): Promise<void> {
    await this.say({ kind: 'told', line });
  }
}
