// Panels side by side: in each, faint curves that lead to named marks, over one scale of heights.

import type { EChartsOption, SeriesOption } from 'echarts';
import type { Axis, Panels, Track } from './figure';
import { LABEL_DISTANCE, LABEL_OFFSET, placeLabels, type LabelPlace } from './labels';
import { FONT, GRID, HEIGHT, INK, PALE, WIDTH, color } from './plotStyle';

const [LEFT, RIGHT, GAP, TOP, BOTTOM] = [76, 24, 26, 70, 52];
const PANEL_HEIGHT = HEIGHT - TOP - BOTTOM;

/** The options of ECharts for panels side by side. */
export function panelsOptions({ panels, y, kinds }: Panels): EChartsOption {
  const room = (WIDTH - LEFT - RIGHT - GAP * (panels.length - 1)) / panels.length;
  const leftOf = (i: number) => LEFT + i * (room + GAP);
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: panels.map((_, i) => ({ left: leftOf(i), width: room, top: TOP, bottom: BOTTOM })),
    title: panels.map(({ title }, i) => ({
      text: title,
      left: leftOf(i) - 4,
      top: TOP - 34,
      textStyle: { color: INK, fontSize: 14, fontWeight: 600 },
    })),
    legend: legendOf(kinds),
    xAxis: widthAxes(panels),
    yAxis: heightAxes(panels, y),
    series: [
      // What the legend needs: a series of each name.
      ...kinds.map((name, kind) => ({
        name,
        type: 'scatter',
        symbol: 'circle',
        data: [],
        color: color({ color: kind }, kind),
      })),
      ...panels.flatMap((panel, i) => seriesOf(panel, i, scaleOf(panel.x, y, room), room)),
    ],
  } as EChartsOption;
}

const legendOf = (kinds: Panels['kinds']) => ({
  top: 6,
  left: LEFT - 6,
  itemGap: 26,
  itemWidth: 12,
  itemHeight: 12,
  textStyle: { color: INK, fontSize: 13 },
  selectedMode: false,
  data: kinds.map((name, kind) => ({ name, itemStyle: { color: color({ color: kind }, kind) } })),
});

/** A panel's curves, what leads from their labels to their marks, and the marks. */
function seriesOf(
  { tracks }: Panels['panels'][number],
  i: number,
  scale: Scale,
  room: number,
): SeriesOption[] {
  const marks = tracks.map(({ name, mark }) => ({ name, at: scale.pixels(mark) }));
  const places = placeLabels(marks, [room, PANEL_HEIGHT]);
  return [
    ...tracks.map((track) => curve(track, i)),
    ...tracks.flatMap((track, t) => leader(track, places[t], i, scale)),
    ...tracks.map((track, t) => mark(track, places[t], i)),
  ];
}

const AXIS_LINE = { show: true, lineStyle: { color: PALE } };

const widthAxes = (panels: Panels['panels']) =>
  panels.map(({ x }, i) => ({
    gridIndex: i,
    type: 'log',
    logBase: 2,
    min: x.min,
    max: x.max,
    name: x.name,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: INK, fontSize: 13 },
    axisLabel: { color: INK },
    axisLine: AXIS_LINE,
    splitLine: { show: false },
  }));

const heightAxes = (panels: Panels['panels'], y: Axis) =>
  panels.map((_, i) => ({
    gridIndex: i,
    min: y.min,
    max: y.max,
    name: i ? '' : y.name,
    nameLocation: 'middle',
    nameGap: 54,
    nameTextStyle: { color: INK, fontSize: 13 },
    axisLabel: {
      show: i === 0,
      color: INK,
      formatter: (value: number) => `${value > 0 ? '+' : ''}${value} %`,
    },
    axisLine: AXIS_LINE,
    splitLine: { lineStyle: { color: GRID } },
  }));

/** Readable across a curve. */
const LABEL = { fontSize: 12, textBorderColor: '#ffffff', textBorderWidth: 3 };

const placed = (panel: number) => ({ xAxisIndex: panel, yAxisIndex: panel, silent: true });

const curve = ({ points, kind }: Track, panel: number): SeriesOption => ({
  type: 'line',
  ...placed(panel),
  data: points.map(([x, y]) => [x, y]),
  symbol: 'none',
  z: 2,
  color: color({ color: kind }, kind),
  lineStyle: { width: 1.6, opacity: 0.38 },
  clip: true,
});

type Point = Track['mark'];

interface Scale {
  /** From data to pixels of a panel, and back. */
  pixels(at: Point): Point;
  data(at: Point): Point;
}

function scaleOf(
  { min: left = 1, max: right = 1 }: Axis,
  { min: low = 0, max: high = 1 }: Axis,
  width: number,
): Scale {
  const [perOctave, perUnit] = [width / Math.log(right / left), PANEL_HEIGHT / (high - low)];
  return {
    pixels: ([x, y]) => [perOctave * Math.log(x / left), perUnit * (high - y)],
    data: ([x, y]) => [left * Math.exp(x / perOctave), high - y / perUnit],
  };
}

/** Pixels between a mark and a name from which on a line joins the two. */
const FAR = 20;

function leader(
  { mark, kind }: Track,
  { side, shift }: LabelPlace,
  panel: number,
  scale: Scale,
): SeriesOption[] {
  if (Math.abs(shift) <= FAR) return [];
  const [x, y] = scale.pixels(mark);
  const end = scale.data([x + (side === 'right' ? LABEL_OFFSET : -LABEL_OFFSET), y + shift]);
  return [
    {
      type: 'line',
      ...placed(panel),
      data: [[...mark], [...end]],
      symbol: 'none',
      z: 3,
      color: color({ color: kind }, kind),
      lineStyle: { width: 1, opacity: 0.8 },
    },
  ];
}

const mark = (
  { mark: at, name, kind, hollow }: Track,
  { side, shift }: LabelPlace,
  panel: number,
): SeriesOption => {
  const tone = color({ color: kind }, kind);
  const itemStyle = { color: hollow ? '#ffffff' : tone, borderColor: hollow ? tone : '#ffffff' };
  return {
    type: 'scatter',
    ...placed(panel),
    data: [[...at]],
    symbol: 'circle',
    symbolSize: 13,
    z: 4,
    itemStyle: { ...itemStyle, borderWidth: hollow ? 2.5 : 1 },
    label: {
      show: true,
      position: side,
      offset: [0, shift],
      distance: LABEL_DISTANCE,
      formatter: name,
      ...LABEL,
      color: tone,
    },
  };
};
