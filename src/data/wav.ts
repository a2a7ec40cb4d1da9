// WAV files (RIFF): reads plain PCM of 8, 16, 24 and 32 bits and floats of 32 and 64, with any number of channels,
// which are averaged; writes mono PCM of 16 bits. Reading trusts nothing: every length is checked before it is used.

import { fail } from '../graph/check';

/** Sound as it is in a WAV file, its channels averaged. */
export interface Sound {
  /** Samples per second. */
  readonly rate: number;
  /** Mono, in [-1, 1]. */
  readonly samples: Float32Array;
}

const UNKNOWN_LENGTH = 2 ** 32 - 1;
const PCM = 1;
const FLOAT = 3;
/** A format chunk that names the real format in its 25th and 26th byte. */
const EXTENSIBLE = 0xfffe;

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

/** The sound in a WAV file; `where` names the file in messages. */
export function decodeWav(file: Uint8Array, where = 'the WAV file'): Sound {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE') {
    refuse(where, 'it does not begin with RIFF … WAVE');
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length;) {
    const start = at + 8;
    const length = lengthOf(view, at, text(at));
    if (start + length > file.length) {
      refuse(where, `its chunk "${text(at)}" claims ${length} bytes, and ${file.length - start} follow`);
    }
    if (text(at) === 'fmt ') format = readFormat(view, start, length, where);
    if (text(at) === 'data') {
      if (!format) return refuse(where, 'its samples come before their format');
      return { rate: format.rate, samples: readSamples(view, start, length, format, where) };
    }
    // Chunks begin at even bytes.
    at = start + length + (length % 2);
  }
  return refuse(where, 'it has no samples');
}

/** A program that writes into a pipe does not know how long its samples will be, and says 2³² − 1: up to the end. */
function lengthOf(view: DataView, at: number, chunk: string): number {
  const claimed = view.getUint32(at + 4, true);
  const left = view.byteLength - at - 8;
  return chunk === 'data' && claimed === UNKNOWN_LENGTH ? left : claimed;
}

function refuse(where: string, what: string): never {
  fail(`wav: ${where} cannot be read: ${what}.`, {
    fix: 'make it plain PCM, e.g. by `ffmpeg -i in.wav -ac 1 -ar 8000 -c:a pcm_s16le out.wav`.',
  });
}

function readFormat(view: DataView, at: number, length: number, where: string): Format {
  if (length < 16) refuse(where, `its format takes ${length} bytes where 16 are needed`);
  const code = view.getUint16(at, true);
  const format = {
    code: code === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : code,
    channels: view.getUint16(at + 2, true),
    rate: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  };
  const known = format.code === PCM ? [8, 16, 24, 32] : format.code === FLOAT ? [32, 64] : [];
  if (!known.includes(format.bits)) {
    refuse(
      where,
      `it holds format ${format.code} of ${format.bits} bits, not PCM of 8 to 32 or floats of 32 or 64`,
    );
  }
  if (!format.channels || !format.rate) {
    refuse(where, `it has ${format.channels} channels of ${format.rate} samples per second`);
  }
  return format;
}

function readSamples(view: DataView, start: number, length: number, format: Format, where: string) {
  const { channels, bits, code } = format;
  const read = READERS[code === FLOAT ? (bits === 64 ? 'double' : 'float') : (bits as 8 | 16 | 24 | 32)];
  const frame = (channels * bits) / 8;
  if (length % frame !== 0) refuse(where, `${length} bytes are no whole number of samples of ${frame} bytes`);
  const samples = new Float32Array(length / frame);
  for (let t = 0; t < samples.length; t++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += read(view, start + t * frame + (c * bits) / 8);
    samples[t] = sum / channels;
    if (Number.isNaN(sum)) refuse(where, `sample ${t} is not a number`);
  }
  return samples;
}

/** One sample in [-1, 1). 8 bits have no sign, all others do. */
const READERS: Readonly<
  Record<8 | 16 | 24 | 32 | 'float' | 'double', (view: DataView, at: number) => number>
> = {
  8: (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  24: (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 2 ** 23,
  32: (view, at) => view.getInt32(at, true) / 2 ** 31,
  float: (view, at) => Math.min(1, Math.max(-1, view.getFloat32(at, true))),
  double: (view, at) => Math.min(1, Math.max(-1, view.getFloat64(at, true))),
};

const HEADER = 44;

/** A WAV file of mono PCM of 16 bits; what lies outside [-1, 1] is clipped. */
export function encodeWav({ rate, samples }: Sound): Uint8Array {
  const bytes = samples.length * 2;
  const file = new Uint8Array(HEADER + bytes);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string) => file.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  view.setUint32(4, HEADER - 8 + bytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, bytes, true);
  samples.forEach((x, t) => {
    view.setInt16(HEADER + 2 * t, Math.min(32767, Math.max(-32768, Math.round(x * 32768))), true);
  });
  return file;
}
