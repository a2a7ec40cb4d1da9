// Reads MATLAB 5 files (.mat of versions 5 to 7): the variables of a file, as matrices and cell arrays.
// A file is a 128-byte header and a row of elements; an element is a type, a byte count and its bytes, padded
// to 8; a count of at most 4 may share the type's word. A matrix is an element that holds elements: flags,
// dimensions, name, values. Values lie in column order and may be of a smaller type than the class says.
// Source: MathWorks, "MAT-File Format".

import { fail } from '../graph/check';
import { KEYS, type Music, type Piece } from './music';

/** A matrix of real numbers. */
export interface MatlabMatrix {
  readonly kind: 'matrix';
  readonly shape: readonly number[];
  /** Column order: the first axis runs fastest. */
  readonly values: ArrayLike<number>;
}
/** A cell array, in column order. */
export interface MatlabCells {
  readonly kind: 'cells';
  readonly shape: readonly number[];
  readonly cells: readonly MatlabValue[];
}
/** Text, structs, sparse and complex matrices: present, but not read. */
export interface MatlabOther {
  readonly kind: 'other';
  readonly what: string;
}
/** The value of a variable, or of a cell. */
export type MatlabValue = MatlabMatrix | MatlabCells | MatlabOther;

const HEADER_BYTES = 128;
const BYTES = 2;
const MATRIX = 14;
const COMPRESSED = 15;
const CELL_CLASS = 1;
const FIRST_NUMERIC_CLASS = 6; // double, single, then the eight integer classes
const LAST_NUMERIC_CLASS = 15;
const OTHER_CLASSES = ['nothing', 'a cell array', 'a struct', 'an object', 'text', 'a sparse matrix'];
const COMPLEX_FLAG = 0x08;
/** Cells within cells that are read. */
const DEEPEST = 64;

/** Storage types by number: bytes of one value, and how to read it. */
const STORAGE: Readonly<
  Record<number, [size: number, read: (v: DataView, at: number, little: boolean) => number]>
> = {
  1: [1, (v, at) => v.getInt8(at)],
  2: [1, (v, at) => v.getUint8(at)],
  3: [2, (v, at, little) => v.getInt16(at, little)],
  4: [2, (v, at, little) => v.getUint16(at, little)],
  5: [4, (v, at, little) => v.getInt32(at, little)],
  6: [4, (v, at, little) => v.getUint32(at, little)],
  7: [4, (v, at, little) => v.getFloat32(at, little)],
  9: [8, (v, at, little) => v.getFloat64(at, little)],
  12: [8, (v, at, little) => Number(v.getBigInt64(at, little))],
  13: [8, (v, at, little) => Number(v.getBigUint64(at, little))],
};

/** The variables of a MATLAB 5 file by name. */
export async function readMatlab(file: Uint8Array): Promise<Map<string, MatlabValue>> {
  const header = String.fromCharCode(...file.subarray(0, HEADER_BYTES));
  const little = header.slice(126) === 'IM';
  const version = little ? header.slice(124, 126) : [...header.slice(124, 126)].reverse().join('');
  if (!(little || header.slice(126) === 'MI') || version !== '\x00\x01') {
    const begin = JSON.stringify(header.slice(0, 19));
    fail(`matlab: the file begins with ${begin} and is no MATLAB 5 file.`, {
      fix: 'save it with -v7 or -v6.',
    });
  }
  const variables = new Map<string, MatlabValue>();
  const elements = new Elements(file.subarray(HEADER_BYTES), little);
  while (elements.more()) {
    let element = elements.next();
    if (element.type === COMPRESSED) element = new Elements(await inflate(element.bytes), little).next();
    if (element.type !== MATRIX) continue;
    const { name, value } = readMatrix(element.bytes, little);
    variables.set(name, value);
  }
  return variables;
}

interface Element {
  type: number;
  bytes: Uint8Array;
}

