// Sentences as the symbols of a run, and its translations as text.

import { bytesAsSource } from '../../data/byteSource';
import type { Encoding } from '../../data/own/codePoints';
import { linesOf, sentenceOf } from '../../data/translation/lines';
import type { SentenceForm } from '../../data/translation/form';
import { END, UNKNOWN } from '../../data/translation/symbols';
import type { Hypothesis } from '../../decode/beams';
import { fail } from '../../graph/check';

/** What a model looked at, [T, S]: see attentionsOf. */
export type Weights = ArrayLike<number>;

/** The lines of standard input; of an empty one nothing is made. */
export const inputLines = (bytes: Uint8Array, encoding?: Encoding): string[] => [
  ...linesOf(bytesAsSource('standard input', bytes), encoding),
];

/** The sentences in lines, as those that a run was trained on: white space of any kind is one space. */
export const sentencesIn = (lines: readonly string[]): string[] => lines.map(sentenceOf).filter(Boolean);

/** The symbols of sentences, each with its end. Refuses what the run cannot read, by the number of the sentence. */
export function symbolsOf(sentences: readonly string[], { coder, longest }: SentenceForm): number[][] {
  return sentences.map((sentence, i) => {
    const symbols = coder.encode(sentence);
    const which = sentences.length > 1 ? `sentence ${i + 1}` : 'the sentence';
    if (!symbols.length) fail(`translate: ${which} is empty.`, { fix: 'give words.' });
    if (symbols.every((symbol) => symbol === UNKNOWN)) {
      fail(`translate: ${which} has nothing that the run knows.`, {
        given: sentence,
        fix: 'give a sentence of the language that it translates from, in its script.',
      });
    }
    if (symbols.length >= longest.source) {
      const seen = `the longest that the run has seen has ${longest.source}`;
      fail(`translate: ${which} has ${symbols.length + 1} symbols, its end counted; ${seen}.`, {
        given: sentence,
        fix: 'give a shorter one, or its parts.',
      });
    }
    return [...symbols, END];
  });
}

/**
 * A translation as text. What the vocabulary does not have is written `<unk>`; or, where weights are given, as the word
 * of the source that was looked at most when it was written (Jean et al. 2015, arXiv 1412.2007, section 3.3).
 */
export function writtenAs(
  { tokens }: Hypothesis,
  { coder }: SentenceForm,
  copy?: { readonly sentence: string; readonly weights: Weights },
): string {
  const text = coder.decode(tokens);
  if (!copy) return text;
  const pieces = coder.pieces(copy.sentence);
  const S = pieces.length + 1;
  const copied = tokens.flatMap((token, t) => {
    if (token !== UNKNOWN) return [];
    const row = Array.from({ length: S - 1 }, (_, s) => copy.weights[t * S + s]);
    return pieces[row.indexOf(Math.max(...row))];
  });
  return text.replace(/<unk>/g, () => copied.shift() ?? '<unk>');
}
