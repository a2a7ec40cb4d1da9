// A series: rows of numbers in the order of time, in three splits one after the other; each column less its mean over
// the training part, by its deviation there. What is predicted is the next row.
//
//   windows   rows t … t + length − 1 go in, rows t + 1 … t + length are asked for. Those that measure overlap by half,
//             and only their second halves count, so that every row of a split is asked for once, and all but the first
//             of the series with at least half a window in sight

import { fail } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { NONE } from '../../graph/none';
import type { Random } from '../../random';
import { checkParts } from './parts';
import { MOST, type Table } from './table';

/** The mean and the deviation of a column, in the data's units. */
export interface Normalisation {
  readonly mean: number;
  /** 1 of a column that does not change. */
  readonly deviation: number;
}

/** The name of a split. */
export type SeriesSplit = 'train' | 'valid' | 'test';

/** A series, normalised, in its splits. */
export interface Series {
  readonly names: readonly string[];
  /** Names of the columns to be predicted. */
  readonly targets: readonly string[];
  readonly normalisation: readonly Normalisation[];
  /** Values as they go in, [rows, columns]. */
  readonly values: Float32Array;
  readonly rows: number;
  /** The names of the classes, where a column holds them; empty without one. */
  readonly classes: readonly string[];
  readonly labels: Uint32Array;
  /** The rows of each split: from, and up to but not. */
  readonly splits: Readonly<Record<SeriesSplit, readonly [from: number, to: number]>>;
}

/** How a table becomes a series. */
export interface SeriesOptions {
  /** What it is called, for messages. */
  readonly name?: string;
  /** Columns to be predicted, by name or by place in the file; default: all. */
  readonly targets?: readonly string[];
  /** The part that validates; default: 0.1. */
  readonly validPart?: number;
  /** The part that tests, at the end; default: 0.1. */
  readonly testPart?: number;
  /** Whether all rows are all splits, for what only measures; default: false. */
  readonly whole?: boolean;
  /** The normalisation that a run was trained with, where it is used again. Default: that of the training part. */
  readonly normalisation?: readonly Normalisation[];
}

/** Normalises a table and cuts it into splits, the last rows for test; refuses one that is too short for three. */
export function makeSeries(table: Table, options: SeriesOptions = {}): Series {
  const { names, columns, rows, classes, labels } = table;
  const targets = options.targets ? targetsOf(table, options.targets) : names;
  const splits = splitsOf(rows, options);
  const normalisation =
    options.normalisation ?? columns.map((one) => normal(one.subarray(0, splits.train[1])));
  const values = new Float32Array(rows * columns.length);
  columns.forEach((column, c) => {
    const { mean, deviation } = normalisation[c];
    for (let t = 0; t < rows; t++) values[t * columns.length + c] = (column[t] - mean) / deviation;
    const far = column.findIndex((_, t) => !(Math.abs(values[t * columns.length + c]) <= MOST));
    if (far >= 0) {
      fail(`series: column ${JSON.stringify(names[c])} has ${column[far]} in row ${far + 1}, too far off.`, {
        given: `its training part has mean ${mean} and deviation ${deviation}`,
        fix: 'mend the value, or leave the column out with --columns.',
      });
    }
  });
  return { names, targets, normalisation, values, rows, classes, labels, splits };
}

/** The columns to be predicted by their names, which may have been given as places. */
function targetsOf({ names, places }: Table, wanted: readonly string[]): string[] {
  return wanted.map((one, i) => {
    const name = names.includes(one) ? one : names[places.indexOf(Number(one))];
    if (name === undefined) {
      fail(`series: there is no column ${JSON.stringify(one)} of numbers to predict.`, {
        given: `the columns are ${names.join(', ')}`,
        fix: 'name some of them, or give their places in the file, counted from 1.',
      });
    }
    if (wanted.indexOf(one) === i) return name;
    return fail(`series: column ${JSON.stringify(one)} is to be predicted twice.`, { fix: 'name it once.' });
  });
}

function splitsOf(rows: number, options: SeriesOptions): Series['splits'] {
  const { validPart = 0.1, testPart = 0.1, whole, name = 'the table' } = options;
  checkParts('series', validPart, testPart);
  if (whole) {
    if (rows < 2)
      fail(`series: ${name} has ${rows} rows.`, { fix: 'give 2 at least: the next is predicted.' });
    return { train: [0, rows], valid: [0, rows], test: [0, rows] };
  }
  const train = Math.floor(rows * (1 - validPart - testPart) + 1e-9);
  const valid = Math.floor(rows * (1 - testPart) + 1e-9);
  if (train < 2 || valid <= train || rows <= valid) {
    fail(`series: ${rows} rows are too few for three splits of ${name}.`, {
      given: `training has ${train}, validation ${valid - train}, test ${rows - valid}`,
      fix: 'give a longer table, or larger parts.',
    });
  }
  return { train: [0, train], valid: [train, valid], test: [valid, rows] };
}

