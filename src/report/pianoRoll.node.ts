// A picture of music: time to the right, keys upwards, a bar for every note.

import { html } from './html.node';
import { LOWEST_NOTE } from '../data/music';
import { notesOf, type Steps } from './midi';
import { GRID, INK, PALE } from './plotStyle';
import { svgOf } from './svg';

const ROW = 7;
const LEFT = 48;
const TOP = 44;
const BOTTOM = 40;
const GIVEN = '#9aa4b5';
const DRAWN = '#0072b2';
/** Pitch classes of the black keys, from C. */
const BLACK = new Set([1, 3, 6, 8, 10]);

/** As SVG; the first `given` steps were the prompt. */
export function pianoRoll(steps: Steps, given: number, title: string): string {
  const notes = notesOf(steps);
  const keys = notes.map(({ key }) => key);
  const [low, high] = [Math.min(39, ...keys) - 2, Math.max(51, ...keys) + 2];
  const across = Math.max(3, Math.min(14, 1100 / steps.length));
  const [width, height] = [LEFT + steps.length * across + 24, TOP + (high - low + 1) * ROW + BOTTOM];
  const x = (t: number) => round(LEFT + t * across);
  const y = (key: number) => TOP + (high - key) * ROW;
  const right = x(steps.length);
  const rows = Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((key) => {
    const note = key + LOWEST_NOTE;
    const dark = BLACK.has(note % 12) ? [rect(LEFT, y(key), right - LEFT, ROW, 'fill="#f3f5f8"')] : [];
    if (note % 12) return dark;
    const line = `<path d="M${LEFT} ${y(key) + ROW}H${right}" stroke="${GRID}"/>`;
    return [...dark, line, text(LEFT - 8, y(key) + ROW, `C${note / 12 - 1}`, 'text-anchor="end"')];
  });
  const every = steps.length > 160 ? 32 : 16;
  const times = Array.from({ length: Math.floor(steps.length / every) + 1 }, (_, i) => i * every).flatMap(
    (t) => [
      `<path d="M${x(t)} ${TOP}V${height - BOTTOM}" stroke="${GRID}"/>`,
      text(x(t), height - BOTTOM + 16, String(t), 'text-anchor="middle"'),
    ],
  );
  const bars = notes.flatMap(({ key, from, to }) => {
    const bar = (a: number, b: number, fill: string) =>
      b > a
        ? [rect(x(a) + 0.5, y(key) + 0.5, round((b - a) * across - 1), ROW - 1, `rx="2" fill="${fill}"`)]
        : [];
    return [...bar(from, Math.min(to, given), GIVEN), ...bar(Math.max(from, given), to, DRAWN)];
  });
  const words = given ? 'steps; grey: what was given' : 'steps';
  const names = [
    `<text x="${LEFT}" y="24" font-size="15" fill="${INK}">${html(title)}</text>`,
    text(right, height - 8, words, 'text-anchor="end"'),
  ];
  return svgOf(round(width), height, [...names, ...rows, ...times, ...bars].join('\n'));
}

const round = (value: number): number => Math.round(value * 10) / 10;
const rect = (x: number, y: number, width: number, height: number, rest: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" ${rest}/>`;
const text = (x: number, y: number, words: string, rest: string): string =>
  `<text x="${x}" y="${y}" font-size="11" fill="${PALE}" ${rest}>${html(words)}</text>`;
