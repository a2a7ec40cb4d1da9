// Bytes of a text as Unicode code points, piece by piece. Nothing is replaced: what is not of the encoding is refused,
// with its place. A byte order mark at the beginning is dropped; CR LF becomes LF unless it is to be kept.

import { fail } from '../../graph/check';

/** The encodings that are read, by their names at the WHATWG. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1'] as const;
/** The name of an encoding. */
export type Encoding = (typeof ENCODINGS)[number];

/** How bytes become text. */
export interface DecodeOptions {
  /** Default: what the byte order mark says, otherwise utf-8. */
  readonly encoding?: Encoding;
  /** lf: CR LF becomes LF, a CR alone stays; keep: both stay. Default: lf. */
  readonly newlines?: 'lf' | 'keep';
  /** The file, for messages. */
  readonly name?: string;
}

const BOM = 0xfeff;
const [CR, LF] = [13, 10];

/** Where windows-1252 is not iso-8859-1: bytes 0x80 to 0x9f; 0: there is no such character. */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
];

/** A decoder of one file: `push` its pieces, then `end`. */
export class CodePointDecoder {
  private encoding: Encoding | undefined;
  private readonly name: string;
  private readonly guessed: boolean;
  private readonly keepsCr: boolean;
  private out = new Uint32Array(0);
  private length = 0;
  /** Bytes before the piece under way. */
  private before = 0;
  private started = false;
  private cr = false;
  /** The bytes so far of a character that is not complete; below: where it began, and what is still missing. */
  private rest: number[] = [];
  private value = 0;
  private missing = 0;
  private leadAt = 0;
  private leadByte = 0;
  private low = 0x80;
  private high = 0xbf;

  constructor({ encoding, newlines = 'lf', name = 'the text' }: DecodeOptions = {}) {
    this.encoding = encoding;
    this.guessed = !encoding;
    this.keepsCr = newlines === 'keep';
    this.name = name;
  }

  /** The code points of further bytes; the view is good until the next call. */
  push(bytes: Uint8Array): Uint32Array {
    this.encoding ??= encodingOf(bytes, this.name);
    if (this.out.length < bytes.length + 4) this.out = new Uint32Array(bytes.length + 4);
    this.length = 0;
    if (this.encoding === 'utf-8') this.utf8(bytes);
    else if (this.encoding === 'utf-16le' || this.encoding === 'utf-16be') this.utf16(bytes);
    else this.single(bytes);
    this.before += bytes.length;
    return this.out.subarray(0, this.length);
  }

  /** What is left when there are no more bytes. */
  end(): Uint32Array {
    this.length = 0;
    const open = this.missing || this.rest.length;
    if (open) this.refuse(this.before, `ends in the middle of a character`);
    if (this.out.length < 1) this.out = new Uint32Array(1);
    if (this.cr) this.out[this.length++] = CR;
    this.cr = false;
    return this.out.subarray(0, this.length);
  }

  private put(point: number, at: number): void {
    if (!this.started) {
      this.started = true;
      if (point === BOM && this.encoding?.startsWith('utf')) return;
    }
    if (this.cr) {
      this.cr = false;
      if (point !== LF) this.out[this.length++] = CR;
    }
    if (point === CR && !this.keepsCr) this.cr = true;
    else {
      if (point === 0 && this.guessed) this.refuse(at, 'holds a zero byte');
      this.out[this.length++] = point;
    }
  }

