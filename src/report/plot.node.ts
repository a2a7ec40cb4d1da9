// Figures as SVG text: echarts draws without a browser. Legends stand above a few series and beside many.

import { createHash } from 'node:crypto';
import type { EChartsOption, SeriesOption } from 'echarts';
import { attentionMatrix } from './attentionMatrix.node';
import type { AttentionFigure, Axis, Figure, Mark, Plot, Series, Sounds } from './figure';
import { markLines, markOffsets, marksWidth } from './markLines.node';
import { panelsOptions } from './panels.node';
import { parallelOptions } from './parallel.node';
import { FONT, GRID, HEIGHT, INK, PALE, WIDTH, color, decadesBase, powerOfTen } from './plotStyle';
import { soundsHtml } from './sounds.node';
import { textWidth, wrapped } from './textWidth';

/** A figure as SVG, or as HTML where it has sounds. */
export async function draw(figure: Figure): Promise<string> {
  if (figure.kind === 'sounds') return soundsHtml(figure);
  if (figure.kind === 'attention') return attentionMatrix(figure);
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  const { GraphicComponent, GridComponent, LegendComponent } = components;
  const { MarkLineComponent, ParallelComponent, TitleComponent } = components;
  const { BarChart, LineChart, ParallelChart, ScatterChart } = charts;
  core.use([BarChart, LineChart, ParallelChart, ScatterChart]);
  core.use([GraphicComponent, GridComponent, LegendComponent]);
  core.use([MarkLineComponent, ParallelComponent, TitleComponent]);
  core.use([renderers.SVGRenderer]);
  core.setPlatformAPI({ measureText: (text, font) => ({ width: textWidth(text, sizeOf(font)) }) });
  const instance = core.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  instance.setOption(optionsOf(figure));
  if (figure.kind === 'plot' && figure.marks && figure.marks.length > 1) {
    // Where lines stand is known when the axes are.
    const heights = figure.marks.map(({ value }) => instance.convertToPixel({ yAxisIndex: 0 }, value));
    instance.setOption(plotOptions(figure, heights.map(Number)), true);
  }
  const svg = instance.renderToSVGString();
  // It would keep a timer, and the process, alive.
  instance.dispose();
  return named(svg);
}

/**
 * The names in a picture count all pictures that a process has drawn. By its content instead: what has not changed is
 * drawn to the same text again, and no two pictures of a page share a name for different things.
 */
function named(svg: string): string {
  const names = [...new Set(svg.match(/\bzr\d+-(cls-|c)\d+/g))];
  const numbers = new Map(names.map((name, i) => [name, i]));
  const written = (prefix: string) =>
    svg.replace(/\bzr\d+-(cls-|c)\d+/g, (name) => `${prefix}-${numbers.get(name)!}`);
  return written(`p${createHash('sha1').update(written('')).digest('hex').slice(0, 8)}`);
}

/** The size in a font as CSS has it, in pixels. */
const sizeOf = (font = ''): number => Number(/([\d.]+)px/.exec(font)?.[1] ?? 12);

function optionsOf(figure: Exclude<Figure, Sounds | AttentionFigure>): EChartsOption {
  if (figure.kind === 'panels') return panelsOptions(figure);
  return figure.kind === 'plot' ? plotOptions(figure) : parallelOptions(figure);
}

/** Pixels left of a plot; the size of what stands at a tick, and from one of its lines to the next. */
const [LEFT, TICK, LINE] = [78, 12, 14];
/** More names than fit in a line. */
const MANY = 5;
/** Pixels of a name in a legend, and of what stands around it there. */
const [NAME, ICON, BETWEEN] = [13, 29, 14];

/** `heights`: pixels of the marks, where they are known. */
function plotOptions({ x, y, series, marks = [] }: Plot, heights?: readonly number[]): EChartsOption {
  const names = [...new Set(series.map(({ name }) => name))];
  const widths = names.map((name) => textWidth(name, NAME));
  const line = widths.reduce((sum, width) => sum + width + ICON + BETWEEN, 0);
  const beside = names.length > MANY || line - BETWEEN > WIDTH - 80;
  // Names of series and of marks share the right side when both stand there.
  const right = beside
    ? Math.max(160, Math.max(...widths) + ICON + 20)
    : marks.length
      ? Math.max(136, marksWidth(marks) + 16)
      : 32;
  // The height of a bar is what it says; a curve says more where it has the room.
  const scale = !series.some(({ kind }) => kind === 'bars');
  const offsets = heights && markOffsets(heights, beside);
  const { categories, more } = underAxis(x, WIDTH - LEFT - right);
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: { left: LEFT, right, top: beside ? 20 : 44, bottom: 52 + more },
    legend: legendOptions(names, series, beside ? WIDTH - right + 16 : undefined),
    xAxis: {
      ...axisOptions({ ...x, categories }, 32 + more, x.scale === 'log' ? reach(x, series) : {}),
      splitLine: { show: false },
    },
    yAxis: { ...axisOptions(y, 58, y.scale === 'log' ? decades(y, series, marks) : {}), scale },
    series: [
      ...series.map(seriesOptions),
      ...(marks.length ? [markLines(marks, series, { inside: beside, offsets })] : []),
    ],
  } as EChartsOption;
}

/** Names of categories in lines that fit below each other, and pixels that these need more than one line. */
function underAxis({ categories }: Axis, room: number): { categories?: readonly string[]; more: number } {
  if (!categories) return { more: 0 };
  const lines = categories.map((name) => wrapped(name, room / categories.length - 8, TICK));
  const most = lines.reduce((sum, one) => Math.max(sum, one.length), 1);
  return { categories: lines.map((one) => one.join('\n')), more: (most - 1) * LINE };
}

