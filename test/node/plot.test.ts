// Figures are SVG text: what is asked of it is where things stand.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { draw } from '../../src/report/plot.node';
import type { Plot } from '../../src/report/figure';
import { roundedRange } from '../../src/report/plotStyle';
import { textWidth, wrapped } from '../../src/report/textWidth';

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

/** Where texts with these beginnings stand, from the top. */
const heightsOf = (svg: string, names: readonly string[]): number[] =>
  names.map((name) => {
    const text = [...svg.matchAll(/<text[^>]*translate\(([\d.]+) ([\d.]+)\)[^>]*>([^<]*)/g)];
    return Number(text.find(([, , , words]) => words.startsWith(name))![2]);
  });

test.each([
  ['beside', 1],
  ['over their ends, with many curves', 6],
])('names of marks that are close do not meet: %s', async (_, curves) => {
  const { series, ...rest } = plot('linear', 0, 10, 5);
  const marks = ['one', 'two', 'three'].map((name, i) => ({ name, value: 5 + i / 100 }));
  const many = Array.from({ length: curves }, (_, i) => ({ ...series[0], name: `curve ${i}` }));
  const heights = heightsOf(await draw({ ...rest, series: many, marks }), ['three', 'two', 'one']);
  expect(heights[1] - heights[0]).toBeGreaterThan(14);
  expect(heights[2] - heights[1]).toBeGreaterThan(14);
});

test('an axis over many powers of ten has ticks at some of them, and its end has a label where there is room', async () => {
  const svg = await draw({ ...plot('log', 1e-12, 2, 1), marks: [] });
  const labels = [...svg.matchAll(/>(1|2|10⁻\d+|10⁻¹⁰|0\.0+1|10⁻[⁰-⁹¹²³]+)</g)].map(([, text]) => text);
  expect(labels).toEqual(expect.arrayContaining(['1', '0.01', '0.0001', '10⁻⁶', '10⁻⁸', '10⁻¹⁰', '10⁻¹²']));
  expect(labels).not.toContain('2');
});

test('what a text is wide: letters by their kind, and a sign of Han as it is high', () => {
  expect(textWidth('iii', 10)).toBeLessThan(textWidth('nnn', 10));
  expect(textWidth('国', 13)).toBe(13);
});

test('long names of categories stand in lines below each other, above the name of the axis', async () => {
  const names = Array.from(
    { length: 8 },
    (_, i) => `WaveNet number ${i}, told what the parametric LSTM says`,
  );
  const [first] = plot('linear', 0, 1, 0.5).series;
  const series = [{ ...first, kind: 'dots' as const, points: names.map((_, i) => [i, 0.5] as const) }];
  const x = { name: 'who speaks', categories: names };
  const svg = await draw({ ...plot('linear', 0, 1, 0.5), x, marks: [], series });
  const texts = [
    ...svg.matchAll(/<text[^>]*?y="(-?[\d.]+)"[^>]*?translate\(([\d.]+) ([\d.]+)\)[^>]*>([^<]*)</g),
  ];
  const height = ([, y, , top]: readonly string[]) => Number(y) + Number(top);
  const labels = texts.filter(([, , , , text]) => /WaveNet|number|told|what|parametric|LSTM/.test(text));
  expect(labels.length).toBeGreaterThanOrEqual(3 * names.length);
  // Eight share 750 pixels.
  for (const [, , , , text] of labels) expect(textWidth(text, 12)).toBeLessThan(750 / 8);
  const name = texts.find(([, , , , text]) => text === 'who speaks')!;
  expect(height(name)).toBeGreaterThan(Math.max(...labels.map(height)));
});

test('lines of whole words, and a word that is wider than its line stands alone', () => {
  expect(wrapped('one two three', textWidth('one two', 12), 12)).toEqual(['one two', 'three']);
  expect(wrapped('a incomprehensibilities b', 40, 12)).toEqual(['a', 'incomprehensibilities', 'b']);
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

test('a picture is the same text whatever was drawn before it, and shares no name with another', async () => {
  const names = (svg: string) => new Set(svg.match(/\bclass="[\w-]+|id="[\w-]+/g));
  const one = plot('linear', 0, 1, 0.5);
  const first = await draw(one);
  const other = await draw(plot('log', 1e-3, 2, 0.5));
  expect(await draw(one)).toBe(first);
  expect(names(first).size).toBeGreaterThan(1);
  expect([...names(other)].filter((name) => names(first).has(name))).toEqual([]);
  expect(first).not.toMatch(/\bzr\d/);
});

test('a dashed curve has a mark in the legend that is as high as the others', async () => {
  const { series, ...rest } = plot('linear', 0, 10, 5);
  const all = Array.from({ length: 6 }, (_, i) => ({ ...series[0], name: `model ${i}`, dashed: i === 3 }));
  const svg = await draw({ ...rest, marks: [], series: all });
  const marks = [...svg.matchAll(/<path d="([^"]*)"[^>]*fill="#[^>]*ecmeta_ssr_type="legend"/g)].map(
    ([, d]) => {
      const heights = [...d.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
      return Math.max(...heights) - Math.min(...heights);
    },
  );
  expect(marks).toHaveLength(6);
  expect(Math.min(...marks)).toBeGreaterThan(0.7 * Math.max(...marks));
});

test('letters above a picture of attention stand upright, words are turned', async () => {
  const of = (source: readonly string[]) =>
    draw({ kind: 'attention', title: '', source, target: ['x'], weights: source.map(() => 0) });
  expect(await of(['a', '␣'])).not.toContain('rotate');
  expect((await of(['a', 'word'])).match(/rotate\(-90\)/g)).toHaveLength(2);
});
