// Files of lines, each whole or not there: read a piece at a time, so that a log may be larger than memory.

import { closeSync, existsSync, fstatSync, openSync, readSync, truncateSync } from 'node:fs';

const PIECE = 2 ** 16;
const END = 0x0a;

/** The whole lines of a file, without their ends and what is behind the last one; none of a file that is not there. */
export function* wholeLines(path: string): Generator<string> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE);
    const begun: Buffer[] = [];
    for (let size = 0; (size = readSync(file, piece, 0, PIECE, null)) > 0;) {
      let from = 0;
      for (let end = 0; (end = piece.subarray(0, size).indexOf(END, from)) >= 0; from = end + 1) {
        begun.push(piece.subarray(from, end));
        // Decoded as a whole: a character may lie in two pieces.
        yield Buffer.concat(begun.splice(0)).toString('utf8');
      }
      if (from < size) begun.push(Buffer.from(piece.subarray(from, size)));
    }
  } finally {
    closeSync(file);
  }
}

/** Cuts off what is behind the last end of a line: a kill tears nothing else. */
export function cutTorn(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  let whole = 0;
  try {
    const piece = Buffer.alloc(PIECE);
    for (let end = size; end > 0 && !whole; end -= PIECE) {
      const from = Math.max(0, end - PIECE);
      readSync(file, piece, 0, end - from, from);
      const last = piece.subarray(0, end - from).lastIndexOf(END);
      if (last >= 0) whole = from + last + 1;
    }
  } finally {
    closeSync(file);
  }
  if (whole < size) truncateSync(path, whole);
}
