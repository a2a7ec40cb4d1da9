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

/** A sentence, and what it is called in messages: `line 7`. */
export interface Sentence {
  readonly text: string;
  readonly where: string;
}

/** The sentences in lines, as those that a run was trained on: white space of any kind is one space. */
export const sentencesIn = (lines: readonly string[], piped = false): Sentence[] =>
  lines.flatMap((line, i) => {
    const text = sentenceOf(line);
    const given = lines.length > 1 ? `sentence ${i + 1}` : 'the sentence';
    return text ? [{ text, where: piped ? `line ${i + 1}` : given }] : [];
  });

/** The symbols of sentences, each with its end. Refuses what the run cannot read, naming all such sentences. */
export function symbolsOf(sentences: readonly Sentence[], { coder, longest }: SentenceForm): number[][] {
  const all = sentences.map(({ text }) => coder.encode(text));
  const tooLong = sentences.filter((_, i) => all[i].length >= longest.source);
  const unknown = sentences.filter((_, i) => all[i].every((symbol) => symbol === UNKNOWN));
  if (unknown.length) {
    fail(`translate: ${unknown[0].where} has nothing that the run knows.`, {
      given: `${unknown[0].text}${others(unknown)}`,
      fix: 'give a sentence of the language that it translates from, in its script.',
    });
  }
  if (tooLong.length) {
    const [{ text, where }] = tooLong;
    const length = all[sentences.indexOf(tooLong[0])].length + 1;
    const seen = `the longest that the run has seen has ${longest.source}`;
    fail(`translate: ${where} has ${length} symbols, its end counted; ${seen}.`, {
      given: `${text}${others(tooLong)}`,
      fix: 'give a shorter one, or its parts.',
    });
  }
  return all.map((symbols) => [...symbols, END]);
}

/** Sentences named in a message. */
const NAMED = 10;

/** The other sentences of which the same is true, so that all can be mended at once. */
function others([, ...rest]: readonly Sentence[]): string {
  if (!rest.length) return '';
  const named = rest.slice(0, NAMED).map(({ where }) => where);
  const more = rest.length > NAMED ? ` and ${rest.length - NAMED} more` : '';
  return `\n    and so ${rest.length > 1 ? 'have' : 'has'} ${named.join(', ')}${more}`;
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