  /** The WHATWG's decoder, which refuses overlong forms, surrogates and what lies beyond U+10FFFF. */
  private utf8(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (!this.missing) {
        if (byte < 0x80) this.put(byte, this.before + i);
        else this.lead(byte, this.before + i);
        continue;
      }
      if (byte < this.low || byte > this.high)
        this.refuse(this.leadAt, `is not UTF-8: ${hex(this.leadByte)}`);
      this.low = 0x80;
      this.high = 0xbf;
      this.value = (this.value << 6) | (byte & 0x3f);
      if (!--this.missing) this.put(this.value, this.before + i);
    }
  }

  private lead(byte: number, at: number): void {
    this.leadAt = at;
    this.leadByte = byte;
    if (byte >= 0xc2 && byte <= 0xdf) [this.missing, this.value] = [1, byte & 0x1f];
    else if (byte >= 0xe0 && byte <= 0xef) {
      [this.missing, this.value] = [2, byte & 0xf];
      if (byte === 0xe0) this.low = 0xa0;
      if (byte === 0xed) this.high = 0x9f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      [this.missing, this.value] = [3, byte & 0x7];
      if (byte === 0xf0) this.low = 0x90;
      if (byte === 0xf4) this.high = 0x8f;
    } else this.refuse(at, `is not UTF-8: ${hex(byte)}`);
  }

  private utf16(bytes: Uint8Array): void {
    const little = this.encoding === 'utf-16le';
    for (let i = 0; i < bytes.length; i++) {
      this.rest.push(bytes[i]);
      if (this.rest.length % 2) continue;
      const [a, b] = this.rest.slice(-2);
      const unit = little ? a | (b << 8) : (a << 8) | b;
      const at = this.before + i - 1;
      const second = this.rest.length === 4;
      const isLow = unit >= 0xdc00 && unit <= 0xdfff;
      if (second !== isLow)
        this.refuse(at, `is not ${this.encoding!.toUpperCase()}: half a pair, ${hex(unit)}`);
      if (second) this.put(((this.value - 0xd800) << 10) + (unit - 0xdc00) + 0x10000, at);
      else if (unit >= 0xd800 && unit <= 0xdbff) {
        this.value = unit;
        continue;
      } else this.put(unit, at);
      this.rest = [];
    }
  }

  private single(bytes: Uint8Array): void {
    const windows = this.encoding === 'windows-1252';
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      const point = windows && byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : byte;
      if (!point && byte) this.refuse(this.before + i, `is not windows-1252: ${hex(byte)}`);
      this.put(point, this.before + i);
    }
  }

  private refuse(at: number, what: string): never {
    const zero = what.includes('zero');
    const away = 'or take the file away, if it is no text: all files of a folder are read';
    const others = ENCODINGS.slice(1).join(', ');
    const other = zero
      ? `it may be UTF-16 without a byte order mark: give --encoding utf-16le, ${away}.`
      : `say what it is with --encoding ${others}, or make it UTF-8: iconv -f CP1252 -t UTF-8; ${away}.`;
    fail(`text: ${this.name} ${what} at byte ${at}.`, {
      given: this.guessed ? `${this.encoding}, as no --encoding is given` : `--encoding ${this.encoding}`,
      fix: other,
    });
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** How files begin that people take for text, what they are, and what makes text of them. */
const NO_TEXT: readonly (readonly [beginning: string, what: string, fix: string])[] = [
  ['%PDF-', 'a PDF', 'export its text, e.g. by pdftotext'],
  ['PK\x03\x04', 'a ZIP archive, as .docx, .xlsx, .odt and .epub are', 'save it as plain text or as CSV'],
  ['\xd0\xcf\x11\xe0', 'an old Office file, as .doc and .xls are', 'save it as plain text or as CSV'],
  ['{\\rtf', 'rich text', 'save it as plain text'],
  ['\x1f\x8b', 'packed by gzip', 'unpack it: gzip -d'],
];

/** What the first bytes say. */
function encodingOf(bytes: Uint8Array, name: string): Encoding {
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  const other = NO_TEXT.find(([beginning]) => start.startsWith(beginning));
  if (other) fail(`text: ${name} is ${other[1]}, and no text.`, { fix: `${other[2]}.` });
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) {
    fail(`text: ${name} is UTF-32.`, { fix: 'make it UTF-8: iconv -f UTF-32 -t UTF-8.' });
  }
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
}
