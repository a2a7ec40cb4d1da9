// What became of a kernel: how right it is and where it is off, its time, and its share of what the adapter can do.

import { short, type Agreement, type KernelReport } from '../../../src/bench/index';
import { digits } from '../../../src/bench/kernel/agreement';
import { byId, element, type Content } from '../elements';
import { roundsPlot } from '../plot';

const shareOf = (value: number | null, most: number | undefined, of: string): string =>
  value === null || !most ? 'no formula' : `${short(value)}, ${((100 * value) / most).toFixed(1)} % of ${of}`;

/** `against`: what the results were compared with, in words; null where they were not. */
export function showResult({ results, row, ceiling }: KernelReport, against: string | null): void {
  const lines: [string, ...Content[]][] = results.map((one) => [
    `${one.name} against ${against}`,
    agreed(one),
  ]);
  if (against === null) lines.push(['result', 'compared with nothing: write a reference']);
  if (row) {
    const { min, max, ms, samples, gflops, gbps } = row;
    lines.push(
      ['time, fastest round', `${short(min)} ms`],
      [
        'median and slowest',
        `${short(ms)} and ${short(max)} ms, ${(((max! - min!) / min!) * 100).toFixed(0)} % apart`,
      ],
      ['GFLOP/s', shareOf(gflops, ceiling?.fma, 'FMA')],
      ['GB/s', shareOf(gbps, ceiling?.copy, 'copy')],
      [
        'a launch',
        `${((100 * ceiling!.dispatch) / (min! * 1000)).toFixed(1)} % of the time is what an empty one takes`,
      ],
      [`rounds: ${samples.length}`, ...roundsPlot(samples)],
    );
  } else lines.push(['time', 'not measured: the results are wrong']);
  byId('own-result').replaceChildren(
    ...lines.map(([name, ...words]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, ...words)),
    ),
  );
  byId('own-result').className = row ? '' : 'wrong';
  byId('own-result').hidden = false;
}

function agreed({ absolute, relative, error, ofChange }: Agreement): string {
  if (!absolute || !relative) return 'equal, element by element';
  const at = ({ index, found, wanted }: NonNullable<Agreement['absolute']>) =>
    `at [${index}]: ${digits(found)}, wanted ${digits(wanted)}`;
  const off = `largest error ${absolute.by.toExponential(2)} ${at(absolute)}`;
  const share = `relative ${relative.by.toExponential(2)} ${at(relative)}`;
  const most = `${error.toExponential(2)} of the largest value`;
  return [
    off,
    share,
    most,
    ...(ofChange > error ? [`${ofChange.toExponential(2)} of the largest change`] : []),
  ].join('; ');
}
