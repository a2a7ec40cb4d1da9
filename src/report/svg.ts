// What all pictures that are written out here begin with.

import { FONT } from './plotStyle';

/** The part of its width below which letters could not be read; a narrower page scrolls. */
const NARROWEST = 0.65;

/** A picture on white, `width` × `height` pixels at most; a narrower page makes it smaller and cuts nothing off. */
export function svgOf(width: number, height: number, content: string): string {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const style = `style="min-width: ${Math.round(NARROWEST * width)}px; max-width: ${width}px"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style} font-family="${FONT}">
<rect width="100%" height="100%" fill="#ffffff"/>
${content}
</svg>
`;
}
