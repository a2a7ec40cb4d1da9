// Panels side by side over one scale of heights: in each, faint curves with marks on them, and beside them their names.

import type { EChartsOption, SeriesOption } from 'echarts';
import type { Axis, Panels, Track } from './figure';
import { spreadLabels } from './labels';
import { FONT, GRID, HEIGHT, INK, PALE, WIDTH, color } from './plotStyle';

/** GAP is from the names of one panel to the axis of the next; NAMES is the width of the names. */
const [LEFT, RIGHT, GAP, TOP, BOTTOM, NAMES] = [76, 6, 30, 70, 52, 92];
const PANEL_HEIGHT = HEIGHT - TOP - BOTTOM;
const LINE = 14;

/** A panel's place, in pixels. */
interface Room {
  readonly left: number;
  readonly width: number;
}

/** The options of ECharts for panels side by side. */
export function panelsOptions({ panels, y, kinds }: Panels): EChartsOption {
  const width = (WIDTH - LEFT - RIGHT - GAP * (panels.length - 1)) / panels.length - NAMES;
  const rooms = panels.map((_, i): Room => ({ left: LEFT + i * (width + NAMES + GAP), width }));
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: rooms.map((room) => ({ ...room, top: TOP, bottom: BOTTOM })),
    title: panels.map(({ title }, i) => ({
      text: title,
      left: rooms[i].left - 4,
      top: TOP - 34,
      textStyle: { color: INK, fontSize: 14, fontWeight: 600 },
    })),
    legend: legendOf(kinds),
    xAxis: panels.map(({ x }, i) => widthAxis(x, i)),
    yAxis: panels.map((_, i) => heightAxis(y, i)),
    graphic: panels.flatMap(({ tracks }, i) => namesOf(tracks, y, rooms[i])),
    series: [
      // What the legend needs: a series of each name.
      ...kinds.map((name, kind) => ({
        name,
        type: 'scatter',
        symbol: 'circle',
        data: [],
        color: toneOf(kind),
      })),
      ...panels.flatMap(({ tracks }, i) => [
        ...tracks.map((track) => curve(track, i)),
        ...tracks.flatMap((track) => mark(track, i)),
      ]),
    ],
  } as EChartsOption;
}

/** The last kind is what the others are measured against. */
const TONES = [0, 1, 7];
const toneOf = (kind: number): string => color({ color: TONES[kind] }, kind);

const legendOf = (kinds: readonly string[]) => ({
  top: 6,
  left: LEFT - 6,
  itemGap: 26,
  itemWidth: 12,
  itemHeight: 12,
  textStyle: { color: INK, fontSize: 13 },
  selectedMode: false,
  data: kinds.map((name, kind) => ({ name, itemStyle: { color: toneOf(kind) } })),
});

const AXIS_LINE = { show: true, lineStyle: { color: PALE } };
const AXIS_NAME = { nameLocation: 'middle', nameTextStyle: { color: INK, fontSize: 13 } };

const widthAxis = ({ name, min, max }: Axis, gridIndex: number) => ({
  ...AXIS_NAME,
  gridIndex,
  type: 'log',
  logBase: 2,
  min,
  max,
  name,
  nameGap: 30,
  axisLabel: { color: INK, hideOverlap: true },
  axisLine: { ...AXIS_LINE, onZero: false },
  splitLine: { show: false },
});

const heightAxis = ({ name, min, max }: Axis, gridIndex: number) => ({
  ...AXIS_NAME,
  gridIndex,
  min,
  max,
  name: gridIndex ? '' : name,
  nameGap: 54,
  axisLabel: {
    show: gridIndex === 0,
    color: INK,
    formatter: (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value)} %`,
  },
  axisLine: AXIS_LINE,
  splitLine: { lineStyle: { color: GRID } },
});

const placed = (panel: number) => ({ xAxisIndex: panel, yAxisIndex: panel, silent: true });

const curve = ({ points, kind, dashed }: Track, panel: number): SeriesOption => ({
  ...placed(panel),
  type: 'line',
  data: points.map(([x, y]) => [x, y]),
  symbol: 'none',
  z: 2,
  color: toneOf(kind),
  lineStyle: { width: 1.6, opacity: dashed ? 0.9 : 0.45, type: dashed ? 'dashed' : 'solid' },
  clip: true,
});

function mark({ mark: at, kind, hollow }: Track, panel: number): SeriesOption[] {
  if (!at) return [];
  const tone = toneOf(kind);
  const itemStyle = { color: hollow ? '#ffffff' : tone, borderColor: hollow ? tone : '#ffffff' };
  return [
    {
      ...placed(panel),
      type: 'scatter',
      data: [[...at]],
      symbol: 'circle',
      symbolSize: 11,
      z: 4,
      itemStyle: { ...itemStyle, borderWidth: hollow ? 2.5 : 1 },
    },
  ];
}

/** A name for each curve, level with its end or as near as the others let it stand, and a line that joins the two. */
function namesOf(tracks: readonly Track[], { min = 0, max = 1 }: Axis, { left, width }: Room) {
  const ends = tracks.map(({ points }) => {
    const share = (max - points.at(-1)![1]) / (max - min);
    return PANEL_HEIGHT * Math.min(1, Math.max(0, share));
  });
  const heights = spreadLabels(ends, LINE, PANEL_HEIGHT);
  const edge = left + width;
  return tracks.flatMap(({ name, kind }, i) => [
    {
      type: 'line',
      silent: true,
      shape: { x1: edge + 1, y1: TOP + ends[i], x2: edge + 12, y2: TOP + heights[i] },
      style: { stroke: toneOf(kind), lineWidth: 1, opacity: 0.7 },
    },
    {
      type: 'text',
      silent: true,
      x: edge + 15,
      y: TOP + heights[i],
      style: { text: name, fill: toneOf(kind), font: `12px ${FONT}`, verticalAlign: 'middle' },
    },
  ]);
}
