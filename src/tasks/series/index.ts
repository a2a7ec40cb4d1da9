// A series of one's own as a task of the table: the next row of a CSV file.

import { makeSeries, type Normalisation, type Series } from '../../data/own/series';
import { noteOn } from '../../data/own/rows';
import { readTable, type LeftOut } from '../../data/own/table';
import { fail } from '../../graph/check';
import type { Options } from '../../spec/option';
import { CSV, DELIMITER_NAMES, LENGTH } from '../options';
import { LEAST_STEPS } from '../preset';
import { defineTask } from '../taskSpec';
import { seriesTask } from './seriesTask';

const SERIES = {
  length: { ...LENGTH.length, help: 'rows of a window' },
  columns: { kind: 'texts', help: 'the columns of numbers, by name or place; otherwise all' },
  targets: {
    kind: 'texts',
    help: 'those to be predicted, by name or place; otherwise all',
    misfit: ({ classColumn }) =>
      classColumn === undefined ? undefined : { with: '--class-column', fix: 'leave one of the two out.' },
  },
  classColumn: {
    kind: 'text',
    help: 'a column of classes, the next of which is predicted in place of numbers',
  },
  ...CSV,
  validPart: { kind: 'rate', help: 'part of the rows that validates; otherwise 0.1' },
  testPart: { kind: 'rate', help: 'part of the rows, the last, that tests; otherwise 0.1' },
} as const satisfies Options;

/** A series under its name, and what was left out. */
export interface SeriesData {
  readonly name: string;
  readonly series: Series;
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly string[];
  /** Rows of a window. */
  readonly length: number;
}

/** Rows that a run keeps, or a window of them where that is longer: a forecast goes on from them. */
const KEPT_ROWS = 1024;

/** A series of a user's own CSV file: the next row, as numbers or as a class. */
export const series = defineTask<'series', typeof SERIES, SeriesData, { readonly rows: number }>({
  name: 'series',
  title: 'A series of your own',
  about: 'the next row of your own CSV file, as numbers or as a class: --from FILE',
  kind: 'series',
  reads: 'vectors',
  options: SERIES,
  start: {
    batch: 16,
    length: 64,
    epochs: 20,
    ...LEAST_STEPS,
    optimizer: 'adam',
    learningRate: 3e-3,
    schedule: 'linear',
    clipNorm: 1,
  },
  presets: {},
  data: {
    from: { what: 'CSV files', endings: ['csv', 'tsv', 'txt'] },
    read(files, { delimiter, length = 0, ...settings }, _parts, kept) {
      if (files.length > 1) {
        fail(`series: ${files.length} files are given, and a series is one.`, {
          given: files.map(({ name }) => name).join(', '),
          fix: 'give --from one file.',
        });
      }
      const { name } = files[0];
      const known = kept?.series;
      const table = readTable(files[0], {
        ...settings,
        known,
        delimiter: delimiter && DELIMITER_NAMES[delimiter],
      });
      // To a trained model a number is what it was in its training: the same column, mean and deviation.
      const trained = known && { targets: known.targets, normalisation: known.normalisation };
      const series = makeSeries(table, { ...settings, ...trained, name });
      return { name, series, leftOut: table.leftOut, notes: table.notes, length };
    },
    facts: ({ series: { splits } }) => ({ rows: splits.train[1] }),
    notes: ({ leftOut, notes }) => [...notes, ...noteOn(leftOut.map(shown))],
    stepsPerEpoch: ({ rows }, { batch, length = 1 }) => Math.max(1, Math.floor(rows / (batch * length))),
    keep: ({ name, series, length }) => ({ name, ...lastRows(series, Math.max(KEPT_ROWS, length)) }),
    kept,
  },
  sample: { kind: 'series' },
  make: ({ batch, length }, { name, series }) => seriesTask({ name, series, batch, length }),
});

/** A column with its first value, by which it is seen why it is no numbers. */
function shown({ name, first }: LeftOut): string {
  const letters = Array.from(first);
  return `${name} (${JSON.stringify(letters.length > 24 ? `${letters.slice(0, 24).join('')} …` : first)})`;
}

function lastRows({ names, targets, normalisation, values, rows, classes, labels }: Series, most: number) {
  const from = Math.max(0, rows - most);
  const last = Array.from({ length: rows - from }, (_, t) => {
    return [...values.subarray((from + t) * names.length, (from + t + 1) * names.length)];
  });
  return { names, targets, normalisation, classes, labels: [...labels.subarray(from)], last };
}

function kept(json: unknown, where: string): SeriesData {
  const raw = Object(json) as Partial<ReturnType<typeof lastRows>> & { readonly name?: string };
  const {
    name = '',
    names = [],
    targets = [],
    normalisation = [],
    classes = [],
    labels = [],
    last = [],
  } = raw;
  const number = (x: unknown) => typeof x === 'number' && Number.isFinite(x);
  const right =
    last.length > 0 &&
    last.every((row) => row.length === names.length && row.every(number)) &&
    normalisation.length === names.length &&
    normalisation.every(({ mean, deviation }: Normalisation) => number(mean) && deviation > 0) &&
    targets.every((one) => names.includes(one)) &&
    (!classes.length || (labels.length === last.length && labels.every((one) => one < classes.length)));
  if (!right) fail(`${where} holds no series.`, { fix: 'the file was changed or is damaged; train again.' });
  const rows = last.length;
  const none = [0, 0] as const;
  return {
    name,
    leftOut: [],
    notes: [],
    length: 0,
    series: {
      names,
      targets,
      normalisation,
      rows,
      classes,
      values: Float32Array.from(last.flat()),
      labels: Uint32Array.from(labels),
      splits: { train: none, valid: none, test: none },
    },
  };
}
