// What parametric synthesis makes speech of, and sound from it: in every frame a log-mel spectrum, the logarithm of the
// pitch, and whether there is one.

import { Random } from '../../random';
import { ShortTime } from './fourier';
import { griffinLim } from './griffinLim';
import { BANDS, MelSpectra } from './mel';
import { continuousLogPitch, pitchOf } from './pitch';

/** Numbers of a frame: BANDS of a log-mel spectrum, the log-pitch, and 1 where it is voiced, 0 where not. */
export const PARAMETERS = BANDS + 2;
/** Where in a frame the log-pitch stands. */
export const LOG_PITCH = BANDS;
/** Where in a frame the voicing stands. */
export const VOICED = BANDS + 1;

const mel = /* @__PURE__ */ new MelSpectra(/* @__PURE__ */ new ShortTime());

/** The parameters of a sound of 8,000 samples per second: PARAMETERS numbers for every frame. */
export function parametersOf(samples: ArrayLike<number>): Float64Array[] {
  const hertz = pitchOf(samples);
  const logPitch = continuousLogPitch(hertz);
  return mel.forward(samples).map((bands, f) => Float64Array.of(...bands, logPitch[f], hertz[f] > 0 ? 1 : 0));
}

/** What parameters say of a frame: hertz, 0 where it is unvoiced. */
export const hertzOf = (frame: ArrayLike<number>): number =>
  frame[VOICED] > 0.5 ? Math.exp(frame[LOG_PITCH]) : 0;

/** How often a source is shaped: once more where frames that overlap have changed each other. */
const PASSES = 3;

/**
 * Sound from parameters by a channel vocoder: a source, pulses of the pitch where it is voiced and noise of the seed
 * where not, is given the bands of every frame.
 */
export function synthesised(frames: readonly ArrayLike<number>[], seed = 1): Float32Array {
  const length = samplesOfFrames(frames.length);
  const bands = frames.map((frame) => Array.from(frame).slice(0, BANDS));
  let sound: ArrayLike<number> = sourceOf(frames.map(hertzOf), length, seed);
  for (let pass = 0; pass < PASSES; pass++) {
    const spectra = mel.shortTime.forward(sound).map((spectrum, f) => mel.shaped(spectrum, bands[f]));
    sound = mel.shortTime.inverse(spectra, length);
  }
  return Float32Array.from(sound);
}

/** Sound that went to log-mel spectra alone, and came back by fast Griffin-Lim from random phases of the seed. */
export function copySynthesis(samples: ArrayLike<number>, seed = 1): Float32Array {
  const amplitudes = mel.forward(samples).map((frame) => mel.amplitudes(frame));
  return Float32Array.from(griffinLim(mel.shortTime, amplitudes, samples.length, { seed }));
}

/** How much less noise is than a pulse. */
const HISS = 0.1;

/** Pulses of a pitch that goes on straight from frame to frame, and noise where there is none. */
function sourceOf(hertz: readonly number[], length: number, seed: number): Float64Array {
  const { hop, rate } = mel.shortTime.framing;
  const random = new Random(seed).fork('source');
  const smooth = continuousLogPitch(hertz);
  const source = new Float64Array(length);
  let phase = 0;
  for (let t = 0; t < length; t++) {
    const f = Math.floor(t / hop);
    const share = t / hop - f;
    phase += Math.exp((1 - share) * smooth[f] + share * smooth[f + 1]) / rate;
    const over = Math.floor(phase);
    phase -= over;
    const hiss = HISS * random.normal();
    source[t] = hertz[Math.round(t / hop)] > 0 ? over + HISS * hiss : hiss;
  }
  return source;
}

/** Samples that so many frames stand for. */
export const samplesOfFrames = (frames: number): number => (frames - 1) * mel.shortTime.framing.hop;
