// Curves over steps, by uPlot: in the page's colours, as wide as there is room.

import type UPlot from 'uplot';
import { useEffect, useRef } from 'preact/hooks';
import { colour, theme } from './colours';

/** A curve: its points, how it is called, and the name of its colour. */
export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly dashed?: boolean;
}

interface Props {
  readonly lines: readonly Line[];
  readonly label: string;
  readonly log?: boolean;
  readonly across?: string;
  /** What the values are. */
  readonly up?: string;
  readonly height?: number;
  /** What more it can do. */
  readonly plugin?: UPlot.Plugin;
}

type Data = Parameters<typeof UPlot.join>[0][number];

/** The curves; the scale of values is logarithmic where `log` says so. */
export function Chart({ lines, label, log, across = 'step', up, height = 200, plugin }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<{ readonly Made: typeof UPlot; readonly made: UPlot } | null>(null);
  const shape = `${lines.map((line) => `${line.label} ${line.colour} ${line.dashed}`).join()} ${log} ${up} ${theme.value}`;
  const data = useRef(lines);
  data.current = lines;
  useEffect(() => {
    let alive = true;
    const watch = new ResizeObserver(([{ contentRect }]) =>
      plot.current?.made.setSize({ width: Math.floor(contentRect.width), height }),
    );
    void import('uplot').then(({ default: Made }) => {
      // Its box goes before the effect is told so.
      if (!alive || !box.current) return;
      const width = Math.floor(box.current.clientWidth);
      const options = optionsOf(data.current, { log, across, up, width, height, plugin });
      plot.current = { Made, made: new Made(options, joined(Made, data.current), box.current) };
      watch.observe(box.current);
    });
    return () => {
      alive = false;
      watch.disconnect();
      plot.current?.made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    const { current } = plot;
    current?.made.setData(joined(current.Made, lines));
  }, [lines]);
  return <div class="chart" ref={box} role={plugin ? 'group' : 'img'} aria-label={label} />;
}

/** All curves over the steps of any of them. */
function joined(Made: typeof UPlot, lines: readonly Line[]): UPlot.AlignedData {
  const tables = lines.map(({ steps, values }): Data => [[...steps], [...values]]);
  return tables.length > 1 ? Made.join(tables) : (tables[0] ?? [[]]);
}

interface Look {
  readonly log?: boolean;
  readonly across: string;
  readonly up?: string;
  readonly width: number;
  readonly height: number;
  readonly plugin?: UPlot.Plugin;
}

/** Between two ticks of an axis of steps there are whole ones. */
const WHOLE = [1, 10, 100, 1e3, 1e4, 1e5, 1e6].flatMap((power) => [power, 2 * power, 5 * power]);

function optionsOf(lines: readonly Line[], { log, across, up, width, height, plugin }: Look): UPlot.Options {
  const grid = { stroke: colour('line'), width: 1 };
  const axis = { stroke: colour('pale'), grid, ticks: { show: false } };
  const font = '12px system-ui, sans-serif';
  return {
    ...{ width, height },
    legend: { live: false, markers: { width: 3 } },
    cursor: { points: { size: 6 } },
    plugins: plugin && [plugin],
    scales: { x: { time: false }, y: { distr: log ? 3 : 1 } },
    axes: [
      { ...axis, font, size: 30, space: 60, incrs: WHOLE, label: across, labelSize: 18, labelFont: font },
      {
        ...axis,
        font,
        size: 52,
        ...{ label: up, labelSize: 18, labelFont: font },
        grid: { ...grid, filter: (_, splits) => (log ? wholeDecades(splits) : splits) },
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : short(tick))),
      },
    ],
    series: [
      { label: across },
      ...lines.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: 2,
        dash: line.dashed ? [5, 4] : undefined,
        spanGaps: true,
        points: { show: line.steps.length === 1 },
      })),
    ],
  };
}

/** A number as axes have it. */
export const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(4)));

/** Of a logarithmic scale over many decades the powers of ten alone. */
const wholeDecades = (splits: number[]): (number | null)[] => {
  const many = splits[splits.length - 1] / splits[0] > 1e4;
  return many ? splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null)) : splits;
};
