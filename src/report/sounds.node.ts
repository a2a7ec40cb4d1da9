// Sounds as a picture: their spectrograms side by side, as SVG.

import { muLawDecode } from '../data/muLaw';
import { spectrogram } from '../data/spectrogram';
import { encodeWav } from '../data/wav';
import type { Sounds } from './figure';
import { html } from './html.node';
import { FONT, INK, PALE, shadeOf } from './plotStyle';

/** Samples of a window, 16 ms at 8,000 a second. */
const WINDOW = 128;
const HOP = 32;
/** Decibels below the loudest that are told apart, and in how many colours. */
const RANGE = 70;
const LEVELS = 14;

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP] = [860, 300, 58, 34, 46, 26];

/** The picture alone. */
export function soundsSvg({ sounds, rate }: Sounds): string {
  const heard = sounds.map(({ name, codes }) => ({
    name,
    frames: spectrogram(muLawDecode(codes), { window: WINDOW, hop: HOP }),
    seconds: codes.length / rate,
  }));
  const frames = heard.reduce((sum, one) => sum + one.frames.length, 0);
  const room = WIDTH - LEFT - 12 - GAP * (heard.length - 1);
  let x = LEFT;
  const panels = heard.map((one) => {
    const width = (room * one.frames.length) / frames;
    const panel = panelSvg(one, x, width);
    x += width + GAP;
    return panel;
  });
  const high = rate / 2 / 1000;
  const ticks = Array.from({ length: high + 1 }, (_, k) => {
    const y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - k / high);
    return `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${k}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<g font-family="${FONT.replaceAll('"', "'")}" font-size="12" fill="${INK}">
${ticks.join('\n')}
<text transform="translate(20 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">kHz</text>
${panels.join('\n')}
</g>
</svg>`;
}

interface Heard {
  readonly name: string;
  readonly frames: readonly Float64Array[];
  readonly seconds: number;
}

function panelSvg({ name, frames, seconds }: Heard, left: number, width: number): string {
  const bins = frames[0].length;
  const [w, h] = [width / frames.length, (HEIGHT - TOP - BOTTOM) / bins];
  const fixed = (value: number) => Number(value.toFixed(2));
  // One path for every colour, in cells.
  const paths = Array.from({ length: LEVELS }, () => '');
  frames.forEach((frame, i) => {
    let start = 0;
    const levelAt = (k: number) =>
      Math.max(0, Math.min(LEVELS - 1, Math.floor((1 + frame[k] / RANGE) * LEVELS)));
    for (let k = 1; k <= bins; k++) {
      if (k < bins && levelAt(k) === levelAt(start)) continue;
      paths[levelAt(start)] += `M${i} ${bins - k}h1v${k - start}h-1z`;
      start = k;
    }
  });
  const cells = paths.map((d, level) => d && `<path fill="${shadeOf(level / (LEVELS - 1))}" d="${d}"/>`);
  const bottom = HEIGHT - BOTTOM;
  const tenths = Array.from({ length: Math.floor(seconds * 10) + 1 }, (_, i) => i / 10);
  const every = seconds > 0.7 ? 2 : 1;
  const labels = tenths
    .filter((_, i) => i % every === 0)
    .map(
      (s) =>
        `<text x="${fixed(left + (width * s) / seconds)}" y="${bottom + 16}" text-anchor="middle">${s}</text>`,
    );
  const place = `translate(${fixed(left)} ${TOP}) scale(${w.toFixed(5)} ${h.toFixed(5)})`;
  const frame = `x="${fixed(left)}" y="${TOP}" width="${fixed(width)}" height="${HEIGHT - TOP - BOTTOM}"`;
  return `<text x="${fixed(left)}" y="20" font-size="13">${html(name)}</text>
<g transform="${place}" shape-rendering="crispEdges">
${cells.filter(Boolean).join('\n')}
</g>
<rect ${frame} fill="none" stroke="${PALE}"/>
${labels.join('')}
<text x="${fixed(left + width / 2)}" y="${bottom + 34}" text-anchor="middle">seconds</text>`;
}

/** The picture, and under it a player for every sound. */
export function soundsHtml(figure: Sounds): string {
  const players = figure.sounds.map(({ name, codes }) => {
    const wav = encodeWav({ rate: figure.rate, samples: muLawDecode(codes) });
    const source = `data:audio/wav;base64,${Buffer.from(wav).toString('base64')}`;
    return `<p><audio controls src="${source}"></audio> ${html(name)}</p>`;
  });
  return `${soundsSvg(figure)}\n${players.join('\n')}`;
}
