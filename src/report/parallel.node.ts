// Parallel coordinates: an axis for each setting of a search, a line for each trial; the longer a trial was trained
// the darker its line, and the best one on top.

import type { EChartsOption } from 'echarts';
import type { Parallel } from './figure';
import { FONT, INK, PALE, powerOfTen, shadeOf } from './plotStyle';

const BEST = '#d55e00';

/** The options of ECharts for parallel axes. */
export function parallelOptions({ axes, lines }: Parallel): EChartsOption {
  const ordered = [...lines].sort(
    (a, b) => Number(a.best ?? false) - Number(b.best ?? false) || b.shade - a.shade,
  );
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    parallel: { left: 70, right: 90, top: 60, bottom: 34 },
    parallelAxis: axes.map(({ name, scale, categories, min, max }, dim) => ({
      dim,
      name,
      nameLocation: 'end',
      nameGap: 18,
      nameTextStyle: { color: INK, fontSize: axes.length > 8 ? 11 : 13 },
      ...(categories
        ? { type: 'category', data: categories }
        : { type: scale === 'log' ? 'log' : 'value', scale: true, min, max }),
      axisLine: { lineStyle: { color: PALE, width: 1.2 } },
      axisTick: { lineStyle: { color: PALE } },
      splitNumber: 4,
      axisLabel: {
        color: INK,
        showMinLabel: true,
        showMaxLabel: true,
        hideOverlap: true,
        ...(categories
          ? {}
          : {
              formatter: (value: number) =>
                scale === 'log' ? powerOfTen(value) : String(Number(value.toPrecision(3))),
            }),
      },
    })),
    series: ordered.map(({ values, shade, best }) => ({
      type: 'parallel',
      silent: true,
      lineStyle: { color: best ? BEST : shadeOf(shade), width: best ? 3.5 : 1.6, opacity: best ? 1 : 0.75 },
      data: [values.map((value, i) => axes[i].categories?.[value] ?? value)],
    })),
  } as EChartsOption;
}
