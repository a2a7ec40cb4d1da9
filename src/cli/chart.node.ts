// Training curves as SVG text: echarts draws without a browser. A thin line is the training loss, a thick one
// with points the validation; what can be had without learning is dashed.

import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { ModelName } from '../nn/sequenceModel';
import type { Point } from '../train/fit';
import type { Outcome } from './outcome.node';
import { figures } from './text.node';

const WIDTH = 860;
const HEIGHT = 380;
const FONT = 'system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif';
const INK = '#3b4252';
const PALE = '#8a93a3';

// Told apart with any kind of colour vision (Okabe & Ito).
const COLORS: Record<ModelName, string> = { tcn: '#0072b2', lstm: '#d55e00', gru: '#009e73', rnn: '#cc79a7' };

/** Curves that fall by more than this are drawn over a logarithmic axis. */
const LOG_RANGE = 20;

/** The runs of one task in one picture. */
export async function chart(outcomes: readonly Outcome[]): Promise<string> {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  const { GridComponent, LegendComponent, MarkLineComponent } = components;
  core.use([charts.LineChart, GridComponent, LegendComponent, MarkLineComponent, renderers.SVGRenderer]);
  const instance = core.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  instance.setOption(options(outcomes));
  const svg = instance.renderToSVGString();
  // It would keep a timer, and the process, alive.
  instance.dispose();
  return svg;
}

function options(outcomes: readonly Outcome[]): EChartsOption {
  const { log, ...range } = rangeOf(outcomes);
  const [{ metric }] = outcomes;
  const lines = outcomes.flatMap(curves);
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: { left: 72, right: 136, top: 44, bottom: 52 },
    legend: {
      ...{ top: 6, left: 64, itemGap: 22, icon: 'roundRect', itemWidth: 24, itemHeight: 4 },
      textStyle: { color: INK, fontSize: 13 },
      data: lines.map(({ name }) => String(name)),
    },
    xAxis: {
      ...axis('training step', 32),
      type: 'value',
      max: Math.max(...outcomes.map(({ steps }) => steps)),
      splitLine: { show: false },
    },
    yAxis: {
      ...axis(`${metric}${log ? ' (log scale)' : ''}`, 54),
      ...range,
      type: log ? 'log' : 'value',
      axisLabel: { color: INK, formatter: (value: number) => String(Number(value.toPrecision(6))) },
    },
    series: [...lines, anchorLines(outcomes)],
  };
}

/**
 * What the vertical axis shows. All there is when it is logarithmic; otherwise not much more than what
 * validation and anchors cover, because the first steps of a training would press the rest flat.
 */
function rangeOf(outcomes: readonly Outcome[]): { log: boolean; min: number; max?: number } {
  const values = (points: readonly Point[]) => points.map(({ value }) => value);
  const [{ anchors }] = outcomes;
  const measured = [
    ...outcomes.flatMap((run) => values(run.evaluations)),
    ...anchors.map(({ value }) => value),
  ];
  const low = Math.min(...measured, ...outcomes.flatMap((run) => values(run.losses)));
  const high = Math.max(...measured);
  if (low > 0 && high / low > LOG_RANGE) return { log: true, min: 10 ** Math.floor(Math.log10(low)) };
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-9)));
  return { log: false, min: Math.floor(low / step) * step, max: Math.ceil((high * 1.1) / step) * step };
}

const axis = (name: string, nameGap: number) => ({
  name,
  nameGap,
  nameLocation: 'middle' as const,
  nameTextStyle: { color: INK, fontSize: 13 },
  axisLabel: { color: INK },
  axisLine: { show: true, lineStyle: { color: PALE } },
  splitLine: { lineStyle: { color: '#e8ebf0' } },
});

function curves({ settings, losses, evaluations }: Outcome): LineSeriesOption[] {
  const color = COLORS[settings.model];
  const name = settings.model.toUpperCase();
  const line = { type: 'line' as const, color };
  return [
    {
      ...line,
      ...{ name: `${name} training`, data: pairs(losses), showSymbol: false, symbol: 'none' },
      ...{ lineStyle: { width: 1, opacity: 0.45 }, itemStyle: { opacity: 0.45 } },
    },
    {
      ...line,
      ...{ name: `${name} validation`, data: pairs(evaluations), symbol: 'circle', symbolSize: 4 },
      ...{ showSymbol: evaluations.length < 60, lineStyle: { width: 2.5 } },
    },
  ];
}

const pairs = (points: readonly Point[]): [number, number][] =>
  points.map(({ step, value }) => [step, value]);

/** Dashed lines that are in no legend: each carries its name. */
function anchorLines([{ anchors, losses }]: readonly Outcome[]): LineSeriesOption {
  const sorted = [...anchors].sort((a, b) => b.value - a.value);
  // Above the highest line, below the lowest: names of two that are close do not meet.
  const place = (i: number) => (sorted.length === 1 ? 'middle' : i === 0 ? 'bottom' : 'top');
  return {
    type: 'line',
    // Points of their own make the axis reach them.
    data: sorted.map(({ value }) => [losses[0]?.step ?? 1, value]),
    ...{ lineStyle: { opacity: 0 }, showSymbol: false, silent: true },
    markLine: {
      ...{ silent: true, symbol: 'none', animation: false },
      lineStyle: { type: 'dashed', color: INK, width: 1.2 },
      data: sorted.map(({ name, value }, i) => ({
        name: `${name}: ${figures(value)}`,
        yAxis: value,
        label: { color: INK, fontSize: 12, position: 'end', formatter: '{b}', verticalAlign: place(i) },
      })),
    },
  };
}
