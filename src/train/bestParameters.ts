// The best parameters of a run, as checkpoints of the model alone: those that it ends with, and those of the
// evaluations that were due. They differ where the evaluation behind the last step was not due and is the best of all:
// a run that goes on forgets it, and finds the parameters of before inside its checkpoint.

import { bestIn, progressOf } from './checkpoint';
import { bestOf, fitState, type FitState } from './fitState';
import type { Stored } from './safetensors';

/** `last` continues a run; `best` holds the parameters that were best until then: null before the first evaluation. */
export interface Resumed {
  readonly last: Stored;
  readonly best: Stored | null;
}

const WHERE = 'the checkpoint';

/** The best parameters of a run: what it ends with, and what a checkpoint must hold for it to go on. */
export class BestParameters {
  /** What `fit` continues from. */
  readonly started?: FitState;
  /** The parameters of the best of all evaluations so far. */
  chosen: Stored | null = null;
  private due: Stored | null = null;
  /** What was saved as the best is not what the run now knows. */
  private stale = false;

  constructor(resume: Resumed | undefined, steps: number) {
    if (!resume) return;
    const started = fitState(progressOf(resume.last, WHERE), WHERE);
    const closed = started.closing !== null && bestOf(started) === started.closing;
    this.started = started;
    this.due = closed ? bestIn(resume.last, WHERE) : resume.best;
    this.stale = closed && started.step < steps;
    this.chosen = this.stale ? this.due : resume.best;
  }

  /** After an evaluation; `now` are the parameters where they are the best so far. */
  note(now: Stored | null, { closing }: FitState): void {
    if (now) this.chosen = now;
    if (!closing) this.due = this.chosen;
  }

  /** What a checkpoint must hold besides. */
  get kept(): { readonly best?: Stored } {
    return this.due && this.due !== this.chosen ? { best: this.due } : {};
  }

  /** What is to be saved as the best, if it is not saved already. */
  unsaved(improved: boolean): Stored | null {
    const save = improved || this.stale;
    this.stale = false;
    return save ? this.chosen : null;
  }
}
