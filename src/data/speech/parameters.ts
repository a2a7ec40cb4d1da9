// What parametric synthesis makes speech of, and sound from it: in every frame a log-mel spectrum, the logarithm of the
// pitch, and whether there is one.

import { Random } from '../../random';
import { ShortTime, framesOf } from './fourier';
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

/**
 * Sound from parameters: fast Griffin-Lim on the amplitudes of the bands, from the phases of a source with the pitch:
 * pulses where it is voiced, noise of the seed where not.
 */
export function synthesised(frames: readonly ArrayLike<number>[], seed = 1): Float32Array {
  const { hop } = mel.shortTime.framing;
  const length = (frames.length - 1) * hop;
  const amplitudes = frames.map((frame) => mel.amplitudes(Array.from(frame).slice(0, BANDS)));
  const from = sourceOf(frames.map(hertzOf), length, seed);
  return Float32Array.from(griffinLim(mel.shortTime, amplitudes, length, { from }));
}

/** Sound that went to log-mel spectra and came back by Griffin-Lim from random phases: the most a vocoder can keep. */
export function copySynthesis(samples: ArrayLike<number>, seed = 1): Float32Array {
  const bands = mel.forward(samples);
  const amplitudes = bands.map((frame) => mel.amplitudes(frame));
  return Float32Array.from(griffinLim(mel.shortTime, amplitudes, samples.length, { seed }));
}

/** Pulses of a pitch that goes on straight from frame to frame, and noise where there is none. */
function sourceOf(hertz: readonly number[], length: number, seed: number): Float64Array {
  const { hop, rate } = mel.shortTime.framing;
  const random = new Random(seed).fork('source');
  const smooth = continuousLogPitch(hertz);
  const source = new Float64Array(length);
  let phase = 0;
  for (let t = 0; t < length; t++) {
    const f = Math.round(t / hop);
    const share = t / hop - Math.floor(t / hop);
    const [now, next] = [smooth[Math.floor(t / hop)], smooth[Math.floor(t / hop) + 1]];
    phase += Math.exp((1 - share) * now + share * next) / rate;
    const pulse = phase >= 1;
    if (pulse) phase -= 1;
    source[t] = hertz[f] > 0 ? Number(pulse) : 0.1 * random.normal();
  }
  return source;
}

/** Samples that so many frames stand for. */
export const samplesOfFrames = (frames: number): number => (frames - 1) * mel.shortTime.framing.hop;

/** Frames of a sound of so many samples. */
export const framesOfSamples = (samples: number): number => framesOf(samples, mel.shortTime.framing);
