// Sounds as a picture: their spectrograms side by side, as SVG.

import { muLawDecode } from '../data/muLaw';
import { spectrogram } from '../data/spectrogram';
import { encodeWav } from '../data/wav';
import type { Sounds } from './figure';
import { html } from './html.node';
import { INK, PALE, shadeOf } from './plotStyle';
import { svgOf } from './svg';
import { wrapped } from './textWidth';

/** Samples of a window, 16 ms at 8,000 a second. */
const WINDOW = 128;
const HOP = 32;
/** Decibels below the loudest that are told apart, and in how many colours. */
const RANGE = 70;
const LEVELS = 14;

const [WIDTH, PLOT, LEFT, BOTTOM, GAP] = [860, 220, 58, 46, 26];
/** The size of a title, and from one of its lines to the next. */
const [TITLE, LINE] = [13, 16];

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
  const places = heard.map((one) => {
    const width = (room * one.frames.length) / frames;
    const place = { left: x, width, title: wrapped(one.name, width + GAP - 8, TITLE) };
    x += width + GAP;
    return place;
  });
  const top = 18 + LINE * places.reduce((most, { title }) => Math.max(most, title.length), 1);
  const panels = heard.map((one, i) => panelSvg(one, { ...places[i], top }));
  const high = rate / 2 / 1000;
  const ticks = Array.from({ length: high + 1 }, (_, k) => {
    const y = top + PLOT * (1 - k / high);
    return `<text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${k}</text>`;
  });
  const height = top + PLOT + BOTTOM;
  const content = `<g font-size="12" fill="${INK}">
${ticks.join('\n')}
<text transform="translate(20 ${top + PLOT / 2}) rotate(-90)" text-anchor="middle">kHz</text>
${panels.join('\n')}
</g>`;
  return svgOf(WIDTH, height, content);
}

/** Where a panel stands, in pixels, and the lines above it. */
interface Place {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly title: readonly string[];
}

interface Heard {
  readonly name: string;
  readonly frames: readonly Float64Array[];
  readonly seconds: number;
}

function panelSvg({ name, frames, seconds }: Heard, { left, width, top, title }: Place): string {
  const bins = frames[0].length;
  const [w, h] = [width / frames.length, PLOT / bins];
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
  const bottom = top + PLOT;
  const tenths = Array.from({ length: Math.floor(seconds * 10) + 1 }, (_, i) => i / 10);
  const every = seconds > 0.7 ? 2 : 1;
  const labels = tenths
    .filter((_, i) => i % every === 0)
    .map(
      (s) =>
        `<text x="${fixed(left + (width * s) / seconds)}" y="${bottom + 16}" text-anchor="middle">${s}</text>`,
    );
  const place = `translate(${fixed(left)} ${top}) scale(${w.toFixed(5)} ${h.toFixed(5)})`;
  const frame = `x="${fixed(left)}" y="${top}" width="${fixed(width)}" height="${PLOT}"`;
  const titles = title.map((line, i) => {
    const y = top - 14 - LINE * (title.length - 1 - i);
    return `<text x="${fixed(left)}" y="${y}" font-size="${TITLE}">${html(line)}</text>`;
  });
  return `${titles.join('')}
<g transform="${place}" shape-rendering="crispEdges"><title>${html(name)}</title>
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
