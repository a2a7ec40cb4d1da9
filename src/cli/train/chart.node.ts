// Training curves of one task in one picture. A thin line is the training loss, a thick one with points the
// validation; what can be had without learning is dashed.

import { MODELS } from '../../models/index';
import type { Axis, Plot, Series } from '../../report/figure';
import type { Point } from '../../train/fit';
import type { Outcome } from '../../runs/outcome';
import { draw } from '../../report/plot.node';
import { roundedRange } from '../../report/plotStyle';
import { lossInMetric } from './lossInMetric';

/** Curves that fall by more than this are drawn over a logarithmic axis. */
const LOG_RANGE = 20;

/** The curves of runs on one task as SVG: losses over training steps. */
export const chart = (outcomes: readonly Outcome[]): Promise<string> => draw(curvesOf(outcomes));

function curvesOf(outcomes: readonly Outcome[]): Plot {
  const [{ metric, anchors, title }] = outcomes;
  const { scale, ...range } = rangeOf(outcomes);
  return {
    kind: 'plot',
    title,
    x: { name: 'training step' },
    y: { name: `${axisName(metric)}${scale === 'log' ? ' (log scale)' : ''}`, scale, ...range },
    series: outcomes.flatMap(curves),
    marks: anchors,
  };
}

/** The measure; and what a training curve shows that has another. */
const axisName = (metric: string): string =>
  lossInMetric(metric) ? metric : `${metric}; of training: its loss`;

/**
 * What the vertical axis shows. All there is when it is logarithmic; otherwise not much more than what
 * validation and anchors cover, because the first steps of a training would press the rest flat.
 */
function rangeOf(outcomes: readonly Outcome[]): Pick<Axis, 'scale' | 'min' | 'max'> {
  const values = (points: readonly Point[]) => points.map(({ value }) => value);
  const [{ anchors }] = outcomes;
  const measured = [
    ...outcomes.flatMap((run) => values(run.evaluations)),
    ...anchors.map(({ value }) => value),
  ];
  const low = Math.min(...measured, ...outcomes.flatMap((run) => values(lossesOf(run))));
  const high = Math.max(...measured);
  if (low > 0 && high / low > LOG_RANGE) return { scale: 'log', min: 10 ** Math.floor(Math.log10(low)) };
  return { scale: 'linear', ...roundedRange(low, high + (high - low) / 4) };
}

/** The losses of training, in the measure where they can be. */
function lossesOf({ losses, metric }: Outcome): readonly Point[] {
  const converted = lossInMetric(metric) ?? ((loss) => loss);
  return losses.map(({ step, value }) => ({ step, value: converted(value) }));
}

function curves(outcome: Outcome): Series[] {
  const { settings, evaluations } = outcome;
  const color = MODELS.findIndex(({ name }) => name === settings.model);
  const name = settings.model.toUpperCase();
  return [
    { name: `${name} training`, points: pairs(lossesOf(outcome)), color, faint: true },
    { name: `${name} validation`, points: pairs(evaluations), color },
  ];
}

const pairs = (points: readonly Point[]): [number, number][] =>
  points.map(({ step, value }) => [step, value]);
