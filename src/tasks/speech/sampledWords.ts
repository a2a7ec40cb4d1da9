// Words out of a model of samples, which may be told parameters of speech beside them, as a vocoder is.

import { PARAMETERS, samplesOfFrames } from '../../data/speech/parameters';
import { perSample } from '../../data/speech/perSample';
import type { Engine } from '../../gpu/engine';
import type { HostArray } from '../../graph/host';
import type { SoundModel } from '../../models/soundModel';
import { drawSounds } from '../digits/soundGeneration';
import type { SpokenWords, Word } from './spoken';

/** What is to be said, and how. */
export interface Saying {
  readonly words: SpokenWords;
  readonly said: readonly Word[];
  /** The parameters of each word, of a model that is told them. */
  readonly told?: readonly (readonly Float64Array[])[];
  readonly temperature?: number;
  readonly seed: number;
  /** Samples of each word so far. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** The μ-law codes of words that are said side by side; each ends where it is to end. */
export async function sampledWords(engine: Engine, model: SoundModel, saying: Saying): Promise<Uint8Array[]> {
  const { words, said, told, temperature, seed, onProgress } = saying;
  const lengths = said.map(({ frames }) => samplesOfFrames(frames));
  const length = Math.max(...lengths);
  const codes = await drawSounds(engine, model, {
    told: said.map(({ digit, speaker }) => [speaker, digit] as const),
    features: told && besideSamples(told, words, length),
    length,
    temperature,
    seed,
    onProgress: (done) => onProgress?.(done, length),
  });
  return codes.map((all, i) => all.subarray(0, lengths[i]));
}

/** f32 [words, length, PARAMETERS]. */
function besideSamples(
  told: readonly (readonly Float64Array[])[],
  { normalisation }: SpokenWords,
  length: number,
): HostArray {
  const size = length * PARAMETERS;
  const data = new Float32Array(told.length * size);
  told.forEach((frames, b) => data.set(perSample(frames, normalisation, { start: 0, length }), b * size));
  return { shape: [told.length, length, PARAMETERS], data };
}
