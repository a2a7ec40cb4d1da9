// Colours as a style sheet writes them.

/** A colour in 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The numbers of `#rrggbb`, or of `#rgb`, to which a build shortens it. */
export function rgbOf(text: string): Rgb {
  const long = text.length === 4 ? text.replaceAll(/[\da-f]/gi, '$&$&') : text;
  return [1, 3, 5].map((at) => parseInt(long.slice(at, at + 2), 16)) as [number, number, number];
}
