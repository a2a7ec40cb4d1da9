// The safetensors format: 8 bytes of header length, a JSON header, then the values. Reading trusts nothing:
// every length and offset is checked before it is used.
//
// https://huggingface.co/docs/safetensors, format of version 0.3 and later.

import { fail } from '../graph/check';
import { sizeOf, type Shape } from '../graph/shape';

export interface StoredTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface Stored {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const LENGTH_BYTES = 8;
/** The format's own bound, against headers that exhaust memory. */
const LONGEST_HEADER = 100e6;

export function encodeSafetensors({ tensors, metadata }: Stored): Uint8Array<ArrayBuffer> {
  // Without a prototype, a tensor may be called __proto__.
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata });
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
  const start = LENGTH_BYTES + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end);
  file.fill(0x20, LENGTH_BYTES, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  file.set(json, LENGTH_BYTES);
  let at = start;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/** Reads a file, or says what is wrong with it. `where` names it in errors. */
export function decodeSafetensors(file: Uint8Array, where: string): Stored {
  const wrong = (what: string): never =>
    fail(`${where}: ${what}.`, { fix: 'the file is damaged or is not safetensors; use another copy.' });
  if (file.length < LENGTH_BYTES) wrong(`${file.length} bytes are too few for a safetensors file`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER) wrong(`its header claims ${length} bytes, more than the format allows`);
  const start = LENGTH_BYTES + length;
  if (start > file.length) wrong(`its header claims ${length} bytes, but the file has ${file.length}`);
  const header = parseHeader(file.subarray(LENGTH_BYTES, start), wrong);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isTexts(metadata)) return wrong('its __metadata__ does not consist of texts');
  const found = Object.entries(entries).map(([name, entry]) =>
    parseEntry(name, entry, file.length - start, wrong),
  );
  checkLayout(found, file.length - start, wrong);
  // Only now is it certain that all copies together are no larger than the file.
  const copy = ({ from, to }: Entry) =>
    new Float32Array(new Uint8Array(file.subarray(start + from, start + to)).buffer);
  return {
    tensors: new Map(found.map((entry) => [entry.name, { shape: entry.shape, data: copy(entry) }])),
    metadata,
  };
}

type Wrong = (what: string) => never;

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

/** A key that an object of this JSON has twice: JSON.parse would take the last and say nothing. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(/[{}]|("(?:[^"\\]|\\.)*")(\s*:)?/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon) {
      const key = JSON.parse(text) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return undefined;
}

interface Entry {
  readonly name: string;
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

function parseEntry(key: string, entry: unknown, available: number, wrong: Wrong): Entry {
  const name = short(key);
  if (!isRecord(entry)) return wrong(`${name} has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32') wrong(`${name} holds ${short(dtype)}; only F32 can be read`);
  if (!isCounts(shape)) return wrong(`the shape of ${name} is ${short(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) return wrong(`the place of ${name} is ${short(offsets)}`);
  const [from, to] = offsets;
  if (from > to || to > available) {
    wrong(`${name} lies at bytes ${from} to ${to}, but there are ${available} bytes of values`);
  }
  const needed = sizeOf(shape) * 4;
  if (to - from !== needed) wrong(`${name} ${short(shape)} needs ${needed} bytes, has ${to - from}`);
  return { name: key, shape, from, to };
}

/** The values must be covered exactly once: no overlap, no hole, nothing behind the end. */
function checkLayout(entries: readonly Entry[], available: number, wrong: Wrong): void {
  let end = 0;
  for (const { from, to, name } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) wrong(`${short(name)} starts at byte ${from}, but the values before it end at ${end}`);
    end = to;
  }
  if (end !== available) wrong(`${available - end} bytes behind the last tensor belong to none`);
}

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
