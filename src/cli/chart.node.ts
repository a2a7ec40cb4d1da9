// Training curves as SVG text: echarts draws without a browser. A thin line is the training loss, a thick one with
// points the validation; what can be had without learning is dashed.

import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { ModelName } from '../nn/sequenceModel';
import type { Point } from '../train/fit';
import type { Outcome } from './outcome.node';
import { figures } from './text.node';

const WIDTH = 860;
const HEIGHT = 380;
const FONT = 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
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
  const values = outcomes.flatMap(({ losses, evaluations }) =>
    [...losses, ...evaluations].map(({ value }) => value),
  );
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high / low > LOG_RANGE;
  const [{ metric }] = outcomes;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: { left: 72, right: 132, top: 44, bottom: 52 },
    legend: { top: 6, left: 64, itemGap: 22, textStyle: { color: INK, fontSize: 13 } },
    xAxis: {
      ...axis('training step', 32),
      type: 'value',
      max: Math.max(...outcomes.map(({ steps }) => steps)),
      splitLine: { show: false },
    },
    yAxis: {
      ...axis(`${metric}${log ? ' (log scale)' : ''}`, 54),
      type: log ? 'log' : 'value',
      ...(log ? { min: 10 ** Math.floor(Math.log10(low)) } : { scale: true }),
      axisLabel: { color: INK, formatter: (value: number) => String(Number(value.toPrecision(6))) },
    },
    series: [...outcomes.flatMap(curves), anchors(outcomes)],
  };
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
      lineStyle: { width: 1, opacity: 0.45 },
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
function anchors([{ anchors: list, losses }]: readonly Outcome[]): LineSeriesOption {
  return {
    type: 'line',
    // Points of their own make the axis reach them.
    data: list.map(({ value }) => [losses[0]?.step ?? 1, value]),
    ...{ lineStyle: { opacity: 0 }, showSymbol: false, silent: true },
    markLine: {
      ...{ silent: true, symbol: 'none', animation: false },
      lineStyle: { type: 'dashed', color: INK, width: 1.2 },
      label: { color: INK, fontSize: 12, position: 'end', formatter: '{b}' },
      data: list.map(({ name, value }) => ({ name: `${name}: ${figures(value)}`, yAxis: value })),
    },
  };
}