/** Mean and deviation of values. */
export function normal(values: Float64Array): Normalisation {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance);
  return { mean, deviation: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1 };
}

/** A batch of windows of a series. */
export interface SeriesBatch {
  /** [B, T, columns], and a one for the class of the row where there are classes: [B, T, columns + classes]. */
  readonly x: HostArray;
  /** The next rows: [B, T, targets]; of classes u32 [B, T], 0xFFFFFFFF where a row is not asked for. */
  readonly targets: HostArray;
  /** 1 where a row is asked for, [B, T]. */
  readonly weights: HostArray;
}

/** Columns of what goes in. */
export const inputsOf = ({ names, classes }: Series): number => names.length + classes.length;

interface Window {
  readonly start: number;
  /** Steps that count: from, and up to but not. */
  readonly counts: readonly [from: number, to: number];
}

function batchOf(series: Series, windows: readonly Window[], length: number): SeriesBatch {
  const { names, targets, values, classes, labels, rows } = series;
  const [B, C, width] = [windows.length, names.length, inputsOf(series)];
  const wanted = targets.map((name) => names.indexOf(name));
  const x = new Float32Array(B * length * width);
  const next = classes.length
    ? new Uint32Array(B * length).fill(NONE)
    : new Float32Array(B * length * wanted.length);
  const weights = new Float32Array(B * length);
  windows.forEach(({ start, counts: [from, to] }, b) => {
    for (let t = 0; t < length && start + t + 1 < rows; t++) {
      const [row, at] = [start + t, b * length + t];
      x.set(values.subarray(row * C, (row + 1) * C), at * width);
      if (classes.length) {
        x[at * width + C + labels[row]] = 1;
        if (t >= from && t < to) next[at] = labels[row + 1];
      } else wanted.forEach((c, k) => (next[at * wanted.length + k] = values[(row + 1) * C + c]));
      if (t >= from && t < to) weights[at] = 1;
    }
  });
  const shape = [B, length];
  return {
    x: { shape: [...shape, width], data: x },
    targets: { shape: classes.length ? shape : [...shape, wanted.length], data: next },
    weights: { shape, data: weights },
  };
}

/** How large a batch of windows is. */
export interface WindowsOptions {
  readonly batch: number;
  /** Rows of a window. */
  readonly length: number;
}

/** Windows of the training part that begin anywhere; every step counts. */
export function drawWindows(
  series: Series,
  { batch, length, random }: WindowsOptions & { readonly random: Random },
): SeriesBatch {
  const [from, to] = series.splits.train;
  const places = to - from - length;
  if (places < 1) {
    fail(`series: ${to - from} training rows have no window of ${length} and a next row.`, {
      fix: `give --length of at most ${to - from - 1}, or a longer table.`,
    });
  }
  const windows = Array.from({ length: batch }, (): Window => {
    return { start: from + random.integer(places), counts: [0, length] };
  });
  return batchOf(series, windows, length);
}

/** Windows in which every row of a split is asked for once. */
export function* splitWindows(
  series: Series,
  split: SeriesSplit,
  { batch, length }: WindowsOptions,
): Generator<SeriesBatch> {
  const [from, to] = series.splits[split];
  const half = Math.ceil(length / 2);
  const windows: Window[] = [];
  for (let row = Math.max(1, from); row < to;) {
    // Row `row` is asked for at step row − 1 − start.
    const start = Math.max(0, row - 1 - (length - half));
    const first = row - 1 - start;
    const end = Math.min(length, first + to - row);
    windows.push({ start, counts: [first, end] });
    row += end - first;
  }
  for (let i = 0; i < windows.length; i += batch) yield batchOf(series, windows.slice(i, i + batch), length);
}

/** How far off a forecast is, in the units of the data. */
export interface ForecastErrors {
  /** Root of the mean square. */
  readonly rmse: number;
  /** Mean of the absolute values. */
  readonly mae: number;
}

/** The errors, on a split, of saying that nothing changes: the last value is the next; by target. */
export function naiveErrors(series: Series, split: SeriesSplit): ForecastErrors[] {
  const { names, targets, values, normalisation, splits } = series;
  const [from, to] = splits[split];
  return targets.map((name) => {
    const c = names.indexOf(name);
    let [squares, absolutes, count] = [0, 0, 0];
    for (let row = Math.max(1, from); row < to; row++, count++) {
      const off = values[row * names.length + c] - values[(row - 1) * names.length + c];
      squares += off * off;
      absolutes += Math.abs(off);
    }
    const { deviation } = normalisation[c];
    return { rmse: Math.sqrt(squares / count) * deviation, mae: (absolutes / count) * deviation };
  });
}
