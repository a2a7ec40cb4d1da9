// A picture of attention: the source from left to right, its translation downwards, and a square for every pair, the
// darker the more the model looked at it.

import { html } from './html.node';
import { GRID, INK, PALE } from './plotStyle';
import { svgOf } from './svg';

/** What a model looked at while it wrote a translation. */
export interface AttentionMatrix {
  /** Tokens as they are to be read. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** [target, source]: each row sums to 1. */
  readonly weights: ArrayLike<number>;
}

const CELL = 26;
/** Pixels of a letter, and the height of a title. */
const LETTER = 7;
const TITLE = 40;
const DARK = '#0072b2';

/** The picture as SVG, with a title where it has none beside it. */
export function attentionMatrix({ source, target, weights }: AttentionMatrix, title = ''): string {
  const room = (names: readonly string[]) => 16 + LETTER * Math.max(...names.map((name) => [...name].length));
  const [left, top] = [room(target), (title ? TITLE : 0) + room(source)];
  const [across, down] = [source.length * CELL, target.length * CELL];
  const [width, height] = [Math.max(left + across + 16, 24 + 8 * title.length), top + down + 32];
  const cells = target.flatMap((_, t) =>
    source.map((_word, s) => {
      const weight = weights[t * source.length + s];
      const place = `x="${left + s * CELL}" y="${top + t * CELL}" width="${CELL}" height="${CELL}"`;
      return `<rect ${place} fill="${DARK}" fill-opacity="${weight.toFixed(3)}" stroke="${GRID}"/>`;
    }),
  );
  const rows = target.map(
    (word, t) =>
      `<text x="${left - 8}" y="${top + t * CELL + 17}" text-anchor="end" ${WORD}>${html(word)}</text>`,
  );
  // Letters stand upright, words as high as they are long.
  const letters = source.every((word) => [...word].length < 2);
  const columns = source.map((word, s) => {
    const at = `${left + s * CELL + (letters ? CELL / 2 : 17)} ${top - 8}`;
    const stands = letters ? `translate(${at})" text-anchor="middle` : `translate(${at}) rotate(-90)`;
    return `<text transform="${stands}" ${WORD}>${html(word)}</text>`;
  });
  const names = [
    title && `<text x="12" y="24" font-size="15" fill="${INK}">${html(title)}</text>`,
    `<text x="${left}" y="${height - 12}" font-size="11" fill="${PALE}">the darker, the more it was looked at</text>`,
  ];
  return svgOf(width, height, [...names, ...cells, ...rows, ...columns].filter(Boolean).join('\n'));
}

const WORD = `font-size="13" fill="${INK}"`;