/** A logarithmic axis from the first point to the last, in powers of two where there are not many. */
function reach({ min: first, max: last }: Axis, series: readonly Series[]) {
  const all = series.flatMap(({ points }) => points.map(([at]) => at)).filter((at) => at > 0);
  if (!all.length) return {};
  const [min, max] = [first ?? Math.min(...all), last ?? Math.max(...all)];
  return { min, max, logBase: max / min > 2048 ? decadesBase(min, max) : 2 };
}

/** An axis over so many powers of ten that not each of them can have a tick. */
function decades({ min: first, max: last }: Axis, series: readonly Series[], marks: readonly Mark[]) {
  const all = [
    ...series.flatMap(({ points }) => points.map(([, value]) => value)),
    ...marks.map(({ value }) => value),
  ];
  const above = all.filter((value) => value > 0);
  const min = first ?? 10 ** Math.floor(Math.log10(Math.min(...above)));
  const max = last ?? 10 ** Math.ceil(Math.log10(Math.max(...above)));
  const logBase = above.length ? decadesBase(min, max) : 10;
  return logBase > 10 ? { min, max, logBase } : {};
}

/** The legend above the plot or, from `left` on, beside it. */
function legendOptions(names: readonly string[], series: readonly Series[], left?: number) {
  const beside = left !== undefined;
  return {
    ...(beside ? { orient: 'vertical', left, top: 24, itemGap: 10 } : { top: 6, left: 64, itemGap: BETWEEN }),
    icon: 'roundRect',
    itemWidth: beside ? 18 : 24,
    itemHeight: 4,
    textStyle: { color: INK, fontSize: NAME },
    data: names.map((name) => {
      const dashed = series.every((one) => one.name !== name || one.dashed || one.kind === 'levels');
      return dashed ? { name, icon: KEY } : { name };
    }),
  };
}

interface Reach {
  readonly min?: number;
  readonly max?: number;
  readonly logBase?: number;
}

/** Whether the ends of a logarithmic axis have room for a label of their own, between two of its ticks. */
function endLabels({ min = 1, max = 1, logBase = 10 }: Reach) {
  const ticks = (value: number) => Math.log(value) / Math.log(logBase);
  const hasRoom = (apart: number) => apart < 1e-6 || apart > 0.4;
  return {
    showMinLabel: hasRoom(Math.ceil(ticks(min) - 1e-9) - ticks(min)),
    showMaxLabel: hasRoom(ticks(max) - Math.floor(ticks(max) + 1e-9)),
  };
}

function axisOptions(axis: Axis, nameGap: number, ends: Reach) {
  const { name, scale, categories, min, max } = axis;
  const log = scale === 'log';
  const formatter = (value: number) => (log ? powerOfTen(value) : String(Number(value.toPrecision(6))));
  return {
    name,
    nameGap,
    nameLocation: 'middle',
    nameTextStyle: { color: INK, fontSize: 13 },
    ...(categories
      ? { type: 'category', data: categories, axisTick: { show: false } }
      : { type: log ? 'log' : 'value', min, max, ...ends }),
    axisLabel: {
      color: INK,
      ...(categories ? { interval: 0, fontSize: tickSize(categories), lineHeight: LINE } : { formatter }),
      ...((ends.logBase ?? 0) > 2 && endLabels(ends)),
    },
    axisLine: { show: true, lineStyle: { color: PALE } },
    splitLine: { lineStyle: { color: GRID } },
  };
}

/** Beside ten others a long name touches the next one. */
const tickSize = (categories: readonly string[]): number => (categories.length > 9 ? TICK - 2 : TICK);

/** Points of a line up to this many are marked. */
const MARKED = 60;
/** Three strokes in a row, as high as the legend's other marks: a legend keeps the shape of its icons. */
const KEY = `path://${[0, 9, 18].map((x) => `M${x},0h6v4h-6z`).join('')}`;
/** Five strokes in a row, as wide as a category's name. */
const STROKES = `path://${[0, 9, 18, 27, 36].map((x) => `M${x},0h6v2h-6z`).join('')}`;

function seriesOptions(series: Series, index: number): SeriesOption {
  const { name, points, kind = 'line', dashed, faint } = series;
  const shared = { name, color: color(series, index), data: points.map(([x, y]) => [x, y]), silent: true };
  if (kind === 'bars') return { ...shared, type: 'bar', barMaxWidth: 40 };
  if (kind === 'dots')
    return {
      ...shared,
      type: 'scatter',
      symbolSize: faint ? 6 : 10,
      itemStyle: { opacity: faint ? 0.4 : 0.9 },
    };
  if (kind === 'levels') return { ...shared, type: 'scatter', symbol: STROKES, symbolSize: [64, 3] };
  const style = dashed ? ('dashed' as const) : ('solid' as const);
  if (faint) {
    const itemStyle = { opacity: 0.45 };
    return {
      ...shared,
      type: 'line',
      symbol: 'none',
      lineStyle: { width: 1, opacity: 0.45, type: style },
      itemStyle,
    };
  }
  const showSymbol = points.length < MARKED && (!dashed || points.length === 1);
  const lineStyle = { width: dashed ? 1.6 : 2.5, type: style };
  return { ...shared, type: 'line', symbol: 'circle', symbolSize: 4, showSymbol, lineStyle };
}
