// What a model of text writes, and what it expects behind the words of a person.

import { fail } from '../../../../src/graph/check';
import { array } from '../../../../src/graph/host';
import type { Tensor } from '../../../../src/graph/tensor';
import { generateTokens } from '../../../../src/decode/tokens';
import type { TextData } from '../../../../src/data/text';
import type { Stepwise } from '../../../../src/nn/stepwise';
import type { TextModel } from '../../../../src/models/modelSpec';
import { slice } from '../../../../src/ops/layout/view';
import { asked, type Look, type MakeLook } from './look';

/** Characters of a sample, characters that are shown to be likely, and the most of a prompt that is read. */
const [LENGTH, LIKELY, READ] = [240, 12, 48];

/** The prompt as ids; what the text never has is left out. */
function idsOf({ writing }: TextData, prompt: string): Uint32Array {
  const known = [...prompt].flatMap((one) => {
    try {
      return [...writing.encode(one, 'the prompt')];
    } catch {
      return [];
    }
  });
  return Uint32Array.from(known.length ? known.slice(-READ) : writing.beginning);
}

/** A sample behind the prompt, and the likeliest next characters. */
export const writing: MakeLook = ({ engine, program, data, settings }): Look => {
  const model = program.model as TextModel;
  if (!('stepper' in model)) fail(`A ${settings.model} cannot write step by step.`);
  const text = data!.content as TextData;
  const ask = engine.record((ids: Tensor) => {
    const { y } = model.unroll(ids, model.zeroState(1));
    return model.logProbabilities(slice(y, 1, -1));
  });
  return async (step, { prompt = '', temperature = 0.8 }) => {
    const begin = idsOf(text, String(prompt));
    const logs = await (await asked(ask, array([1, begin.length], begin))).read();
    const next = Array.from(logs, (log, id) => [text.writing.decode([id]), Math.exp(log)] as const);
    const options = { prompt: begin, length: LENGTH, temperature: Number(temperature), seed: step + 1 };
    const { sequences } = await generateTokens(engine, model as TextModel & Stepwise, options);
    return {
      ...{ name: 'writing', step, prompt: text.writing.decode(begin) },
      text: text.writing.decode(sequences[0]),
      next: next.sort((a, b) => b[1] - a[1]).slice(0, LIKELY),
    };
  };
};
