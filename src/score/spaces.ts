// White space as Python's str.split has it. JavaScript's \s differs at U+FEFF, which it has, and at U+0085 and
// U+001C to U+001F, which it has not.

/** First and last of ranges of code points. */
const RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

const isSpace = (code: number): boolean => RANGES.some(([from, to]) => code >= from && code <= to);

/** The words of a line; none is empty. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (let from = 0; from < line.length; from++) {
    if (isSpace(line.charCodeAt(from))) continue;
    let to = from + 1;
    while (to < line.length && !isSpace(line.charCodeAt(to))) to++;
    words.push(line.slice(from, to));
    from = to;
  }
  return words;
}

/** The line without the white space at its end. */
export function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && isSpace(line.charCodeAt(end - 1))) end--;
  return line.slice(0, end);
}
