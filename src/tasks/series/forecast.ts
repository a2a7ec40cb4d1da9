// How a series goes on, by what a trained model says: each row that it predicts goes in as the next.

import { inputsOf, type Series } from '../../data/own/series';
import type { Engine } from '../../gpu/engine';
import { fail } from '../../graph/check';
import { array } from '../../graph/host';
import type { Module } from '../../nn/module';

/** What is forecast, and how far. */
export interface ForecastOptions {
  readonly series: Series;
  /** Rows in sight at the most: those of a window in training. */
  readonly length: number;
  /** Rows to predict. */
  readonly steps: number;
}

/** A predicted row: a number for every target in the units of the data, or a class. */
export type ForecastRow = readonly (number | string)[];

/** The most rows that can be predicted: one, where a row that is predicted is not all that goes in. */
export const mostRows = ({ names, targets, classes }: Series): number =>
  (classes.length ? names.length === 0 : names.every((name) => targets.includes(name))) ? Infinity : 1;

/** Fails where so many rows cannot be predicted. */
export function checkRows(series: Series, steps: number): void {
  if (steps <= mostRows(series)) return;
  fail(`forecast: ${steps} rows were asked for, and only the next can be predicted.`, {
    given: `${series.classes.length ? 'classes' : series.targets.join(', ')} of ${series.names.join(', ')}`,
    fix: 'ask for one, or train a model that predicts every column that goes in.',
  });
}

/** Rows behind the last of the series, one by one, as many as are wanted: those behind the window are not kept. */
export async function* forecast(
  engine: Engine,
  model: Module,
  options: ForecastOptions,
): AsyncGenerator<ForecastRow, void> {
  const { series, length, steps } = options;
  checkRows(series, steps);
  const width = inputsOf(series);
  const window = inputRows(series).slice(-length);
  const answer = engine.record((x) => model.forward(x));
  for (let step = 0; step < steps; step++) {
    const x = array([1, window.length, width], Float32Array.from(window.flat()));
    const all = await answer(x).read();
    const [values, row] = [all.slice(-outputsOf(series)), [...window[window.length - 1]]];
    yield taken(series, [...values].map(Number), row);
    window.push(row);
    if (window.length > length) window.shift();
  }
}

const outputsOf = ({ targets, classes }: Series): number => classes.length || targets.length;

/** Rows as they go in: numbers, then a one for the class. */
function inputRows({ names, values, rows, classes, labels }: Series): number[][] {
  return Array.from({ length: rows }, (_, t) => [
    ...values.subarray(t * names.length, (t + 1) * names.length),
    ...classes.map((_, c) => Number(labels[t] === c)),
  ]);
}

/** What an answer says; `row` becomes the next that goes in. */
function taken(series: Series, answer: readonly number[], row: number[]): ForecastRow {
  const { names, targets, normalisation, classes } = series;
  if (classes.length) {
    const best = answer.indexOf(Math.max(...answer));
    classes.forEach((_, c) => (row[names.length + c] = Number(c === best)));
    return [classes[best]];
  }
  return targets.map((name, k) => {
    const c = names.indexOf(name);
    row[c] = answer[k];
    return answer[k] * normalisation[c].deviation + normalisation[c].mean;
  });
}