/** Walks over the elements of a block of bytes. */
class Elements {
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly little: boolean,
  ) {}

  more(): boolean {
    return this.at < this.bytes.length;
  }

  next(): Element {
    this.need(8);
    const view = viewOf(this.bytes);
    const word = view.getUint32(this.at, this.little);
    const small = word >>> 16;
    if (small > 0) {
      const bytes = this.bytes.subarray(this.at + 4, this.at + 4 + Math.min(small, 4));
      this.at += 8;
      return { type: word & 0xffff, bytes };
    }
    const length = view.getUint32(this.at + 4, this.little);
    this.at += 8;
    this.need(length);
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += word === COMPRESSED ? length : Math.ceil(length / 8) * 8;
    return { type: word, bytes };
  }

  /** The numbers of the next element. */
  numbers(): ArrayLike<number> {
    const { type, bytes } = this.next();
    const storage = STORAGE[type];
    if (!storage) fail(`matlab: numbers are stored as type ${type}, which this reader does not know.`);
    if (type === BYTES) return bytes;
    const [size, read] = storage;
    const view = viewOf(bytes);
    const numbers = new Float64Array(Math.floor(bytes.length / size));
    for (let i = 0; i < numbers.length; i++) numbers[i] = read(view, i * size, this.little);
    return numbers;
  }

  private need(count: number): void {
    const left = this.bytes.length - this.at;
    if (count <= left) return;
    fail(`matlab: an element needs ${count} bytes where ${left} are left; the file is cut short.`, {
      fix: 'fetch the file again.',
    });
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readMatrix(bytes: Uint8Array, little: boolean, depth = 0): { name: string; value: MatlabValue } {
  if (bytes.length === 0) return { name: '', value: { kind: 'matrix', shape: [0, 0], values: [] } };
  const elements = new Elements(bytes, little);
  const flags = elements.numbers()[0];
  const shape = Array.from(elements.numbers());
  const name = Array.from(elements.numbers(), (code) => String.fromCharCode(code)).join('');
  const size = shape.reduce((product, length) => product * length, 1);
  const kind = flags & 0xff;
  if (kind === CELL_CLASS) {
    if (depth === DEEPEST) {
      fail(`matlab: cells are nested ${DEEPEST} deep and deeper.`, {
        fix: 'save the matrices side by side.',
      });
    }
    const cells: MatlabValue[] = [];
    for (let i = 0; i < size; i++) cells.push(readMatrix(elements.next().bytes, little, depth + 1).value);
    return { name, value: { kind: 'cells', shape, cells } };
  }
  const numeric = kind >= FIRST_NUMERIC_CLASS && kind <= LAST_NUMERIC_CLASS;
  if (!numeric)
    return { name, value: { kind: 'other', what: OTHER_CLASSES[kind] ?? `a value of class ${kind}` } };
  if ((flags >>> 8) & COMPLEX_FLAG) return { name, value: { kind: 'other', what: 'a complex matrix' } };
  const values = elements.numbers();
  if (values.length !== size) {
    fail(`matlab: ${name || 'a cell'} [${shape.join(', ')}] has ${values.length} values instead of ${size}.`);
  }
  return { name, value: { kind: 'matrix', shape, values } };
}

/** Music from the variables traindata, validdata and testdata: 1 x N cells of T x 88 zero-one matrices. */
export function musicFromMatlab(name: string, variables: ReadonlyMap<string, MatlabValue>): Music {
  const split = (key: string): Piece[] => {
    const value = variables.get(key);
    if (value?.kind !== 'cells') fail(`matlab: ${name} has no cell array ${key}.`);
    return value.cells.map((cell, index) => pieceFromMatrix(cell, `${name}: ${key} ${index}`));
  };
  return { name, keys: KEYS, train: split('traindata'), valid: split('validdata'), test: split('testdata') };
}

function pieceFromMatrix(cell: MatlabValue, where: string): Piece {
  if (cell.kind !== 'matrix' || cell.shape.length !== 2 || cell.shape[1] !== KEYS) {
    const given = cell.kind === 'other' ? cell.what : `${cell.kind} [${cell.shape.join(', ')}]`;
    fail(`matlab: ${where} is ${given} where a matrix of T rows and ${KEYS} columns is expected.`);
  }
  const T = cell.shape[0];
  return Array.from({ length: T }, (_, t) => {
    const keys: number[] = [];
    for (let key = 0; key < KEYS; key++) if (cell.values[key * T + t] !== 0) keys.push(key);
    return keys;
  });
}

/** The bytes that a zlib stream (RFC 1950) holds: the platform's own streams unpack it, and compare its check sum. */
export async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes.slice()]).stream();
  try {
    const unpacked = new Response(packed.pipeThrough(new DecompressionStream('deflate')));
    return new Uint8Array(await unpacked.arrayBuffer());
  } catch (error) {
    return fail(`matlab: packed bytes are damaged: ${(error as Error).message}.`, {
      fix: 'fetch the file again.',
    });
  }
}
