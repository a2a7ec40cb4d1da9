// The safetensors format: 8 bytes of header length, a JSON header, then the values. Reading trusts nothing:
// every length and offset is checked before it is used, and where the metadata has a checksum, as files written here
// have, every byte is. A file may be larger than memory for one array: it is written and read tensor by tensor.
//
// https://huggingface.co/docs/safetensors, format of version 0.3 and later.

import { fail, shown } from '../graph/check';
import { sizeOf, type Shape } from '../graph/shape';
import { Checksum } from './checksum';
import { ITEM_BYTES, toFloat32, type FileType } from './halfPrecision';
import { repeatedKey } from './json';

/** A tensor of a file: extents, and values as f32, the last axis fastest. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What is in a safetensors file. */
export interface Stored {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of a file, wherever it is. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from one place up to another, in a buffer of their own. */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 8;
/** The format's own bound, against headers that exhaust memory. */
const LONGEST_HEADER = 100e6;

/** In the metadata: xxHash32 of all bytes of the file, those of its own digits taken as zeros. */
const CHECKSUM = 'seqgpu.checksum';
const MARK = 'xxh32:';
const NO_DIGITS = '00000000';

/** The bytes of a file, in whatever they come. `where` names it in an error. */
export function fileBytes(given: Uint8Array | ArrayBuffer, where: string): Uint8Array {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (/ArrayBuffer\]$/.test(Object.prototype.toString.call(given))) return new Uint8Array(given);
  return fail(`${where} is ${shown(given)}.`, {
    fix: 'give its bytes: await readFile(path), await response.arrayBuffer() or await save(…).',
  });
}

/** A file as one array. */
export function encodeSafetensors(stored: Stored): Uint8Array<ArrayBuffer> {
  const parts = safetensorsParts(stored);
  const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** A file in parts, to be written one behind the other: its header, and the bytes of each tensor. */
export function safetensorsParts({ tensors, metadata }: Stored): Uint8Array[] {
  if (CHECKSUM in metadata)
    fail(`safetensors: the metadata has ${CHECKSUM} already.`, { fix: 'leave it out.' });
  // Without a prototype, a tensor may be called __proto__.
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = { [CHECKSUM]: MARK + NO_DIGITS, ...metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === '__metadata__' || sizeOf(shape) !== data.length) {
      fail(`${name} [${shape.join(', ')}] with ${data.length} values cannot be stored.`, {
        fix: 'give as many values as the shape has, and a name other than __metadata__.',
      });
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] };
  }
  // Padded with spaces so that the values start at a multiple of 8 bytes.
  const json = asBytes(JSON.stringify(header));
  const head = new Uint8Array(LENGTH_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - LENGTH_BYTES), true);
  head.set(json, LENGTH_BYTES);
  const values = [...tensors.values()].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const checksum = new Checksum().update(head);
  values.forEach((bytes) => checksum.update(bytes));
  head.set(asBytes(checksum.digest()), digitsIn(head)!);
  return [head, ...values];
}

/** Where the digits of the checksum stand in a header; quotes inside other texts of it are written with a backslash. */
function digitsIn(head: Uint8Array): number | undefined {
  const before = asBytes(`"${CHECKSUM}":"${MARK}`);
  for (let at = head.indexOf(before[0]); at >= 0; at = head.indexOf(before[0], at + 1)) {
    if (before.every((byte, i) => head[at + i] === byte)) return at + before.length;
  }
  return undefined;
}

/** Reads a file, or says what is wrong with it. `where` names it in errors. */
export function decodeSafetensors(file: Uint8Array, where: string): Stored {
  return readSafetensors(
    { size: file.length, read: (from, to) => new Uint8Array(file.subarray(from, to)) },
    where,
  );
}

/** The same of a file that is not in memory; its tensors are read one by one, in their order. */
export function readSafetensors(file: ByteSource, where: string): Stored {
  const wrong: Wrong = (what, fix = 'the file is damaged or is not safetensors; use another copy.') =>
    fail(`${where}: ${what}.`, { fix });
  const head = readHead(file, wrong);
  const start = head.length;
  const { __metadata__: metadata = {}, ...entries } = parseHeader(head.subarray(LENGTH_BYTES), wrong);
  if (!isTexts(metadata)) return wrong('its __metadata__ does not consist of texts');
  const found = Object.entries(entries).map(([name, entry]) =>
    parseEntry(name, entry, file.size - start, wrong),
  );
  // Only now is it certain that all tensors together are no larger than the file.
  const inOrder = checkLayout(found, file.size - start, wrong);
  const { [CHECKSUM]: written, ...others } = metadata;
  const claimed = hasChecksum(metadata) ? zeroDigits(head, written, wrong) : null;
  const checksum = new Checksum().update(head);
  const values = new Map<string, Float32Array>();
  for (const { name, type, from, to } of inOrder) {
    const bytes = file.read(start + from, start + to);
    if (claimed !== null) checksum.update(bytes);
    values.set(name, toFloat32(bytes, type));
  }
  if (claimed !== null && checksum.digest() !== claimed) {
    wrong(`its checksum is ${checksum.digest()}, but ${claimed} was written into it`);
  }
  const tensors = found.map(({ name, shape }) => [name, { shape, data: values.get(name)! }] as const);
  return { tensors: new Map(tensors), metadata: others };
}

