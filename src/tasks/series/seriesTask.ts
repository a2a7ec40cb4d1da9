// Forecasting: the next row of a series, as numbers or as a class; beside it, what is reached by saying that nothing
// changes. Errors are in the units of the data.

import {
  drawWindows,
  inputsOf,
  naiveErrors,
  splitWindows,
  type Series,
  type SeriesBatch,
} from '../../data/own/series';
import type { HostArray } from '../../graph/host';
import { NONE } from '../../graph/none';
import type { Tensor } from '../../graph/tensor';
import { div, mul, sub } from '../../ops/elementwise/binary';
import { sqrt, square } from '../../ops/elementwise/unary';
import { reshape, slice } from '../../ops/layout/view';
import { accuracy, crossEntropy } from '../../ops/loss/crossEntropy';
import { meanSquaredError } from '../../ops/loss/meanSquaredError';
import { sum } from '../../ops/reduce/reduce';
import type { Random } from '../../random';
import type { Source } from '../../train/fit';
import { sequenceTask, type SequenceTask } from '../sequence';
import type { Measures } from '../task';

/** A series, and the windows of it that a step takes. */
export interface SeriesOptions {
  /** What it is called. */
  readonly name: string;
  readonly series: Series;
  /** Windows per step. */
  readonly batch: number;
  /** Rows of a window. */
  readonly length: number;
}

const EVALUATION_BATCH = 16;
/** The measure of classes. */
const NATS = 'nats per row';

/**
 * Forecasting: windows [B, T, columns] to the next row of each step, numbers or a class; errors in the data's units.
 */
export function seriesTask(options: SeriesOptions): SequenceTask {
  const { name, series, batch, length } = options;
  const classes = series.classes.length > 0;
  const { splits, targets } = series;
  return sequenceTask({
    name,
    inputs: inputsOf(series),
    outputs: classes ? series.classes.length : targets.length,
    longest: length,
    stepsPerEpoch: Math.max(1, Math.floor((splits.train[1] - splits.train[0]) / (batch * length))),
    source: (random) => windowSource(series, { batch, length, random }),
    weightOf: ([, , weights]) =>
      [...weights.data].reduce((total: number, weight) => total + Number(weight), 0),
    *batches(split) {
      for (const one of splitWindows(series, split, { batch: EVALUATION_BATCH, length }))
        yield arraysOf(series, one);
    },
    ...(classes ? classesOf(series) : numbersOf(series)),
  });
}

type Asked = Pick<SequenceTask, 'metric' | 'anchors' | 'loss' | 'measures' | 'report'>;

/** What goes in, what is asked for, which rows count, and what the naive forecast says: the same as now. */
function arraysOf(series: Series, { x, targets, weights }: SeriesBatch): HostArray[] {
  const { names, classes } = series;
  const [B, T, width] = x.shape;
  const said = classes.length
    ? classes.map((_, c) => names.length + c)
    : series.targets.map((name) => names.indexOf(name));
  const last = new Float32Array(B * T * said.length);
  for (let at = 0; at < B * T; at++) {
    said.forEach((c, k) => (last[at * said.length + k] = Number(x.data[at * width + c])));
  }
  return [x, targets, weights, { shape: [B, T, said.length], data: last }];
}

function windowSource(
  series: Series,
  { batch, length, random }: { readonly batch: number; readonly length: number; readonly random: Random },
): Source {
  return {
    next: () => arraysOf(series, drawWindows(series, { batch, length, random })),
    save: () => random.save(),
    restore: (saved: number[]) => random.restore(saved),
  };
}

/** Mean squares and mean absolute errors of every target, [] each, over the rows that count. */
function errorsOf(y: Tensor, targets: Tensor, weights: Tensor): { squares: Tensor[]; absolutes: Tensor[] } {
  const [B, T, K] = y.shape;
  const squares = square(sub(y, targets));
  const total = sum(weights);
  const meansOf = (values: Tensor) =>
    Array.from({ length: K }, (_, k) => {
      const column = reshape(slice(values, -1, k, k + 1), [B, T]);
      return div(sum(mul(column, weights)), total);
    });
  return { squares: meansOf(squares), absolutes: meansOf(sqrt(squares)) };
}

/** One target is measured in its own units, several together in deviations of their training part. */
function numbersOf(series: Series): Asked {
  const { names, targets, normalisation } = series;
  const deviations = targets.map((name) => normalisation[names.indexOf(name)].deviation);
  const one = targets.length === 1;
  const metric = one ? `RMSE of ${targets[0]}` : 'RMSE in deviations';
  const naive = naiveErrors(series, 'test');
  const overall = (squares: readonly number[]) =>
    Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length) * (one ? deviations[0] : 1);
  return {
    metric,
    anchors: [
      { name: 'last value', value: overall(naive.map(({ rmse }, k) => (rmse / deviations[k]) ** 2)) },
    ],
    loss: (y, wanted) => meanSquaredError(y, wanted),
    measures(y, wanted, weights, last) {
      const [model, same] = [y, last].map((said) => errorsOf(said, wanted, weights));
      return Object.fromEntries(
        targets.flatMap((_, k): [string, Tensor][] => [
          [`squares ${k}`, model.squares[k]],
          [`absolutes ${k}`, model.absolutes[k]],
          [`naive squares ${k}`, same.squares[k]],
          [`naive absolutes ${k}`, same.absolutes[k]],
        ]),
      );
    },
    report(means: Measures) {
      const own = targets.flatMap((target, k): [string, number][] => [
        [`RMSE of ${target}`, Math.sqrt(means[`squares ${k}`]) * deviations[k]],
        [`RMSE of ${target}, last value`, Math.sqrt(means[`naive squares ${k}`]) * deviations[k]],
        [`MAE of ${target}`, means[`absolutes ${k}`] * deviations[k]],
        [`MAE of ${target}, last value`, means[`naive absolutes ${k}`] * deviations[k]],
      ]);
      return { [metric]: overall(targets.map((_, k) => means[`squares ${k}`])), ...Object.fromEntries(own) };
    },
  };
}

function classesOf({ classes, labels, splits }: Series): Asked {
  const [, rows] = splits.train;
  const counts = new Float64Array(classes.length);
  for (let row = 0; row < rows; row++) counts[labels[row]]++;
  const [from, to] = splits.test;
  let nats = 0;
  for (let row = from; row < to; row++) nats -= Math.log(Math.max(1, counts[labels[row]]) / rows);
  const loss = (y: Tensor, wanted: Tensor) => crossEntropy(y, wanted, { ignoreIndex: NONE });
  return {
    metric: NATS,
    anchors: [{ name: 'frequencies', value: nats / (to - from) }],
    loss,
    measures: (y, wanted, _weights, last) => ({
      nats: loss(y, wanted),
      right: accuracy(y, wanted, { ignoreIndex: NONE }),
      same: accuracy(last, wanted, { ignoreIndex: NONE }),
    }),
    report: (means: Measures) => ({
      [NATS]: means.nats,
      accuracy: means.right,
      'accuracy, last class': means.same,
    }),
  };
}
