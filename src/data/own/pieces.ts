// A text cut into pieces that are put together again by writing one behind the other: runs of letters, of digits, of
// other signs, each with the one space before it, and runs of white space. Words and learned subwords are made of them.
// It is the rule of GPT-2 (Radford et al. 2019) but for this: an apostrophe between letters is one of them, and a run
// of more than 64 characters is cut, so that a line of a million signs takes no longer than a page.

/** Characters of the longest piece. */
export const LONGEST_PIECE = 64;

const [NONE, SPACE, LETTER, DIGIT, OTHER] = [0, 1, 2, 3, 4];
const BLANK = 32;
const APOSTROPHES: ReadonlySet<number> = new Set([0x27, 0x2019]);

/** By code point, 0 where nobody has asked yet. */
const kinds = new Uint8Array(0x110000);

function kindOf(point: number): number {
  if (kinds[point]) return kinds[point];
  const text = String.fromCodePoint(point);
  const kind = /\s/u.test(text)
    ? SPACE
    : /[\p{L}\p{M}]/u.test(text)
      ? LETTER
      : /\p{N}/u.test(text)
        ? DIGIT
        : OTHER;
  kinds[point] = kind;
  return kind;
}

/** Code points in, pieces out: `emit` is given a buffer and how many code points of it are the piece. */
export class PieceSplitter {
  private readonly piece = new Uint32Array(LONGEST_PIECE);
  private length = 0;
  private kind = NONE;
  /** One that stands behind letters, of which the next character decides. */
  private apostrophe = 0;

  constructor(private readonly emit: (piece: Uint32Array, length: number) => void) {}

  push(points: Uint32Array): void {
    for (let i = 0; i < points.length; i++) {
      const point = points[i];
      const kind = kindOf(point);
      if (this.apostrophe) this.settle(kind);
      if (this.kind === LETTER && APOSTROPHES.has(point)) this.apostrophe = point;
      else this.take(point, kind);
    }
  }

  /** The last piece: the text ends here. */
  flush(): void {
    if (this.apostrophe) this.settle(NONE);
    this.out(this.length);
    this.kind = NONE;
  }

  private settle(next: number): void {
    const point = this.apostrophe;
    this.apostrophe = 0;
    if (next === LETTER && this.length + 2 <= LONGEST_PIECE) this.piece[this.length++] = point;
    else this.take(point, OTHER);
  }

  private take(point: number, kind: number): void {
    if (kind !== this.kind || this.length === LONGEST_PIECE) {
      const joins = this.kind === SPACE && kind !== SPACE && this.piece[this.length - 1] === BLANK;
      this.out(joins ? this.length - 1 : this.length);
      if (joins) this.piece[this.length++] = BLANK;
      this.kind = kind;
    }
    this.piece[this.length++] = point;
  }

  private out(length: number): void {
    if (length) this.emit(this.piece, length);
    this.length = 0;
  }
}

/** The pieces of a text that is at hand. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  const splitter = new PieceSplitter((piece, length) => pieces.push(textOf(piece.subarray(0, length))));
  splitter.push(pointsOf(text));
  splitter.flush();
  return pieces;
}

/** The code points of a text. */
export const pointsOf = (text: string): Uint32Array =>
  Uint32Array.from(text, (letter) => letter.codePointAt(0)!);

/** Code points as a text. */
export function textOf(points: Uint32Array): string {
  let text = '';
  for (let i = 0; i < points.length; i += 4096) text += String.fromCodePoint(...points.subarray(i, i + 4096));
  return text;
}

/** Pieces by number, in the order in which they come first; without a string for each, of a hundred million. */
export class PieceTable {
  private slots = new Int32Array(2 ** 12).fill(-1);
  private pool = new Uint32Array(2 ** 14);
  /** Where piece i ends in the pool; it begins where the one before ends. */
  private ends = new Uint32Array(2 ** 11);
  size = 0;

  /** The number of a piece; -1 where it is not known, unless it is to be `added`. */
  number(piece: Uint32Array, length: number, added: boolean): number {
    let slot = hash(piece, length) & (this.slots.length - 1);
    for (; this.slots[slot] >= 0; slot = (slot + 1) & (this.slots.length - 1)) {
      if (this.equals(this.slots[slot], piece, length)) return this.slots[slot];
    }
    if (!added) return -1;
    const start = this.startOf(this.size);
    if (start + length > this.pool.length) this.pool = grown(this.pool);
    if (this.size === this.ends.length) this.ends = grown(this.ends);
    this.pool.set(piece.subarray(0, length), start);
    this.ends[this.size] = start + length;
    this.slots[slot] = this.size++;
    if (this.size * 2 > this.slots.length) this.rehash();
    return this.size - 1;
  }

  /** The code points of a piece. */
  points(number: number): Uint32Array {
    return this.pool.subarray(this.startOf(number), this.ends[number]);
  }

  private startOf(number: number): number {
    return number ? this.ends[number - 1] : 0;
  }

  private equals(number: number, piece: Uint32Array, length: number): boolean {
    const start = this.startOf(number);
    if (this.ends[number] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.pool[start + i] !== piece[i]) return false;
    return true;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      const points = this.points(number);
      let slot = hash(points, points.length) & mask;
      while (this.slots[slot] >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = number;
    }
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** FNV-1a over code points, mixed once more. */
function hash(piece: Uint32Array, length: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ piece[i], 0x01000193);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) ^ (h >>> 13);
}
