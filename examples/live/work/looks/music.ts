// What a model of music makes of the beginning of a piece that it was not trained on, and which keys it expects.

import { KEYS, type Music } from '../../../../src/data/music';
import { generateFrames } from '../../../../src/decode/frames';
import { fail } from '../../../../src/graph/check';
import { array } from '../../../../src/graph/host';
import type { Tensor } from '../../../../src/graph/tensor';
import { goesStepwise } from '../../../../src/nn/stepwise';
import { sigmoid } from '../../../../src/ops/elementwise/unary';
import { midiFile, notesOf, type Steps } from '../../../../src/report/midi';
import { asked, type Look, type MakeLook } from './look';

/** Steps that are given, and that are drawn behind them. */
const [GIVEN, DRAWN] = [8, 56];
const LENGTH = GIVEN + DRAWN;
/** The tempo where none is asked for, in steps a minute. */
const TEMPO = 100;

/** Keys between which everything lies, with a little room. */
function rangeOf({ train, valid, test }: Music): readonly [number, number] {
  let [low, high] = [KEYS, -1];
  for (const piece of [...train, ...valid, ...test]) {
    for (const step of piece) {
      for (const key of step) {
        low = Math.min(low, key);
        high = Math.max(high, key);
      }
    }
  }
  return low > high ? [0, KEYS - 1] : [Math.max(0, low - 1), Math.min(KEYS - 1, high + 1)];
}

const onKeys = (steps: Steps): Float32Array => {
  const all = new Float32Array(steps.length * KEYS);
  steps.forEach((step, t) => step.forEach((key) => (all[t * KEYS + key] = 1)));
  return all;
};

const keysIn = (values: Float32Array): number[][] =>
  Array.from({ length: values.length / KEYS }, (_, t) =>
    Array.from({ length: KEYS }, (_none, key) => key).filter((key) => values[t * KEYS + key] > 0.5),
  );

/** Music behind the first steps of a piece that tests, and how likely every key was at every step. */
export const music: MakeLook = ({ engine, program, data, settings }): Look => {
  const { model } = program;
  if (!goesStepwise(model)) return fail(`A ${settings.model} cannot go step by step.`);
  const pieces = data!.content as Music;
  const range = rangeOf(pieces);
  const expects = engine.record((x: Tensor) => sigmoid(model.forward(x)));
  return async (step, { temperature = 1, piece = 0, tempo = TEMPO, seed = 1 }) => {
    const beginning = pieces.test[Number(piece) % pieces.test.length].slice(0, GIVEN);
    const { sequences } = await generateFrames(engine, model, {
      ...{ prompt: onKeys(beginning), channels: KEYS, length: LENGTH - beginning.length },
      ...{ temperature: Number(temperature), seed: Number(seed) },
    });
    const steps = [...beginning, ...keysIn(sequences[0])];
    const shown = array([1, LENGTH - 1, KEYS], onKeys(steps.slice(0, -1)));
    const probabilities = await (await asked(expects, shown)).read();
    return {
      ...{ name: 'music', step, given: beginning.length, length: LENGTH, range, tempo: Number(tempo) },
      notes: notesOf(steps),
      probabilities: probabilities as Float32Array,
      midi: midiFile(steps, Number(tempo), `${pieces.name}: ${settings.model.toUpperCase()}`),
    };
  };
};
