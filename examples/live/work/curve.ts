// Points of a run's curves, on their way to the page with its progress.

import { allEvaluations, type CurvePoint as Kept, type FitState } from '../../../src/train/fit';
import type { Answer, CurvePoint, Progress } from './messages';

/** Gathers the points of a curve, and tells them with the progress. */
export class Curve {
  private points: CurvePoint[] = [];

  constructor(
    private readonly steps: number,
    private readonly say: (answer: Answer) => void,
  ) {}

  readonly add = (point: Kept): void => {
    const { step } = point;
    this.points.push('loss' in point ? { step, loss: point.loss } : { step, validation: point.validation });
  };

  tell(step: number, loss: number, stepsPerSecond: number): void {
    const progress: Progress = { step, steps: this.steps, loss, stepsPerSecond };
    this.say({ at: 'progress', progress, points: this.points });
    this.points = [];
  }
}

/** The points of a run that was kept. */
export const pointsOf = (state: FitState): CurvePoint[] => [
  ...state.losses.map(({ step, value }) => ({ step, loss: value })),
  ...allEvaluations(state).map(({ step, value }) => ({ step, validation: value })),
];
