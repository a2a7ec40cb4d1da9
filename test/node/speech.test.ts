// Speech as features and back, on sounds whose answers are known: tones, pulses, ripples.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { aligned, cepstralDistance, melCepstrum } from '../../src/data/speech/cepstrum';
import { Fourier, ShortTime, SPEECH_FRAMING, framesOf, hann } from '../../src/data/speech/fourier';
import { griffinLim } from '../../src/data/speech/griffinLim';
import { BANDS, MelSpectra, SILENT, bandCentres } from '../../src/data/speech/mel';
import { continuousLogPitch, pitchOf } from '../../src/data/speech/pitch';
import { normalisationOf, normalised, restored } from '../../src/data/speech/normalisation';
import {
  PARAMETERS,
  copySynthesis,
  hertzOf,
  parametersOf,
  samplesOfFrames,
  synthesised,
} from '../../src/data/speech/parameters';
import { perSample } from '../../src/data/speech/perSample';
import { spectrogram } from '../../src/data/spectrogram';
import { decodeWav } from '../../src/data/wav';
import { Random } from '../../src/random';
import { codesAsText, codesIn, framesAsText, framesIn } from '../../src/studies/speech/stored';
import { published } from '../harness/data';

const RATE = 8000;
const sound = (seconds: number, at: (t: number) => number) =>
  Float64Array.from({ length: Math.round(seconds * RATE) }, (_, t) => at(t));
const tone = (hertz: number, seconds = 0.4, amplitude = 0.5) =>
  sound(seconds, (t) => amplitude * Math.sin((2 * Math.PI * hertz * t) / RATE));
