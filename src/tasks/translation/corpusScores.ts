// What a model of pairs says to the sources of a corpus beside what was asked for: BLEU and chrF. A source sentence is
// translated once, whatever it has of translations; all of these are its references.

import type { CorpusSplit } from '../../data/translation/corpus';
import type { SentenceCoder } from '../../data/translation/coder';
import type { BeamOptions } from '../../decode/beams';
import { bleu } from '../../score/bleu';
import { chrF } from '../../score/chrF';
import type { Said } from '../said';
import type { Asked, Measures } from '../task';
import { sayAll, type Questions, type ScoreOf } from './sayAll';

/** The sources of a split in the order in which they come first, and the references of each. */
export function questionsIn({ texts }: CorpusSplit): Questions {
  const found = new Map<string, string[]>();
  for (const { source, target } of texts) {
    const list = found.get(source);
    if (list) list.push(target);
    else found.set(source, [target]);
  }
  return { sources: [...found.keys()], references: [...found.values()] };
}

const BLEU: ScoreOf = { name: 'BLEU', of: (said, references) => bleu(said, references).score };

/** What a model says to the sources of a split; scored by BLEU. */
export const sayCorpus = (
  asked: Asked,
  coder: SentenceCoder,
  split: CorpusSplit,
  options: BeamOptions,
): Promise<Said> => sayAll(asked, questionsIn(split), coder, BLEU, options);

/** The measures by their names. */
const NAMES = { bleu: 'BLEU greedy', chrF: 'chrF greedy' } as const;

/** Translates the sources of a split one token after the other, the likeliest each time, and scores what is said. */
export async function greedyScores(
  asked: Asked,
  coder: SentenceCoder,
  split: CorpusSplit,
): Promise<Measures> {
  const questions = questionsIn(split);
  const said = await sayAll(asked, questions, coder, BLEU, { beam: 1 });
  return { [NAMES.bleu]: said.score(), [NAMES.chrF]: chrF(said.texts, questions.references).score };
}

/** How the two are counted on a split, by the measures' names. */
export function signaturesOn(split: CorpusSplit): Record<string, string> {
  const { references } = questionsIn(split);
  const first = references.map(([one]) => one);
  return { [NAMES.bleu]: bleu(first, references).signature, [NAMES.chrF]: chrF(first, references).signature };
}
