// Unpacks what zlib has packed (RFC 1950 and 1951), where there is no zlib: .mat files in a page. Its check sum is
// compared.

import { fail } from '../../graph/check';

/** Codes of a Huffman tree, canonical: how many there are of each length, and their symbols in order. */
interface Tree {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

const LONGEST = 15;
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function treeOf(lengths: ArrayLike<number>): Tree {
  const counts = new Uint16Array(LONGEST + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]]++;
  counts[0] = 0;
  const starts = new Uint16Array(LONGEST + 2);
  for (let bits = 1; bits <= LONGEST; bits++) starts[bits + 1] = starts[bits] + counts[bits];
  const symbols = new Uint16Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) if (lengths[i]) symbols[starts[lengths[i]]++] = i;
  return { counts, symbols };
}

/** The trees that need not be told. */
const FIXED = {
  literals: treeOf(Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  distances: treeOf(new Uint8Array(30).fill(5)),
};

/** The bytes that a zlib stream holds. */
export function inflate(bytes: Uint8Array): Uint8Array {
  const [method, flags] = bytes;
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 || flags & 32) damaged('it is no zlib stream');
  return new Inflater(bytes).all();
}

function damaged(what: string): never {
  fail(`inflate: packed bytes are damaged: ${what}.`, { fix: 'fetch the file again.' });
}

class Inflater {
  private at = 2;
  private held = 0;
  private count = 0;
  private out = new Uint8Array(2 ** 16);
  private length = 0;

  constructor(private readonly bytes: Uint8Array) {}

  all(): Uint8Array {
    for (let last = 0; !last;) {
      last = this.bits(1);
      const kind = this.bits(2);
      if (kind === 0) this.stored();
      else if (kind === 1) this.packed(FIXED);
      else if (kind === 2) this.packed(this.trees());
      else damaged('a block is of no kind that there is');
    }
    const all = this.out.subarray(0, this.length);
    // What was read ahead is whole bytes.
    this.at -= this.count >> 3;
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    if (this.at + 4 > this.bytes.length || view.getUint32(this.at) !== adler(all)) {
      damaged('the sum of what it holds is another');
    }
    return all;
  }

  private bits(wanted: number): number {
    while (this.count < wanted) {
      if (this.at >= this.bytes.length) damaged('it is cut short');
      this.held |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return value;
  }

  private symbol({ counts, symbols }: Tree): number {
    let [code, first, index] = [0, 0, 0];
    for (let bits = 1; bits <= LONGEST; bits++) {
      code |= this.bits(1);
      const count = counts[bits];
      if (code - count < first) return symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return damaged('a code is none that there is');
  }

  private put(byte: number): void {
    if (this.length === this.out.length) {
      const larger = new Uint8Array(this.out.length * 2);
      larger.set(this.out);
      this.out = larger;
    }
    this.out[this.length++] = byte;
  }

  private stored(): void {
    this.at -= this.count >> 3;
    this.held = this.count = 0;
    const length = this.bits(16);
    if ((this.bits(16) ^ 0xffff) !== length) damaged('a length is another the second time');
    for (let i = 0; i < length; i++) this.put(this.bits(8));
  }

  private packed({ literals, distances }: typeof FIXED): void {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.put(symbol);
        continue;
      }
      if (symbol > 285) damaged('a length is none that there is');
      const length = LENGTH_BASE[symbol - 257] + this.bits(LENGTH_EXTRA[symbol - 257]);
      const code = this.symbol(distances);
      if (code > 29) damaged('a distance is none that there is');
      const extra = Math.max(0, (code >> 1) - 1);
      const base = code < 4 ? code + 1 : ((2 + (code & 1)) << extra) + 1;
      const distance = base + this.bits(extra);
      if (distance > this.length) damaged('it points before its beginning');
      for (let i = 0; i < length; i++) this.put(this.out[this.length - distance]);
    }
  }

  private trees(): typeof FIXED {
    const [literals, distances, codes] = [this.bits(5) + 257, this.bits(5) + 1, this.bits(4) + 4];
    const lengths = new Uint8Array(19);
    for (let i = 0; i < codes; i++) lengths[ORDER[i]] = this.bits(3);
    const tree = treeOf(lengths);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length;) {
      const symbol = this.symbol(tree);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) damaged('nothing stands before what is repeated');
      const value = symbol === 16 ? all[i - 1] : 0;
      const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
      if (i + times > all.length) damaged('there are more lengths than codes');
      all.fill(value, i, (i += times));
    }
    return { literals: treeOf(all.subarray(0, literals)), distances: treeOf(all.subarray(literals)) };
  }
}

function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let from = 0; from < bytes.length; from += 2048) {
    const to = Math.min(bytes.length, from + 2048);
    for (let i = from; i < to; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}
