// The safetensors format: 8 bytes of header length, a JSON header, then the values. Reading trusts nothing:
// every length and offset is checked before it is used.
//
// https://huggingface.co/docs/safetensors, format of version 0.3 and later.

import { fail } from '../graph/check';
import { sizeOf, type Shape } from '../graph/tensor';

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

export function encodeSafetensors({ tensors, metadata }: Stored): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
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
  if (!isRecord(metadata)) wrong('__metadata__ is not an object');
  const tensors = new Map<string, StoredTensor>();
  const taken: [number, number, string][] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { shape, from, to } = parseEntry(name, entry, file.length - start, wrong);
    taken.push([from, to, name]);
    tensors.set(name, { shape, data: new Float32Array(file.slice(start + from, start + to).buffer) });
  }
  checkLayout(taken, file.length - start, wrong);
  const texts = Object.entries(metadata as object).map(([key, value]) => [key, String(value)]);
  return { tensors, metadata: Object.fromEntries(texts) };
}

type Wrong = (what: string) => never;

function parseHeader(bytes: Uint8Array, wrong: Wrong): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(asText(bytes));
  } catch {
    wrong('its header is not JSON');
  }
  return isRecord(header) ? header : wrong('its header is not a JSON object');
}

function parseEntry(name: string, entry: unknown, available: number, wrong: Wrong) {
  if (!isRecord(entry)) return wrong(`${name} has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== 'F32') wrong(`${name} holds ${String(dtype)}; only F32 can be read`);
  if (!isCounts(shape)) return wrong(`the shape of ${name} is ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return wrong(`the place of ${name} is ${JSON.stringify(offsets)}`);
  const [from, to] = offsets;
  if (from > to || to > available) {
    wrong(`${name} lies at bytes ${from} to ${to}, but there are ${available} bytes of values`);
  }
  if (to - from !== sizeOf(shape) * 4)
    wrong(`${name} [${shape.join(', ')}] needs ${sizeOf(shape) * 4} bytes, has ${to - from}`);
  return { shape, from, to };
}

/** The values must be covered exactly once: no overlap, no hole, nothing behind the end. */
function checkLayout(taken: [number, number, string][], available: number, wrong: Wrong): void {
  let end = 0;
  for (const [from, to, name] of taken.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (from !== end) wrong(`${name} starts at byte ${from}, but the values before it end at ${end}`);
    end = to;
  }
  if (end !== available) wrong(`${available - end} bytes behind the last tensor belong to none`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const asBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const asText = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
