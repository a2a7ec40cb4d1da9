// Sound as numbers: the μ-law, WAV files, the spoken digits in pieces and batches, and their anchors on the published
// files, where they are.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODES, SILENCE, muLawCode, muLawDecode, muLawEncode, muLawSample } from '../../src/data/muLaw';
import {
  SPEAKERS,
  drawPieces,
  markovNats,
  fileName,
  readDigits,
  recordings,
  samplesIn,
  unigramNats,
  wholeRecordings,
  type DigitBatch,
  type Recording,
} from '../../src/data/spokenDigits';
import { decodeWav, encodeWav } from '../../src/data/wav';
import { Random } from '../../src/random';
import { published } from '../harness/data';

describe('μ-law', () => {
  test('every code is the code of what it stands for', () => {
    const codes = Uint8Array.from({ length: CODES }, (_, code) => code);
    expect(muLawEncode(muLawDecode(codes))).toEqual(codes);
    expect([-1, -2, 0, 1, 9].map(muLawCode)).toEqual([0, 0, SILENCE, 255, 255]);
    expect([muLawSample(0), muLawSample(255)]).toEqual([-1, 1]);
  });

  test('the round trip of a sample is off by at most half the step that is there, wider where it is loud', () => {
    for (let x = -1; x <= 1; x += 1 / 1024) {
      const code = muLawCode(x);
      const step = Math.abs(muLawSample(Math.min(255, code + 1)) - muLawSample(Math.max(0, code - 1)));
      expect(Math.abs(muLawSample(code) - x)).toBeLessThan(step);
      expect(step).toBeLessThan(0.1 * Math.abs(x) + 5e-4);
    }
  });
});

