// WGSL as short as it can be while a line stays the line that it was, so that messages name the right one: without
// comments, indentation, and blanks between signs. Names stay: a message
// shows them.

/** Two of these next to each other may be read as one. */
const SIGN = /[-+*/%=<>!&|^~]/;
const WORD = /\w/;

/** The same tokens in the same lines. The preprocessor's marks, and the lines below them, stay as they are. */
export function shrink(text: string): string {
  let marked = false;
  return text
    .split('\n')
    .map((whole) => {
      const line = whole.trim();
      const isMark = line.startsWith('// @');
      const kept = marked || isMark;
      marked = isMark;
      return kept ? line : tight(line.replace(/\s*\/\/.*/, ''));
    })
    .join('\n');
}

const tight = (line: string): string =>
  line.replace(/\s+/g, (_, at: number) => {
    const before = line[at - 1];
    const after = line.slice(at).trimStart()[0];
    // Some parsers take the minus of `x[i] -0.5` for a part of the number.
    const negative = before === '-' && /[\d.]/.test(after);
    return negative || [WORD, SIGN].some((kind) => kind.test(before) && kind.test(after)) ? ' ' : '';
  });
