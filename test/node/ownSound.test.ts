// Sound of one's own: another rate, all depths of WAV, folders as classes.

import { describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { muLawEncode } from '../../src/data/muLaw';
import { readOwnSound } from '../../src/data/own/sound';
import { resample } from '../../src/data/own/resample';
import { decodeWav, encodeWav } from '../../src/data/wav';

const sine = (rate: number, hertz: number, seconds = 0.25, phase = 0.3) =>
  Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, t) => 0.5 * Math.sin((2 * Math.PI * hertz * t) / rate + phase),
  );

/** The largest difference, away from the ends. */
const apart = (a: Float32Array, b: Float32Array, edge: number) =>
  a.slice(edge, -edge).reduce((most, x, t) => Math.max(most, Math.abs(x - b[t + edge])), 0);

/** The loudest sample away from the ends, in decibels below a sine of 0.5. */
const decibels = (samples: Float32Array) =>
  20 * Math.log10(samples.slice(120, -120).reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9) / 0.5);

describe('another rate', () => {
  const pairs = [
    [44100, 8000],
    [48000, 8000],
    [22050, 16000],
    [8000, 44100],
    [11025, 8000],
  ] as const;

  test.each(pairs)('a sine stays the sine that it is: %i → %i', (from, to) => {
    for (const hertz of [100, 1000, 0.4 * Math.min(from, to)]) {
      const { rate, samples } = resample({ rate: from, samples: sine(from, hertz) }, to);
      const wanted = sine(to, hertz);
      expect([rate, samples.length]).toEqual([to, Math.ceil((Math.round(from * 0.25) * to) / from)]);
      const edge = Math.ceil((40 * to) / Math.min(from, to));
      // 0.01 dB of 0.5.
      expect(apart(samples, wanted, edge), `${hertz} Hz`).toBeLessThan(0.5 * 1.15e-3);
    }
  });

  test('what lies above half the lower rate is 80 dB down, and no image of what lies below', () => {
    for (const hertz of [4000, 4100, 4500, 5000, 7900, 12_000, 20_000]) {
      const { samples } = resample({ rate: 44100, samples: sine(44100, hertz) }, 8000);
      expect(decibels(samples), `${hertz} Hz`).toBeLessThan(-80);
    }
  });

  test('a constant stays the constant, the same rate the same sound, and rates are whole', () => {
    const flat = resample({ rate: 44100, samples: new Float32Array(4000).fill(0.25) }, 8000).samples;
    for (const x of flat.slice(40, -40)) expect(x).toBeCloseTo(0.25, 6);
    const sound = { rate: 8000, samples: sine(8000, 440) };
    expect(resample(sound, 8000).samples).toBe(sound.samples);
    expect(() => resample(sound, 44.1)).toThrow('44.1 samples per second');
  });
});

function wavOf(code: number, bits: number, channels: number, values: readonly number[], extensible = false) {
  const length = extensible ? 40 : 16;
  const bytes = (values.length * bits) / 8;
  const file = new Uint8Array(28 + length + bytes);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string) => file.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, length, true);
  view.setUint16(20, extensible ? 0xfffe : code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 8000, true);
  view.setUint16(34, bits, true);
  if (extensible) view.setUint16(44, code, true);
  text(20 + length, 'data');
  view.setUint32(24 + length, bytes, true);
  values.forEach((value, i) => {
    const at = 28 + length + (i * bits) / 8;
    if (code === 3 && bits === 32) view.setFloat32(at, value, true);
    else if (code === 3) view.setFloat64(at, value, true);
    else if (bits === 8) view.setUint8(at, value * 128 + 128);
    else if (bits === 16) view.setInt16(at, value * 32768, true);
    else if (bits === 32) view.setInt32(at, value * 2 ** 31, true);
    else {
      view.setUint8(at, (value * 2 ** 23) & 255);
      view.setInt16(at + 1, Math.floor(value * 2 ** 15), true);
    }
  });
  return file;
}

describe('WAV files', () => {
  const depths = [
    [1, 8],
    [1, 16],
    [1, 24],
    [1, 32],
    [3, 32],
    [3, 64],
  ] as const;
  test.each(depths)('format %i of %i bits, plain and extensible, mixed down', (code, bits) => {
    for (const extensible of [false, true]) {
      const file = wavOf(code, bits, 2, [0.5, -0.25, -1, 0, 0.25, 0.75], extensible);
      expect([...decodeWav(file).samples]).toEqual([0.125, -0.5, 0.5]);
    }
  });

  test('a file that was written into a pipe, and one of what is no number', () => {
    const file = wavOf(1, 16, 1, [0.5, -0.5]);
    new DataView(file.buffer).setUint32(40, 2 ** 32 - 1, true);
    expect([...decodeWav(file).samples]).toEqual([0.5, -0.5]);
    expect(() => decodeWav(wavOf(3, 64, 1, [0, NaN]), 'a.wav')).toThrow(/a\.wav[^]*sample 1 is not a number/);
    expect(() => decodeWav(wavOf(7, 8, 1, [0]))).toThrow('format 7 of 8 bits');
  });
});

describe('recordings', () => {
  const file = (name: string, rate: number, hertz: number) =>
    bytesAsSource(name, encodeWav({ rate, samples: sine(rate, hertz, 0.02) }));
  const files = ['b', 'a'].flatMap((folder, f) =>
    Array.from({ length: 10 }, (_, i) =>
      file(`${folder}/${i}.wav`, i % 2 ? 8000 : 16_000, 200 + 100 * f + i),
    ),
  );

  test('folders are classes, each is split by itself, and what was converted is said', () => {
    const sound = readOwnSound(files, { name: 'mine' });
    expect(sound.classes).toEqual(['a', 'b']);
    const counts = [sound.train, sound.valid, sound.test].map((list) =>
      [0, 1].map((label) => list.filter((one) => one.label === label).length),
    );
    expect(counts).toEqual([
      [8, 8],
      [1, 1],
      [1, 1],
    ]);
    for (const { name, label } of sound.train) expect(sound.classes[label]).toBe(name[0]);
    expect(sound.notes).toEqual(['10 files are converted from 16000 to 8000 samples per second']);
    const plain = sound.train.find(({ name }) => name === 'a/1.wav')!;
    expect(plain.codes).toEqual(
      muLawEncode(decodeWav(encodeWav({ rate: 8000, samples: sine(8000, 301, 0.02) })).samples),
    );
    expect(readOwnSound(files, { name: 'mine' }).test).toEqual(sound.test);
    expect(readOwnSound(files, { name: 'mine', splitSeed: 2 }).test).not.toEqual(sound.test);
  });

  test('too few, and empty ones, are refused', () => {
    expect(() => readOwnSound(files.slice(0, 2), { name: 'x' })).toThrow(
      /too few recordings for three splits: 2\.[^]*at least 3/,
    );
    const uneven = files.filter(({ name }) => name[0] === 'a' || name === 'b/0.wav');
    expect(() => readOwnSound(uneven, { name: 'x' })).toThrow(
      /too few recordings in the folder b for .*: 1\./,
    );
    const empty = bytesAsSource('e.wav', encodeWav({ rate: 8000, samples: new Float32Array(0) }));
    expect(() => readOwnSound([empty], { name: 'x' })).toThrow('e.wav is empty');
  });
});
