// Figures are SVG text: what is asked of it is where things stand.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { draw } from '../../src/report/plot.node';
import type { Plot } from '../../src/report/figure';
import { roundedRange } from '../../src/report/plotStyle';

const plot = (scale: 'linear' | 'log', min: number, max: number, value: number): Plot => ({
  kind: 'plot',
  title: 'A title',
  x: { name: 'training step', max: 100 },
  y: { name: 'loss', scale, min, max },
  series: [
    {
      name: 'TCN',
      points: [
        [1, min],
        [100, max],
      ],
    },
  ],
  marks: [{ name: 'guess', value }],
});

/** The heights of a picture's lines that are level, dashed or not. */
function levels(svg: string, dashed: boolean): number[] {
  const lines = [...svg.matchAll(/<path d="M[\d.]+ ([\d.]+)L[\d.]+ ([\d.]+)"([^>]*)>/g)];
  return lines
    .filter(([, from, to, style]) => from === to && style.includes('stroke-dasharray') === dashed)
    .map(([, from]) => Number(from))
    .sort((a, b) => a - b);
}

test.each([
  ['linear', 0, 0.004, 0.002],
  ['log', 1e-5, 1e-1, 1e-3],
] as const)('a mark stands at its value, however small: %s', async (scale, min, max, value) => {
  const svg = await draw(plot(scale, min, max, value));
  expect(svg).toContain('>guess: 0.00');
  const [grid, marks] = [levels(svg, false), levels(svg, true)];
  expect(marks).toHaveLength(1);
  // In the middle between the highest and the lowest line of the grid, but for half a pixel of either.
  expect(Math.abs(marks[0] - (grid[0] + grid.at(-1)!) / 2)).toBeLessThan(1.5);
});

test('what is taken of echarts is in the bundle that ships', () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const taken = [...read('src/report/plot.node.ts').matchAll(/const \{([^}]+)\} = (?:charts|components);/g)]
    .flatMap(([, names]) => names.split(','))
    .map((name) => name.trim())
    .concat(Array.from(read('src/report/plot.node.ts').matchAll(/\bcore\.(\w+)\(/g), ([, name]) => name));
  expect(taken).toContain('GridComponent');
  const shipped = read('src/build/vendor.ts');
  expect(
    taken.filter((name) => !new RegExp(`export \\{[^}]*\\b${name}\\b[^}]*\\} from 'echarts/`).test(shipped)),
  ).toEqual([]);
});

test('an axis ends at round numbers', () => {
  expect(roundedRange(8.27, 9.1)).toEqual({ min: 8.2, max: 9.2 });
  expect(roundedRange(391, 600)).toEqual({ min: 350, max: 600 });
  expect(roundedRange(2.94, 3.61)).toEqual({ min: 2.8, max: 3.8 });
  const { min, max } = roundedRange(5, 5);
  expect(max).toBeGreaterThanOrEqual(min);
});
