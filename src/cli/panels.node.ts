// Panels side by side: in each, faint curves that lead to named marks, over one scale of heights.

import type { EChartsOption, SeriesOption } from 'echarts';
import type { Axis, Panels, Track } from '../studies/figure';
import { GRID, INK, PALE, color, FONT } from './plotStyle';

const WIDTH = 860;
const [LEFT, RIGHT, GAP, TOP, BOTTOM] = [76, 24, 26, 70, 52];

export function panelsOptions({ panels, y, kinds }: Panels): EChartsOption {
  const room = (WIDTH - LEFT - RIGHT - GAP * (panels.length - 1)) / panels.length;
  const leftOf = (i: number) => LEFT + i * (room + GAP);
  const line = { show: true, lineStyle: { color: PALE } };
  return {
    ...{ animation: false, backgroundColor: '#ffffff', textStyle: { fontFamily: FONT } },
    grid: panels.map((_, i) => ({ left: leftOf(i), width: room, top: TOP, bottom: BOTTOM })),
    title: panels.map(({ title }, i) => ({
      text: title,
      ...{ left: leftOf(i) - 4, top: TOP - 34, textStyle: { color: INK, fontSize: 14, fontWeight: 600 } },
    })),
    legend: {
      ...{ top: 6, left: LEFT - 6, itemGap: 26, itemWidth: 12, itemHeight: 12 },
      ...{ textStyle: { color: INK, fontSize: 13 }, selectedMode: false },
      data: kinds.map((name, kind) => ({ name, itemStyle: { color: color({ color: kind }, kind) } })),
    },
    xAxis: panels.map(({ x }, i) => ({
      ...{ gridIndex: i, type: 'log', logBase: 2, min: x.min, max: x.max, name: x.name },
      ...{ nameLocation: 'middle', nameGap: 30, nameTextStyle: { color: INK, fontSize: 13 } },
      ...{ axisLabel: { color: INK }, axisLine: line, splitLine: { show: false } },
    })),
    yAxis: panels.map((_, i) => ({
      ...{ gridIndex: i, min: y.min, max: y.max, name: i ? '' : y.name },
      ...{ nameLocation: 'middle', nameGap: 54, nameTextStyle: { color: INK, fontSize: 13 } },
      axisLabel: {
        show: i === 0,
        color: INK,
        formatter: (value: number) => `${value > 0 ? '+' : ''}${value} %`,
      },
      ...{ axisLine: line, splitLine: { lineStyle: { color: GRID } } },
    })),
    series: [
      // What the legend needs: a series of each name.
      ...kinds.map((name, kind) => ({
        ...{ name, type: 'scatter', symbol: 'circle', data: [], color: color({ color: kind }, kind) },
      })),
      ...panels.flatMap(({ tracks, x }, i) => [
        ...tracks.map((track) => curve(track, i)),
        ...tracks.map((track) => mark(track, i, x)),
      ]),
    ],
  } as EChartsOption;
}

/** Readable across a curve. */
const LABEL = { fontSize: 12, textBorderColor: '#ffffff', textBorderWidth: 3 };

const placed = (panel: number) => ({ xAxisIndex: panel, yAxisIndex: panel, silent: true });

const curve = ({ points, kind }: Track, panel: number): SeriesOption => ({
  ...{ type: 'line', ...placed(panel), data: points.map(([x, y]) => [x, y]), symbol: 'none', z: 2 },
  ...{ color: color({ color: kind }, kind), lineStyle: { width: 1.6, opacity: 0.38 }, clip: true },
});

/** How far to the right, of 1, a name still has room on that side. */
const ROOM_UP_TO = 0.6;

const mark = (track: Track, panel: number, { min = 1, max = 1 }: Axis): SeriesOption => {
  const { name, kind, hollow } = track;
  const [x, y] = track.mark;
  const position = Math.log(x / min) > ROOM_UP_TO * Math.log(max / min) ? 'left' : 'right';
  const tone = color({ color: kind }, kind);
  const itemStyle = { color: hollow ? '#ffffff' : tone, borderColor: hollow ? tone : '#ffffff' };
  return {
    ...{ type: 'scatter', ...placed(panel), data: [[x, y]], symbol: 'circle', symbolSize: 13, z: 4 },
    itemStyle: { ...itemStyle, borderWidth: hollow ? 2.5 : 1 },
    label: { show: true, position, distance: 5, formatter: name, ...LABEL, color: tone },
    labelLayout: { moveOverlap: 'shiftY' },
  };
};