const noise = (seconds: number, seed = 1) => {
  const random = new Random(seed);
  return sound(seconds, () => 0.1 * random.normal());
};
/** A voice: a pulse in every period, through a filter that rings at 700 Hz. */
function voice(hertz: number, seconds = 0.4): Float64Array {
  const made = new Float64Array(Math.round(seconds * RATE));
  let phase = 0;
  for (let t = 0; t < made.length; t++) {
    phase += hertz / RATE;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    made[t] = 0.3 * pulse + 1.6 * (made[t - 1] ?? 0) - 0.85 * (made[t - 2] ?? 0);
  }
  return made;
}
const largest = (a: ArrayLike<number>, b: ArrayLike<number>, edge = 0) => {
  let most = 0;
  for (let i = edge; i < a.length - edge; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
};

describe('the Fourier transform', () => {
  test('is the sum that it stands for, and its inverse gives the numbers again', () => {
    for (const size of [4, 8, 128]) {
      const values = noise(size / RATE, size);
      const spectrum = new Fourier(size).forward(values);
      const plain = Float64Array.from({ length: size + 2 }, (_, i) => {
        const k = i >> 1;
        return values.reduce((sum, x, t) => {
          const angle = (2 * Math.PI * k * t) / size;
          return sum + x * (i % 2 ? -Math.sin(angle) : Math.cos(angle));
        }, 0);
      });
      expect(largest(spectrum, plain)).toBeLessThan(1e-12);
      expect(largest(new Fourier(size).inverse(spectrum), values)).toBeLessThan(1e-14);
    }
  });

  test.each([0, 2, 3, 100, 12.5, NaN])('a size of %s is refused', (size) => {
    expect(() => new Fourier(size)).toThrow(`its size is ${size}`);
  });

  test('short-time spectra give the sound again, whatever its length', () => {
    const shortTime = new ShortTime();
    for (const length of [1, 79, 80, 81, 1000, 4001]) {
      const samples = noise(length / RATE);
      const spectra = shortTime.forward(samples);
      expect(spectra.length).toBe(framesOf(length, SPEECH_FRAMING));
      expect(largest(shortTime.inverse(spectra, length), samples)).toBeLessThan(1e-12);
    }
    expect(() => new ShortTime({ ...SPEECH_FRAMING, window: 300 })).toThrow('a window of 300 samples');
  });

  test('a spectrogram is that of plain sums', () => {
    const samples = Float32Array.from(noise(0.05));
    const [window, hop] = [64, 24];
    const weights = hann(window);
    const powers = Array.from({ length: Math.floor((samples.length - window) / hop) + 1 }, (_, f) =>
      Array.from({ length: window / 2 }, (__, k) => {
        let [re, im] = [0, 0];
        weights.forEach((w, t) => {
          re += w * samples[f * hop + t] * Math.cos((2 * Math.PI * k * t) / window);
          im += w * samples[f * hop + t] * Math.sin((2 * Math.PI * k * t) / window);
        });
        return re * re + im * im;
      }),
    );
    const loudest = Math.max(...powers.flat());
    const found = spectrogram(samples, { window, hop });
    expect(found.length).toBe(powers.length);
    powers.forEach((frame, f) => {
      expect(
        largest(
          found[f],
          frame.map((p) => 10 * Math.log10(p / loudest)),
        ),
      ).toBeLessThan(1e-6);
    });
    expect(() => spectrogram(samples, { window: 100, hop })).toThrow('its size is 100');
  });
});

describe('log-mel spectra', () => {
  const mel = new MelSpectra();

  test('a tone is in the band of its frequency, at its loudness; silence is nowhere', () => {
    const centres = bandCentres(RATE);
    expect(centres.length).toBe(BANDS);
    for (const b of [3, 12, 25, 39]) {
      const frame = mel.forward(tone(centres[b]))[20];
      expect(frame.indexOf(Math.max(...frame))).toBe(b);
      // The whole power of the window's peak: (A / 2)² · Σw² · size / (Σw)², weighted by near the top of the triangle.
      const quieter = mel.forward(tone(centres[b], 0.4, 0.25))[20];
      expect(frame[b] - quieter[b]).toBeCloseTo(2 * Math.LN2, 6);
    }
    for (const frame of mel.forward(new Float64Array(800)))
      expect([...frame]).toEqual(Array(BANDS).fill(SILENT));
  });

  test('powers that come back give the same bands, and none is below zero', () => {
    for (const frame of mel.forward(voice(120)).slice(5, 30)) {
      const powers = mel.powers(frame);
      expect(Math.min(...powers)).toBeGreaterThanOrEqual(0);
      const scale = 1 / mel.shortTime.gain;
      const amplitudes = mel.amplitudes(frame);
      expect(
        largest(
          amplitudes,
          powers.map((p) => Math.sqrt(p) / scale),
        ),
      ).toBeLessThan(1e-12);
      expect(largest(bandsOf(powers), frame)).toBeLessThan(0.15);
    }
  });

  /** Bands of powers by the triangles' own definition. */
  function bandsOf(powers: Float64Array): number[] {
    const middles = [0, ...bandCentres(RATE), RATE / 2];
    return Array.from({ length: BANDS }, (_, b) => {
      const [low, middle, high] = middles.slice(b, b + 3);
      return Math.log(
        powers.reduce((sum, power, k) => {
          const f = (k * RATE) / SPEECH_FRAMING.size;
          return (
            sum + power * Math.max(0, Math.min((f - low) / (middle - low), (high - f) / (high - middle)))
          );
        }, 0),
      );
    });
  }

  test('more bands than a transform has frequencies for are refused', () => {
    expect(() => new MelSpectra(new ShortTime(), 100)).toThrow('band 0 of 100 has no frequency');
  });
});

describe('pitch', () => {
  test.each([65, 100, 123.4, 210, 333.3])('of a voice of %s Hz, to one percent', (hertz) => {
    const found = pitchOf(voice(hertz, 0.5)).slice(5, -5);
    for (const value of found) expect(Math.abs(value / hertz - 1)).toBeLessThan(0.01);
  });

  test('noise, silence, and what is 40 dB below the rest have none', () => {
    const ofNoise = pitchOf(noise(1));
    expect(ofNoise.filter((value) => value > 0).length).toBeLessThan(0.05 * ofNoise.length);
    expect(pitchOf(new Float64Array(800)).every((value) => value === 0)).toBe(true);
    const both = Float64Array.of(...voice(100, 0.3), ...voice(100, 0.3).map((x) => x / 100));
    const found = pitchOf(both);
    expect(found[15]).toBeCloseTo(100, 0);
    expect(found.slice(36).every((value) => value === 0)).toBe(true);
  });

  test('its logarithm goes on straight where there is none', () => {
    const found = continuousLogPitch([0, 100, 0, 0, 200, 0]);
    const step = Math.LN2 / 3;
    const wanted = [0, 0, 1, 2, 3, 3].map((steps) => Math.log(100) + steps * step);
    expect(largest(found, wanted)).toBeLessThan(1e-12);
    expect([...continuousLogPitch([0, 0])]).toEqual([Math.log(155), Math.log(155)]);
  });
});

describe('Griffin and Lim', () => {
  test('a voice comes back from its amplitudes, better than by the algorithm of 1984; the seed decides it', () => {
    const samples = voice(110);
    const shortTime = new ShortTime();
    const amplitudesOf = (x: ArrayLike<number>) =>
      shortTime
        .forward(x)
        .map((s) =>
          Float64Array.from({ length: s.length / 2 }, (_, k) => Math.hypot(s[2 * k], s[2 * k + 1])),
        );
    const wanted = amplitudesOf(samples);
    const off = (made: Float64Array) => {
      const found = amplitudesOf(made);
      const sum = (f: (i: number, k: number) => number) =>
        wanted.reduce((total, frame, i) => total + frame.reduce((all, _, k) => all + f(i, k), 0), 0);
      return Math.sqrt(sum((i, k) => (found[i][k] - wanted[i][k]) ** 2) / sum((i, k) => wanted[i][k] ** 2));
    };
    const fast = griffinLim(shortTime, wanted, samples.length);
    expect(off(fast)).toBeLessThan(0.12);
    expect(off(fast)).toBeLessThan(off(griffinLim(shortTime, wanted, samples.length, { momentum: 0 })));
    expect(griffinLim(shortTime, wanted, samples.length)).toEqual(fast);
    expect(griffinLim(shortTime, wanted, samples.length, { seed: 2 })).not.toEqual(fast);
    // From the right phases nothing is left to do.
    expect(largest(griffinLim(shortTime, wanted, samples.length, { from: samples }), samples)).toBeLessThan(
      1e-9,
    );
    expect(() => griffinLim(shortTime, wanted, 100)).toThrow('100 samples have 2 frames, and 41 are given');
  });
});

describe('mel-cepstral distortion', () => {
  const ripple = (decibels: number, m: number, offset = 0) =>
    Float64Array.from({ length: BANDS }, (_, b) => {
      return offset + ((decibels * Math.LN10) / 10) * Math.cos((Math.PI * m * (b + 0.5)) / BANDS);
    });

  test('is the mean difference of log-spectra in decibels, without loudness', () => {
    const flat = melCepstrum(ripple(0, 1));
    expect(cepstralDistance(melCepstrum(ripple(0, 1, 7)), flat)).toBeLessThan(1e-12);
    // A ripple of 3 dB is 3 / √2 dB in the mean.
    for (const m of [1, 5, 24])
      expect(cepstralDistance(melCepstrum(ripple(3, m)), flat)).toBeCloseTo(3 / Math.SQRT2, 10);
    expect(cepstralDistance(melCepstrum(ripple(3, 25)), flat)).toBeLessThan(1e-12);
  });

  test('frames are aligned at the least cost, each with one at least', () => {
    const [a, b] = [
      [1, 2, 3, 9],
      [1, 1, 2, 3, 3, 9],
    ];
    const path = aligned(a.length, b.length, (i, j) => Math.abs(a[i] - b[j]));
    expect(path).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 3],
      [2, 4],
      [3, 5],
    ]);
    expect(aligned(1, 3, () => 1)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });
});

