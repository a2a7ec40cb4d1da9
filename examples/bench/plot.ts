// The rounds of a row as a small plot: a point a round, the fastest one at the bottom and filled.

import { short } from '../../src/bench/index';
import { drawn } from './elements';

const [WIDTH, HEIGHT, EDGE] = [84, 20, 3];
/** Less than this above the fastest is drawn as little as it is. */
const LEAST = 1.1;

/** Nothing where there are no rounds. */
export function roundsPlot(samples: readonly number[]): Node[] {
  if (!samples.length) return [];
  const fastest = Math.min(...samples);
  const top = Math.max(...samples, LEAST * fastest);
  const x = (i: number) => EDGE + ((WIDTH - 2 * EDGE) * (i + 0.5)) / samples.length;
  const y = (value: number) =>
    HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - fastest)) / (top - fastest || 1);
  const label = `rounds: ${samples.map(short).join(', ')}`;
  const size = { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
  const plot = drawn('svg', { class: 'rounds', role: 'img', 'aria-label': label, ...size });
  const title = drawn('title', {});
  title.textContent = label;
  const points = samples.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const dots = samples.map((value, i) =>
    drawn('circle', { cx: x(i), cy: y(value), r: 2, class: value === fastest ? 'fastest' : 'other' }),
  );
  plot.append(title, drawn('polyline', { points }), ...dots);
  return [plot];
}
