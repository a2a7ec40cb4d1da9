// A step of a beam search: one token further for every beam of a batch of sentences.

import { BeamSteps } from '../../decode/beamSteps';
import type { Engine } from '../../gpu/engine';
import { array } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import type { TranslationModel } from '../../nn/translation/translator';
import { logSoftmax } from '../../ops/norm/softmax';
import { weightsFor, writeWeights, type Case, type Inputs } from '../case';
import { B, sentences, T, TRANSLATORS } from './translation';

const BEAMS = 5;
const SEARCHED = [TRANSLATORS.gnmt, TRANSLATORS.transformer, TRANSLATORS.convS2S];

/** The largest logarithm of a probability that the first token of the first sentence has. */
async function bestFirst(engine: Engine, model: TranslationModel, { source, lengths }: Inputs) {
  const start = array([B, 1], new Uint32Array(B).fill(1));
  const step = engine.record((ids: Tensor, counts: Tensor, target: Tensor) =>
    logSoftmax(model.decode(model.encode(ids, counts), target)),
  );
  const all = (await step(source, lengths, start).read()) as Float32Array;
  step.destroy();
  // Without the padding, which is never chosen.
  return all.subarray(1, all.length / B).reduce((most, value) => Math.max(most, value));
}

/** A step of each: what it remembers of the beams before is as long as it will be. */
export const BEAM_STEPS: readonly Case[] = SEARCHED.map(({ name, about, make }) => ({
  name: `${name} beam step`,
  about: `${about}; ${BEAMS} beams of ${B} sentences of ${T} tokens, one further`,
  limit: 'fma',
  inputs: () => ({ ...sentences(), ...weightsFor(make()) }),
  build(engine, inputs) {
    const model = make();
    writeWeights(engine, model, inputs);
    const search = new BeamSteps(engine, model, { B, S: T, K: BEAMS, L: T });
    const { data } = inputs.source;
    search.start(Array.from({ length: B }, (_, b) => data.slice(b * T, (b + 1) * T) as Uint32Array));
    return {
      step: search.step,
      args: [],
      async error() {
        const [{ sums }, wanted] = [await search.read(), await bestFirst(engine, model, inputs)];
        return Math.abs(sums[0] / wanted - 1);
      },
    };
  },
}));
