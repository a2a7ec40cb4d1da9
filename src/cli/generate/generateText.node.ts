// Text from a language model: words or characters, written as people write.

import type { TextData } from '../../data/text';
import { Outputs } from '../../files/outputs.node';
import { generateTokens } from '../../decode/tokens';
import { stepwise, type GenerateJob, type Kind } from './generateKind';

const LENGTHS = { word: 120, subword: 200, character: 600 } as const;

/** Text: words, subwords or characters, printed, and written to --out. */
export const text: Kind = {
  flags: ['prompt', 'topK', 'topP'],
  prepare({ content, given }: GenerateJob) {
    const { unit, writing } = content as TextData;
    const asked = writing.encode(given.prompt === undefined ? '' : String(given.prompt), '--prompt');
    const prompt = asked.length ? asked : writing.beginning;
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const out =
      given.out === undefined ? undefined : outputs.file(String(given.out), { from: '--out', kind: 'text' });
    const length = Number(given.length ?? LENGTHS[unit]);
    const number = (name: string) => given[name] as number | undefined;
    return async (engine, model) => {
      const { sequences, ...speed } = await generateTokens(engine, stepwise(model), {
        prompt,
        length,
        seed: number('seed'),
        temperature: number('temperature'),
        topK: number('topK'),
        topP: number('topP'),
      });
      // What was only there to begin with is not shown.
      const written = writing.decode([...asked, ...sequences[0]]);
      console.log(written);
      const file = out?.write(`${written}\n`);
      return { ...speed, length, json: { text: written, ...(file && { file }) } };
    };
  },
};
