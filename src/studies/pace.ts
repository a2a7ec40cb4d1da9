// How fast a training goes, without its validations and without the steps that record. The median of many short spans,
// so that a span in which the machine did something else does not count for more than the others.

import type { FitState } from '../train/fit';

interface Span {
  readonly steps: number;
  readonly seconds: number;
}

/** The pace of a training, from what its steps tell. */
export class Pace {
  private before?: { readonly step: number; readonly seconds: number; readonly evaluations: number };
  private readonly spans: Span[] = [];

  /** `warm`: steps that are not counted, because some of them record what later ones replay. */
  constructor(private readonly warm: number) {}

  /** To be told of steps as they end, e.g. by `onProgress`. */
  see({ step, seconds, evaluations }: Pick<FitState, 'step' | 'seconds' | 'evaluations'>): void {
    const { before } = this;
    this.before = { step, seconds, evaluations: evaluations.length };
    // Time between these two was the steps' alone if no validation came between.
    if (!before || before.step < this.warm || before.evaluations !== evaluations.length) return;
    if (step > before.step) this.spans.push({ steps: step - before.step, seconds: seconds - before.seconds });
  }

  /** The pace of the step in the middle, from the fastest to the slowest; null where nothing could be counted. */
  get stepsPerSecond(): number | null {
    const slowestLast = [...this.spans].sort((a, b) => a.seconds / a.steps - b.seconds / b.steps);
    let left = this.spans.reduce((sum, { steps }) => sum + steps, 0) / 2;
    const middle = slowestLast.find(({ steps }) => (left -= steps) <= 0);
    return middle && middle.seconds > 0 ? middle.steps / middle.seconds : null;
  }
}
