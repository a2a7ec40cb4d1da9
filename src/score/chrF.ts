// chrF2 of a corpus (Popović 2015), equal to sacreBLEU's with its defaults: characters without white space, n-grams up
// to 6, recall that weighs twice as much as precision, over the orders that both sides have.
//
//   chrF = 100 · (1 + β²) · P · R / (β² · P + R)        P, R: means of precision and recall over the orders, β = 2

import { gramsOf, matches, totalOf, type Grams } from './grams';
import { referenceCount, referencesOf, type References } from './segments';
import { wordsOf } from './spaces';

/** chrF2, and how it was counted. */
export interface ChrF {
  /** 0 to 100. */
  readonly score: number;
  /** In sacreBLEU's words: `nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no`. */
  readonly signature: string;
}

const ORDER = 6;

/** n-grams of one order. */
interface Counts {
  readonly translation: number;
  readonly reference: number;
  readonly both: number;
}

/** chrF of translations with a reference each, or several each, of which the best counts. `beta`: default: 2. */
export function chrF(
  translations: readonly string[],
  references: readonly References[],
  { beta = 2 }: { readonly beta?: number } = {},
): ChrF {
  const lists = referencesOf('chrF', translations, references);
  const sums: Counts[] = Array.from({ length: ORDER }, () => ({ translation: 0, reference: 0, both: 0 }));
  translations.forEach((translation, i) => {
    const own = charactersOf(translation);
    const candidates = lists[i].map((reference) => countsOf(own, charactersOf(reference)));
    const scores = candidates.map((counts) => scoreOf(counts, beta));
    candidates[scores.indexOf(Math.max(...scores))].forEach((counts, n) => {
      const { translation: t, reference: r, both } = sums[n];
      sums[n] = {
        translation: t + counts.translation,
        reference: r + counts.reference,
        both: both + counts.both,
      };
    });
  });
  const signature = `nrefs:${referenceCount(lists)}|case:mixed|eff:yes|nc:${ORDER}|nw:0|space:no`;
  return { score: scoreOf(sums, beta), signature };
}

const charactersOf = (text: string): Grams[] => gramsOf(Array.from(wordsOf(text).join('')), ORDER);

/** n-grams of an order that the reference does not have at all do not count against the translation. */
const countsOf = (own: readonly Grams[], others: readonly Grams[]): Counts[] =>
  own.map((grams, n) => ({
    translation: others[n].size ? totalOf(grams) : 0,
    reference: totalOf(others[n]),
    both: matches(grams, others[n]),
  }));

function scoreOf(counts: readonly Counts[], beta: number): number {
  const there = counts.filter(({ translation, reference }) => translation && reference);
  const mean = (of: (one: Counts) => number) => there.reduce((sum, one) => sum + of(one), 0) / there.length;
  const precision = mean(({ both, translation }) => both / translation);
  const recall = mean(({ both, reference }) => both / reference);
  if (!(precision + recall > 0)) return 0;
  return (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}
