// How wide a text is where no browser measures it.

/** Letters by their width in DejaVu Sans, as parts of the font's size; it is the widest of the fonts of figures. */
const WIDTHS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/[ijlI|'’]/, 0.28],
  [/[frt()[\]\-.,:;/ ]/, 0.37],
  [/[mwMW@%]/, 0.93],
  [/[=≤≥+−<>~]/, 0.84],
  [/\p{Lu}/u, 0.71],
  // echarts takes the height of a line from one of them.
  [/\p{sc=Han}/u, 1],
];
const OTHERS = 0.63;

/** Lines of whole words, each at most `width` pixels wide where its words are not wider by themselves. */
export function wrapped(text: string, width: number, size: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    return lines.length && textWidth(longer, size) <= width
      ? [...lines.slice(0, -1), longer]
      : [...lines, word];
  }, []);
}

/** Width of a text in pixels, at a size of so many. */
export function textWidth(text: string, size: number): number {
  const parts = [...text].map((letter) => WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? OTHERS);
  return size * parts.reduce((sum, part) => sum + part, 0);
}
