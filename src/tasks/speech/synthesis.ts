// Words out of a trained model of speech parameters: all frames at once, then sound.

import { restored } from '../../data/speech/normalisation';
import { PARAMETERS, synthesised } from '../../data/speech/parameters';
import type { Engine } from '../../gpu/engine';
import type { Tensor } from '../../graph/tensor';
import type { Module } from '../../nn/module';
import { inputOf, type SpokenWords, type Word } from './spoken';

/** The parameters of words, PARAMETERS numbers for every frame of each. */
export async function parametersOfWords(
  engine: Engine,
  model: Module,
  { normalisation }: SpokenWords,
  words: readonly Word[],
): Promise<Float64Array[][]> {
  const said = engine.record((x: Tensor) => model.forward(x));
  const input = inputOf(words);
  const [, T] = input.shape;
  const values = await said(input).read();
  return words.map(({ frames }, b) =>
    Array.from({ length: frames }, (_, f) => {
      const start = (b * T + f) * PARAMETERS;
      return restored(Float64Array.from(values.subarray(start, start + PARAMETERS)), normalisation);
    }),
  );
}

/** The sounds of words, 8,000 samples per second. `seed`: of the noise where they are unvoiced. */
export async function speakWords(
  engine: Engine,
  model: Module,
  spoken: SpokenWords,
  words: readonly Word[],
  seed = 1,
): Promise<Float32Array[]> {
  const said = await parametersOfWords(engine, model, spoken, words);
  return said.map((parameters, i) => synthesised(parameters, seed + i));
}
