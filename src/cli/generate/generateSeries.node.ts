// The rows behind the last of a series, as CSV, shown while they are predicted.

import { csvField } from '../../files/csvField';
import { Outputs } from '../../files/outputs.node';
import { fail } from '../../graph/check';
import { checkRows, forecast, mostRows, type ForecastRow } from '../../tasks/series/forecast';
import type { SeriesData } from '../../tasks/series/index';
import type { GenerateJob, Kind } from './generateKind';
import { Shown } from './shown.node';

const LENGTH = 16;
/** Rows that --json can hold: one JavaScript string. */
const MOST_IN_JSON = 2 ** 20;

/** A forecast: the rows that follow a series, as CSV in the data's units. */
export const series: Kind = {
  flags: [],
  prepare({ settings, content, given }: GenerateJob) {
    refuseDrawing(given);
    const data = (content as SeriesData).series;
    const steps = Number(given.length ?? Math.min(LENGTH, mostRows(data)));
    if (given.json && steps > MOST_IN_JSON) {
      fail(`generate: ${steps} rows are too many for --json.`, {
        fix: `give --length of at most ${MOST_IN_JSON}, or leave --json out.`,
      });
    }
    checkRows(data, steps);
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const out =
      given.out === undefined ? undefined : outputs.file(String(given.out), { from: '--out', kind: 'CSV' });
    return async (engine, model) => {
      const start = performance.now();
      const columns = data.classes.length ? ['class'] : data.targets;
      const shown = new Shown(out !== undefined);
      const rows: ForecastRow[] = [];
      const show = (row: ForecastRow) => shown.add(`${row.map(field).join(',')}\n`);
      await show(columns);
      for await (const row of forecast(engine, model, {
        series: data,
        length: Number(settings.length),
        steps,
      })) {
        await show(row);
        if (given.json) rows.push(row);
      }
      const seconds = (performance.now() - start) / 1000;
      const file = out?.write(shown.parts);
      const json = { columns, rows, ...(file && { file }) };
      return { stepsPerSecond: steps / seconds, seconds, length: steps, json };
    };
  },
};

/** A forecast is what the model says, and nothing of it is drawn. */
function refuseDrawing(given: GenerateJob['given']): void {
  const flag = ['temperature', 'seed'].find((name) => name in given);
  if (flag) {
    fail(`generate: --${flag} does not go with series.`, {
      fix: 'leave it out: nothing of a forecast is drawn.',
    });
  }
}

/** A field: numbers with the seven digits that they have. */
const field = (value: number | string): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(7))) : csvField(value);
