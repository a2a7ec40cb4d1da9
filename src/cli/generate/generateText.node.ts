// Text from a language model: words or characters, written as people write, and shown while it is drawn.

import type { TextData } from '../../data/text';
import { Outputs } from '../../files/outputs.node';
import { streamTokens } from '../../decode/tokens';
import { fail } from '../../graph/check';
import { stepwise, type GenerateJob, type Kind } from './generateKind';
import { Shown, print } from './shown.node';

const LENGTHS = { word: 120, subword: 200, character: 600 } as const;
/** Tokens whose text --json can hold: one JavaScript string. */
const MOST_IN_JSON = 2 ** 25;

/** Text: words, subwords or characters, printed, and written to --out. */
export const text: Kind = {
  flags: ['prompt', 'topK', 'topP'],
  prepare({ content, given }: GenerateJob) {
    const { unit, writing } = content as TextData;
    const asked = writing.encode(given.prompt === undefined ? '' : String(given.prompt), '--prompt');
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const out =
      given.out === undefined ? undefined : outputs.file(String(given.out), { from: '--out', kind: 'text' });
    const length = Number(given.length ?? LENGTHS[unit]);
    if (given.json && length > MOST_IN_JSON) {
      fail(`generate: a text of ${length} tokens is too long for --json.`, {
        fix: `give --length of at most ${MOST_IN_JSON}, or leave --json out.`,
      });
    }
    const number = (name: string) => given[name] as number | undefined;
    return async (engine, model) => {
      const shown = new Shown(out !== undefined || Boolean(given.json));
      const decoding = writing.decoding();
      // What was only there to begin with is not shown.
      await shown.add(decoding.add(asked));
      let speed = { seconds: 0, stepsPerSecond: 0 };
      const pieces = streamTokens(engine, stepwise(model), {
        prompt: asked.length ? asked : writing.beginning,
        length,
        seed: number('seed'),
        temperature: number('temperature'),
        topK: number('topK'),
        topP: number('topP'),
      });
      for await (const { sequences, seconds, stepsPerSecond } of pieces) {
        await shown.add(decoding.add(sequences[0]));
        speed = { seconds, stepsPerSecond };
      }
      await shown.add(decoding.end());
      await print('\n');
      const file = out?.write([...shown.parts, Buffer.from('\n')]);
      const json = given.json ? { text: Buffer.concat(shown.parts).toString() } : {};
      return { ...speed, length, json: { ...json, ...(file && { file }) } };
    };
  },
};
