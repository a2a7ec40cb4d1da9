// What a model of pairs says of itself, greedily, beside what was asked for: BLEU and chrF. A source sentence is
// translated once, whatever it has of translations; all of these are its references.

import { translate } from '../../decode/beams';
import type { CorpusSplit } from '../../data/translation/corpus';
import type { SentenceCoder } from '../../data/translation/coder';
import { END } from '../../data/translation/symbols';
import { bleu, type Bleu } from '../../score/bleu';
import { chrF, type ChrF } from '../../score/chrF';
import { ofPairs } from '../pairsProgram';
import type { Asked, Measures } from '../task';

/** Sentences that are translated at once. */
const BATCH = 64;

/** The sources of a split in the order in which they come first, and the references of each. */
export function referencesIn({ texts }: CorpusSplit): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { source, target } of texts) {
    const list = found.get(source);
    if (list) list.push(target);
    else found.set(source, [target]);
  }
  return found;
}

/** Scores of translations, and how they were counted. */
interface Scores {
  readonly bleu: Bleu;
  readonly chrF: ChrF;
}

const scoresOf = (translations: readonly string[], references: readonly (readonly string[])[]): Scores => ({
  bleu: bleu(translations, references),
  chrF: chrF(translations, references),
});

/** The measures by their names. */
const NAMES = { bleu: 'BLEU greedy', chrF: 'chrF greedy' } as const;

/** Translates the sources of a split one token after the other, the likeliest each time, and scores what is said. */
export async function greedyScores(
  asked: Asked,
  coder: SentenceCoder,
  split: CorpusSplit,
): Promise<Measures> {
  const { engine, model, signal } = asked;
  const references = referencesIn(split);
  const sources = Array.from(references.keys(), (text) => Uint32Array.from([...coder.encode(text), END]));
  signal?.throwIfAborted();
  const { translations } = await translate(engine, ofPairs(model), sources, { beam: 1, batch: BATCH });
  const said = translations.map(([best]) => coder.decode(best.tokens));
  const scores = scoresOf(said, [...references.values()]);
  return { [NAMES.bleu]: scores.bleu.score, [NAMES.chrF]: scores.chrF.score };
}

/** How the two are counted on a split, by the measures' names. */
export function signaturesOn(split: CorpusSplit): Record<string, string> {
  const references = [...referencesIn(split).values()];
  const scores = scoresOf(
    references.map(([first]) => first),
    references,
  );
  return { [NAMES.bleu]: scores.bleu.signature, [NAMES.chrF]: scores.chrF.signature };
}
