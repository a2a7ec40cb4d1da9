// BLEU of a corpus (Papineni et al. 2002), equal to sacreBLEU's with its defaults: tokens of 13a, case kept, n-grams up
// to 4, the closest reference length, exponential smoothing (Chen & Cherry 2014, method 3), no effective order.
//
//   BLEU = brevity · exp(¼ Σ_n ln p_n)        p_n = 100 · matches_n / n-grams_n
//   brevity = exp(1 − reference length / length), at most 1
//
// Of the orders without a match the first has p = 100 / (2 · n-grams), the next 100 / (4 · n-grams), and so on. Without
// any match, or where no translation is long enough for an order, BLEU is 0.

import { gramsOf, matches, totalOf, type Grams } from './grams';
import { referenceCount, referencesOf, type References } from './segments';
import { wordsOf } from './spaces';
import { tokens13a } from './tokenise13a';

/** How translations are cut into tokens: 13a, or at white space. */
export type BleuTokeniser = '13a' | 'none';

/** BLEU, and what it is made of. */
export interface Bleu {
  /** 0 to 100. */
  readonly score: number;
  /** How it was counted, in sacreBLEU's words: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp`. */
  readonly signature: string;
  /** p_n of the orders 1 to 4, smoothed, 0 to 100. */
  readonly precisions: readonly number[];
  readonly brevity: number;
  /** Tokens of all translations. */
  readonly length: number;
  /** Tokens of the references that are closest to them. */
  readonly referenceLength: number;
}

/** What BLEU is computed from: sums over the segments of a corpus. */
export interface BleuCounts {
  /** By order: n-grams that a reference has too. */
  readonly matches: readonly number[];
  /** By order: n-grams of the translations. */
  readonly totals: readonly number[];
  readonly length: number;
  readonly referenceLength: number;
}

const ORDER = 4;

/** BLEU of translations with a reference each, or several each. */
export function bleu(
  translations: readonly string[],
  references: readonly References[],
  { tokeniser = '13a' }: { readonly tokeniser?: BleuTokeniser } = {},
): Bleu {
  const lists = referencesOf('bleu', translations, references);
  const cut = tokeniser === '13a' ? tokens13a : wordsOf;
  const sums = { matches: Array<number>(ORDER).fill(0), totals: Array<number>(ORDER).fill(0) };
  let [length, referenceLength] = [0, 0];
  translations.forEach((translation, i) => {
    const words = cut(translation);
    const others = lists[i].map((reference) => cut(reference));
    const wanted = most(others.map((other) => gramsOf(other, ORDER)));
    gramsOf(words, ORDER).forEach((grams, n) => {
      sums.matches[n] += matches(grams, wanted[n]);
      sums.totals[n] += totalOf(grams);
    });
    length += words.length;
    referenceLength += closest(
      words.length,
      others.map((other) => other.length),
    );
  });
  const signature = `nrefs:${referenceCount(lists)}|case:mixed|eff:no|tok:${tokeniser}|smooth:exp`;
  return { ...bleuOf({ ...sums, length, referenceLength }), signature };
}

/** BLEU from its counts. */
export function bleuOf({
  matches: found,
  totals,
  length,
  referenceLength,
}: BleuCounts): Omit<Bleu, 'signature'> {
  const brevity = length < referenceLength ? (length ? Math.exp(1 - referenceLength / length) : 0) : 1;
  const precisions = Array<number>(ORDER).fill(0);
  const parts = { precisions, brevity, length, referenceLength };
  if (!found.some((count) => count > 0)) return { score: 0, ...parts };
  let smooth = 1;
  for (let n = 0; n < ORDER && totals[n] > 0; n++) {
    if (!found[n]) smooth *= 2;
    precisions[n] = found[n] ? (100 * found[n]) / totals[n] : 100 / (smooth * totals[n]);
  }
  const logs = precisions.reduce((sum, p) => sum + Math.log(p), 0);
  return { score: brevity * Math.exp(logs / ORDER), ...parts };
}

/** Each n-gram as often as the reference has it that has it most often. */
function most(references: readonly (readonly Grams[])[]): Grams[] {
  return Array.from({ length: ORDER }, (_, n) => {
    const counts = new Map<string, number>();
    for (const grams of references) {
      for (const [gram, count] of grams[n]) counts.set(gram, Math.max(count, counts.get(gram) ?? 0));
    }
    return counts;
  });
}

/** The length that is closest; of two that are equally close, the shorter. */
const closest = (length: number, others: readonly number[]): number =>
  others.reduce((best, other) => {
    const [away, least] = [Math.abs(other - length), Math.abs(best - length)];
    return away < least || (away === least && other < best) ? other : best;
  });