/** A WAV file of the given chunks. */
function riff(...chunks: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const body = chunks.flatMap(([name, content]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(content.length);
    return [Buffer.from(name), length, content, Buffer.alloc(content.length % 2)];
  });
  const all = Buffer.concat([Buffer.from('WAVE'), ...body]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(all.length);
  return new Uint8Array(Buffer.concat([Buffer.from('RIFF'), length, all]));
}

function format(code: number, channels: number, rate: number, bits: number): Uint8Array {
  const chunk = Buffer.alloc(16);
  chunk.writeUInt16LE(code, 0);
  chunk.writeUInt16LE(channels, 2);
  chunk.writeUInt32LE(rate, 4);
  chunk.writeUInt32LE((rate * channels * bits) / 8, 8);
  chunk.writeUInt16LE((channels * bits) / 8, 12);
  chunk.writeUInt16LE(bits, 14);
  return chunk;
}

describe('WAV files', () => {
  test('what is written has the header of the format, and is read again', () => {
    const samples = Float32Array.of(0, 0.5, -0.5, 1, -1, 2, 1 / 32768);
    const file = encodeWav({ rate: 8000, samples });
    const data = Buffer.alloc(14);
    [0, 16384, -16384, 32767, -32768, 32767, 1].forEach((value, t) => data.writeInt16LE(value, 2 * t));
    expect(file).toEqual(riff(['fmt ', format(1, 1, 8000, 16)], ['data', data]));
    expect(file.length).toBe(44 + 14);
    const again = decodeWav(file);
    expect(again.rate).toBe(8000);
    expect([...again.samples]).toEqual([0, 0.5, -0.5, 32767 / 32768, -1, 32767 / 32768, 1 / 32768]);
  });

  test('other depths and more channels are converted, other chunks passed over', () => {
    const read = (code: number, channels: number, bits: number, bytes: Uint8Array) => [
      ...decodeWav(
        riff(['LIST', Buffer.from('odd')], ['fmt ', format(code, channels, 11025, bits)], ['data', bytes]),
      ).samples,
    ];
    expect(read(1, 1, 8, Uint8Array.of(0, 128, 192))).toEqual([-1, 0, 0.5]);
    expect(read(1, 2, 16, new Uint8Array(Int16Array.of(16384, 0, -16384, -16384).buffer))).toEqual([
      0.25, -0.5,
    ]);
    expect(read(1, 1, 24, Uint8Array.of(0, 0, 0x40, 0xff, 0xff, 0xff))).toEqual([0.5, -(2 ** -23)]);
    expect(read(1, 1, 32, new Uint8Array(Int32Array.of(2 ** 30, -(2 ** 31)).buffer))).toEqual([0.5, -1]);
    expect(read(3, 1, 32, new Uint8Array(Float32Array.of(0.25, -7).buffer))).toEqual([0.25, -1]);
    const extended = Buffer.concat([format(0xfffe, 1, 8000, 16), Buffer.alloc(8), Buffer.of(1, 0)]);
    expect([...decodeWav(riff(['fmt ', extended], ['data', Uint8Array.of(0, 64)])).samples]).toEqual([0.5]);
  });

  test('what cannot be read is refused with the reason', () => {
    const sound = (chunk: Uint8Array, data = new Uint8Array(4)) => riff(['fmt ', chunk], ['data', data]);
    const pcm = format(1, 1, 8000, 16);
    const refusals: [Uint8Array, string][] = [
      [Buffer.from('ID3'), 'it does not begin with RIFF'],
      [riff(['data', pcm]), 'its samples come before their format'],
      [riff(['fmt ', pcm]), 'it has no samples'],
      [sound(pcm).slice(0, -1), 'its chunk "data" claims 4 bytes, and 3 follow'],
      [sound(pcm.subarray(0, 8)), 'its format takes 8 bytes where 16 are needed'],
      [sound(format(85, 1, 8000, 0)), 'it holds format 85 of 0 bits'],
      [sound(format(1, 1, 8000, 12)), 'it holds format 1 of 12 bits'],
      [sound(format(1, 0, 8000, 16)), 'it has 0 channels'],
      [sound(pcm, new Uint8Array(3)), '3 bytes are no whole number of samples'],
    ];
    for (const [file, reason] of refusals) expect(() => decodeWav(file, 'x.wav')).toThrow(reason);
    expect(() => decodeWav(Buffer.from('ID3'), 'x.wav')).toThrow(/x\.wav cannot be read[^]*fix: .*ffmpeg/);
  });
});

const NONE = 0xffffffff;
const take = (digit: number, speaker: Recording['speaker'], length: number, first: number): Recording => ({
  digit,
  speaker,
  codes: Uint8Array.from({ length }, (_, t) => first + t),
});
const list = [take(3, 'george', 5, 10), take(7, 'jackson', 2, 30), take(1, 'george', 9, 50)];
const rowsOf = ({ ids, targets, speakers, digits }: DigitBatch) =>
  Array.from({ length: ids.shape[0] }, (_, b) => {
    const T = ids.shape[1];
    const row = (data: ArrayLike<number>) => Array.from(data).slice(b * T, (b + 1) * T);
    return { ids: row(ids.data), targets: row(targets.data), who: [digits.data[b], speakers.data[b]] };
  });

describe('spoken digits', () => {
  test('whole recordings, padded to few lengths, one speaker at a time', () => {
    const all = [...wholeRecordings(list, { batch: 2, bucket: 4 })].map(rowsOf);
    const empty = (T: number) => ({
      ids: Array<number>(T).fill(SILENCE),
      targets: Array<number>(T).fill(NONE),
      who: [0, 0],
    });
    const whole = (T: number, codes: number[], who: number[]) => ({
      ids: [SILENCE, ...codes, ...Array<number>(T).fill(SILENCE)]
        .slice(0, T)
        .map((id, t) => (t > codes.length - 1 ? SILENCE : id)),
      targets: [...codes, ...Array<number>(T).fill(NONE)].slice(0, T),
      who,
    });
    expect(all).toEqual([
      [whole(4, [30, 31], [7, 0]), empty(4)],
      [whole(12, [50, 51, 52, 53, 54, 55, 56, 57, 58], [1, 1]), empty(12)],
      [whole(8, [10, 11, 12, 13, 14], [3, 1]), empty(8)],
    ]);
  });

  test('pieces drawn at random lie in a recording, know the sample before them, and count by length', () => {
    const random = new Random(4);
    const begins = new Map<number, number>();
    for (let i = 0; i < 400; i++) {
      for (const { ids, targets, who } of rowsOf(drawPieces(list, { batch: 2, length: 4, random }))) {
        const codes = list.find(({ digit }) => digit === who[0])!.codes;
        const start = targets[0] - codes[0];
        begins.set(targets[0], (begins.get(targets[0]) ?? 0) + 1);
        const wanted = [0, 1, 2, 3].map((t) => codes[start + t] ?? NONE);
        expect(targets).toEqual(wanted);
        const known = targets.filter((target) => target !== NONE).length;
        const before = [0, 1, 2, 3].map((t) => (t >= known ? SILENCE : (codes[start + t - 1] ?? SILENCE)));
        expect(ids).toEqual(before);
      }
    }
    expect([...begins.keys()].sort((a, b) => a - b)).toEqual([10, 11, 30, 50, 51, 52, 53, 54, 55]);
    expect(begins.get(30)! / 800).toBeCloseTo(2 / samplesIn(list), 1);
    const [a, b] = [1, 1].map((seed) => drawPieces(list, { batch: 3, length: 4, random: new Random(seed) }));
    expect(a).toEqual(b);
  });

  test('files are taken by name into splits; another rate or an empty file is refused', () => {
    const second = (rate: number, length: number) => encodeWav({ rate, samples: new Float32Array(length) });
    const splits = readDigits(['george'], () => second(8000, 3));
    expect([splits.train, splits.valid, splits.test].map((split) => split.length)).toEqual([430, 20, 50]);
    expect(splits.test[7]).toEqual({ digit: 1, speaker: 'george', codes: Uint8Array.of(128, 128, 128) });
    expect(() => readDigits(['jackson'], () => second(44100, 3))).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: digits: 0_jackson_0.wav has 44100 samples per second, and 8000 are needed.
          fix: convert it by \`ffmpeg -i in.wav -ac 1 -ar 8000 -c:a pcm_s16le 0_jackson_0.wav\`.]
    `);
    expect(() => readDigits(['jackson'], () => second(8000, 0))).toThrow('0_jackson_0.wav is empty');
  });

  test('the names of 1,000 recordings', () => {
    expect([...recordings()].length).toBe(1000);
  });
});

const FILES = [...recordings()].map((one) => `fsdd/${fileName(...one)}`);
const paths = published('anchors of the spoken digits', FILES);
test.skipIf(!paths)(
  'the published recordings: sizes, and anchors with all from 5 on',
  { timeout: 60_000 },
  () => {
    const read = (name: string) =>
      new Uint8Array(readFileSync(paths!.find((path) => basename(path) === name)!));
    const found = SPEAKERS.map((speaker) => {
      const { train, valid, test: held } = readDigits([speaker], read);
      const seen = [...train, ...valid];
      return [samplesIn(seen) + samplesIn(held), unigramNats(seen, held), markovNats(seen, held)];
    });
    expect(found.map(([size]) => size)).toEqual([2_065_840, 1_766_870]);
    const anchors = found.map(([, ...nats]) => nats.map((value) => Number(value.toFixed(3))));
    expect(anchors).toEqual([
      [5.303, 4.217],
      [5.238, 4.385],
    ]);
  },
);
