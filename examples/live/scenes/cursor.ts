// One cursor for several charts, by the mouse or the arrow keys, with the values at it.

import UPlot from 'uplot';
import { short } from '../shell/chart';

/** How far an arrow key moves the cursor, as a part of the width. */
const STRIDE = 0.02;

/** Charts of one name have one cursor: by the step, wherever that is. */
export const oneCursor = (key: string): UPlot.Plugin => ({
  opts: (_, options) => ({
    ...options,
    legend: { ...options.legend, live: true },
    series: options.series.map((one, i) => (i ? { ...one, value: valueAt } : one)),
    cursor: {
      ...options.cursor,
      sync: { key, scales: ['x', null] },
      dataIdx: ({ data }, series, at) => (series ? nearest(data[series], at) : at),
    },
  }),
  hooks: {
    init({ root }) {
      root.tabIndex = 0;
      root.setAttribute('role', 'group');
      root.setAttribute('aria-label', 'Curves: arrow keys move the cursor');
    },
    ready: (plot) => plot.root.addEventListener('keydown', (event) => move(plot, key, event)),
  },
});

const valueAt = (_: UPlot, value: number | null) => (value === null ? '–' : short(value));

/** Moves the cursor by the arrow keys, in all charts of its name. */
function move(plot: UPlot, key: string, event: KeyboardEvent): void {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way) return;
  event.preventDefault();
  const { width } = plot.over.getBoundingClientRect();
  const left = Math.max(0, plot.cursor.left ?? 0) + way * STRIDE * width;
  const step = plot.posToVal(Math.min(width, Math.max(0, left)), 'x');
  for (const one of UPlot.sync(key).plots) one.setCursor({ left: one.valToPos(step, 'x'), top: 1 });
}

/** The place nearest to one where a curve has a value. */
function nearest(values: ArrayLike<number | null | undefined>, at: number): number {
  for (let by = 0; by < values.length; by++) {
    if (values[at - by] != null) return at - by;
    if (values[at + by] != null) return at + by;
  }
  return at;
}
