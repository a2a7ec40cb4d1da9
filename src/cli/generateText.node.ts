// Text from a language model: words or characters, written as people write.

import { EOS, words, type Corpus } from '../data/text';
import { detokenise, tokenise } from '../data/detokenise';
import { Outputs } from '../files/outputs.node';
import { fail } from '../graph/check';
import { generateTokens } from '../decode/tokens';
import type { GenerateJob, Kind } from './generateKind';

const LENGTHS = { word: 120, character: 600 } as const;
/** Unknown words that an error names. */
const NAMED = 8;

export const text: Kind = {
  flags: ['prompt', 'topK', 'topP'],
  prepare({ content, given }: GenerateJob) {
    const corpus = content as Corpus;
    const { unit, vocabulary } = corpus;
    const prompt = promptIds(corpus, given.prompt as string | undefined);
    const outputs = new Outputs('generate', Boolean(given.overwrite));
    const out =
      given.out === undefined ? undefined : outputs.file(String(given.out), { from: '--out', kind: 'text' });
    const length = Number(given.length ?? LENGTHS[unit]);
    const number = (name: string) => given[name] as number | undefined;
    return async (engine, model) => {
      const { sequences, ...speed } = await generateTokens(engine, model, {
        ...{ prompt, length, seed: number('seed'), temperature: number('temperature') },
        ...{ topK: number('topK'), topP: number('topP') },
      });
      // What was only there to begin with is not shown.
      const shown = given.prompt === undefined ? [] : prompt;
      const written = detokenise(vocabulary.decode([...shown, ...sequences[0]], unit));
      console.log(written);
      const file = out?.write(`${written}\n`);
      return { ...speed, length, json: { text: written, ...(file && { file }) } };
    };
  },
};

/** Without a prompt a text begins as a line does: behind the end of another. */
function promptIds({ unit, vocabulary, name }: Corpus, prompt: string | undefined): Uint32Array {
  const end = unit === 'word' ? EOS : '\n';
  const tokens =
    unit === 'word'
      ? [...words(tokenise(prompt ?? ''))].slice(0, -1)
      : [...(prompt ?? '')].length
        ? [...tokenise(prompt!)]
        : [];
  const known = new Set(vocabulary.tokens);
  const unknown = [...new Set(tokens.filter((token) => !known.has(token)))];
  if (unknown.length) {
    const few = unknown.slice(0, NAMED).map((token) => JSON.stringify(token));
    const fix = known.has('<unk>') && unit === 'word' ? 'use other words, or write <unk>' : 'use others';
    fail(`generate: --prompt has ${unit}s that ${name} does not know: ${few.join(', ')}.`, {
      given: `${unknown.length} of them; ${vocabulary.size} are known`,
      fix: `${fix}; capitals count.`,
    });
  }
  return vocabulary.encode(tokens.length ? tokens : [end], '--prompt');
}
