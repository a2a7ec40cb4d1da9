// How fast a training goes, without its validations and without the steps that record.

import type { FitState } from '../train/fit';

export class Pace {
  private before?: { readonly step: number; readonly seconds: number; readonly evaluations: number };
  private steps = 0;
  private seconds = 0;

  /** `warm`: steps that are not counted, because some of them record what later ones replay. */
  constructor(private readonly warm: number) {}

  /** To be told of steps as they end, e.g. by `onProgress`. */
  see({ step, seconds, evaluations }: FitState): void {
    const { before } = this;
    this.before = { step, seconds, evaluations: evaluations.length };
    // Time between these two was the steps' alone if no validation came between.
    if (!before || before.step < this.warm || before.evaluations !== evaluations.length) return;
    this.steps += step - before.step;
    this.seconds += seconds - before.seconds;
  }

  /** Null where nothing could be counted. */
  get stepsPerSecond(): number | null {
    return this.steps && this.seconds > 0 ? this.steps / this.seconds : null;
  }
}
