// The rows behind the last of a series, as CSV.

import { Outputs } from '../../files/outputs.node';
import { forecast, mostRows } from '../../tasks/series/forecast';
import type { SeriesData } from '../../tasks/series/index';
import type { GenerateJob, Kind } from './generateKind';

const LENGTH = 16;

/** A forecast: the rows that follow a series, as CSV in the data's units. */
export const series: Kind = {
  flags: [],
  prepare({ settings, content, given }: GenerateJob) {
    const data = (content as SeriesData).series;
    const steps = Number(given.length ?? Math.min(LENGTH, mostRows(data)));
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const out =
      given.out === undefined ? undefined : outputs.file(String(given.out), { from: '--out', kind: 'text' });
    return async (engine, model) => {
      const start = performance.now();
      const rows = await forecast(engine, model, { series: data, length: Number(settings.length), steps });
      const seconds = (performance.now() - start) / 1000;
      const head = data.classes.length ? ['class'] : data.targets;
      const text = [head, ...rows].map((row) => row.map(field).join(',')).join('\n');
      console.log(text);
      const file = out?.write(`${text}\n`);
      const json = { columns: head, rows, ...(file && { file }) };
      return { stepsPerSecond: steps / seconds, seconds, length: steps, json };
    };
  },
};

/** A field of a CSV file, in quotes where it needs them; numbers with the seven digits that they have. */
const field = (value: number | string): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(7)))
    : /[",\n\r]/.test(value)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