describe('features of samples', () => {
  test('lie on straight lines between the middles of frames, level behind the last', () => {
    const frames = [0, 2, 6].map((value) => Float64Array.of(value, 5));
    const normalisation = normalisationOf([Float64Array.of(-1, 5), Float64Array.of(3, 5)]);
    expect([...normalisation.mean, ...normalisation.deviation]).toEqual([1, 5, 2, 1]);
    const values = perSample(frames, normalisation, { start: 40, length: 200 });
    const at = (t: number) => values[2 * (t - 40)] * 2 + 1;
    expect([40, 60, 80, 120, 160, 200].map(at)).toEqual([1, 1.5, 2, 4, 6, 6]);
    expect(values.filter((_, i) => i % 2).every((value) => value === 0)).toBe(true);
    expect([...restored(normalised([7, 8], normalisation), normalisation)]).toEqual([7, 8]);
  });

  test('sounds and frames are texts and come back', () => {
    const codes = Uint8Array.from({ length: 300 }, (_, i) => i);
    expect(codesIn(codesAsText(codes))).toEqual(codes);
    const frames = [Float64Array.of(1.5, -2, 0), Float64Array.of(1e-3, 4, Math.fround(0.1))].map((frame) =>
      frame.map(Math.fround),
    );
    expect(framesIn(framesAsText(frames), 3)).toEqual(frames);
  });

  test('sound of parameters is as long as their frames, has their pitch and is the seed’s', () => {
    const parameters = parametersOf(voice(120));
    expect(parameters[20]).toHaveLength(PARAMETERS);
    expect(hertzOf(parameters[20])).toBeCloseTo(120, 0);
    const made = synthesised(parameters);
    expect(made.length).toBe(samplesOfFrames(parameters.length));
    expect(framesOf(made.length, SPEECH_FRAMING)).toBe(parameters.length);
    const pitches = pitchOf(made).slice(8, -8);
    for (const hertz of pitches) expect(Math.abs(hertz / 120 - 1)).toBeLessThan(0.04);
    expect(synthesised(parameters)).toEqual(made);
    const copy = copySynthesis(voice(120));
    expect(copy.length).toBe(voice(120).length);
  });
});

const files = published('features of recorded speech', ['fsdd/7_jackson_0.wav', 'fsdd/7_george_0.wav']);

test.runIf(files)('recordings are voiced at the pitch of a man in a third of their frames or more', () => {
  for (const path of files!) {
    const hertz = pitchOf(decodeWav(readFileSync(path)).samples);
    const voiced = hertz.filter((value) => value > 0).sort();
    expect(voiced.length / hertz.length).toBeGreaterThan(1 / 3);
    expect(voiced[voiced.length >> 1]).toBeGreaterThan(70);
    expect(voiced[voiced.length >> 1]).toBeLessThan(180);
  }
});
