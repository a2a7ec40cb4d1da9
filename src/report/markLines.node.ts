// Dashed lines across a plot that are in no legend: each carries its name, and no two names cover each other.

import type { SeriesOption } from 'echarts';
import type { Mark, Series } from './figure';
import { spreadLabels } from './labels';
import { HEIGHT, INK } from './plotStyle';
import { textWidth } from './textWidth';
import { significant } from './text.node';

const SIZE = 12;
/** Pixels from one name to the next. */
const GAP = 15;

const nameOf = ({ name, value }: Mark): string => `${name}: ${significant(value)}`;

/** Pixels that the names need beside the plot. */
export const marksWidth = (marks: readonly Mark[]): number =>
  Math.max(0, ...marks.map((mark) => textWidth(nameOf(mark), SIZE)));

/** How far down each name is moved, in pixels, from the height of its line, so that all can be read; see markLines. */
export function markOffsets(heights: readonly number[], inside: boolean): number[] {
  const places = inside ? stacked(heights) : spreadLabels(heights, GAP, HEIGHT);
  return heights.map((height, i) => places[i] - height);
}

/** Names over lines, each above its own and above the names of those below. */
function stacked(heights: readonly number[]): number[] {
  const places: number[] = [];
  let above = Infinity;
  const fromBelow = heights.map((_, i) => i).sort((a, b) => heights[b] - heights[a]);
  for (const i of fromBelow) above = places[i] = Math.min(heights[i], above - GAP);
  return places;
}

/** The lines; `inside`: names stand over their ends, for want of room beside them. `offsets`: see markOffsets. */
export function markLines(
  marks: readonly Mark[],
  series: readonly Series[],
  { inside, offsets = [] }: { readonly inside: boolean; readonly offsets?: readonly number[] },
): SeriesOption {
  const first = series.find(({ points }) => points.length)?.points[0][0] ?? 1;
  return {
    type: 'line',
    // Points of their own make the axis reach them.
    data: marks.map(({ value }) => [first, value]),
    lineStyle: { opacity: 0 },
    showSymbol: false,
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      // The places after the point that a value keeps; by default two, and a loss of 0.002 is drawn at 0.
      precision: 15,
      lineStyle: { type: 'dashed', color: INK, width: 1.2 },
      data: marks.map((mark, i) => ({
        name: nameOf(mark),
        yAxis: mark.value,
        label: {
          color: INK,
          // Curves that pass behind.
          textBorderColor: '#ffffff',
          textBorderWidth: 3,
          fontSize: SIZE,
          position: inside ? 'insideEndTop' : 'end',
          formatter: '{b}',
          verticalAlign: inside ? 'bottom' : 'middle',
          offset: [0, offsets[i] ?? 0],
        },
      })),
    },
  };
}
