// The findings of study `context`, put together from its parts.

import { hasMusic, musicPart } from './contextMusic';
import { rowsOf, tableOf, type ContextResult, type Curve } from './contextParts';
import { textPartsOf } from './contextTextCells';
import { textFindings } from './contextTextFindings';
import type { Findings, Setup, Results, Row } from '../../runs/study';

/** The table, the pictures and the words of the study. */
export function contextFindings(setup: Setup, results: Results<ContextResult>): Findings {
  const parts = [
    ...(hasMusic(setup) ? [musicPart(setup, results)] : []),
    ...textPartsOf(setup).map((part) => textFindings(part, results)),
  ];
  const curves = parts.flatMap((part) => part.curves);
  const counted = parts.flatMap((part) =>
    part.counted.map(([task, { name, value, metric }]): [string, Row] => [
      task,
      {
        model: name,
        task,
        setting: 'counted on the same training data',
        metric,
        ours: value,
        published: null,
      },
    ]),
  );
  return {
    remark: parts.map(({ remark }) => remark).join(' '),
    against: againstOf(curves),
    rows: [...curves.flatMap(rowsOf), ...counted.map(([, row]) => row)],
    table: tableOf(curves, counted),
    figures: parts.flatMap(({ figures }) => figures),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** Models that lose by being shown less, and what one seed cannot say. */
function againstOf(curves: readonly Curve[]): string[] {
  const worse = curves.flatMap(({ model, task, points, whole }) => {
    const [first, last] = [points[0], points.at(-1)!];
    if (whole === undefined || first[1] === null || last[1] === null || first[1] < 1.05 * last[1]) return [];
    return [`${model} on ${task} ${(100 * (first[1] / last[1] - 1)).toFixed(0)} %`];
  });
  return [
    ...(worse.length ? [`One input is not enough: it costs ${worse.join(', ')}.`] : []),
    'One seed and short trainings: a model that has learned more may need more.',
  ];
}