/** All before the values. */
function readHead(file: ByteSource, wrong: Wrong): Uint8Array<ArrayBuffer> {
  if (file.size < LENGTH_BYTES) wrong(`${file.size} bytes are too few for a safetensors file`);
  const view = new DataView(file.read(0, LENGTH_BYTES).buffer);
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER) wrong(`its header claims ${length} bytes, more than the format allows`);
  const start = LENGTH_BYTES + length;
  if (start > file.size) wrong(`its header claims ${length} bytes, but the file has ${file.size}`);
  return file.read(0, start);
}

/** Whether a file was written with one, also where a part of its name or its mark is damaged. */
const hasChecksum = (metadata: Record<string, string>): boolean =>
  Object.entries(metadata).some(
    ([name, value]) => /^seqgpu|\.checksum$/.test(name) || value.startsWith(MARK),
  );

/** The digits that a file claims; zeros stand in their place from then on. */
function zeroDigits(head: Uint8Array, written: string | undefined, wrong: Wrong): string {
  const at = digitsIn(head);
  if (at === undefined || !written) return wrong('its checksum is damaged');
  head.set(asBytes(NO_DIGITS), at);
  return written.slice(MARK.length);
}

type Wrong = (what: string, fix?: string) => never;

function parseHeader(bytes: Uint8Array, wrong: Wrong): Record<string, unknown> {
  let header: unknown;
  let twice: string | undefined;
  try {
    const text = asText(bytes);
    header = JSON.parse(text);
    twice = repeatedKey(text);
  } catch {
    wrong('its header is not JSON');
  }
  if (twice !== undefined) wrong(`its header has ${short(twice)} twice`);
  return isRecord(header) ? header : wrong('its header is not a JSON object');
}

interface Entry {
  readonly name: string;
  readonly type: FileType;
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

/** Types that the format has besides. */
const OTHER_TYPES = /^(BOOL|[FIU]\d+(_\w+)?|C\d+)$/;

function parseEntry(key: string, entry: unknown, available: number, wrong: Wrong): Entry {
  const name = short(key);
  if (!isRecord(entry)) return wrong(`${name} has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isFileType(dtype)) {
    const known = typeof dtype === 'string' && OTHER_TYPES.test(dtype);
    const fix = known ? "save it as F32, with PyTorch's float(), or leave it out." : undefined;
    return wrong(`${name} holds ${short(dtype)}; F32, F16 and BF16 can be read`, fix);
  }
  if (!isCounts(shape)) return wrong(`the shape of ${name} is ${short(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) return wrong(`the place of ${name} is ${short(offsets)}`);
  const [from, to] = offsets;
  if (from > to || to > available) {
    wrong(`${name} lies at bytes ${from} to ${to}, but there are ${available} bytes of values`);
  }
  const needed = sizeOf(shape) * ITEM_BYTES[dtype];
  if (to - from !== needed) wrong(`${name} ${short(shape)} needs ${needed} bytes, has ${to - from}`);
  return { name: key, type: dtype, shape, from, to };
}

/**
 * Tensors in the order of their values, which must be covered exactly once: no overlap, no hole, nothing behind the
 * end.
 */
function checkLayout(entries: readonly Entry[], available: number, wrong: Wrong): Entry[] {
  const inOrder = [...entries].sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { from, to, name } of inOrder) {
    if (from !== end) wrong(`${short(name)} starts at byte ${from}, but the values before it end at ${end}`);
    end = to;
  }
  if (end !== available) wrong(`${available - end} bytes behind the last tensor belong to none`);
  return inOrder;
}

const isFileType = (type: unknown): type is FileType =>
  typeof type === 'string' && Object.hasOwn(ITEM_BYTES, type);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((text) => typeof text === 'string');

/** Anything out of a file, as a few characters: it may be long, or nested too deeply to be written. */
function short(value: unknown): string {
  try {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'missing');
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
  } catch {
    return 'not readable';
  }
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const asBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const asText = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
