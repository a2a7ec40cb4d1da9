// n-grams of a list of words or characters, counted.

/** How often each n-gram occurs, by its words one behind the other. */
export type Grams = ReadonlyMap<string, number>;

/** Between the words of an n-gram: no word has it, because it is white space. */
const BETWEEN = '\n';

/** The n-grams of the orders 1 to `most`, the unigrams first. */
export function gramsOf(words: readonly string[], most: number): Grams[] {
  return Array.from({ length: most }, (_, n) => {
    const counts = new Map<string, number>();
    for (let from = 0; from + n < words.length; from++) {
      const gram = words.slice(from, from + n + 1).join(BETWEEN);
      counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    return counts;
  });
}

/** n-grams that both have, each as often as the one that has it less often. */
export function matches(a: Grams, b: Grams): number {
  let sum = 0;
  for (const [gram, count] of a) sum += Math.min(count, b.get(gram) ?? 0);
  return sum;
}

/** How many n-grams there are. */
export function totalOf(grams: Grams): number {
  let sum = 0;
  for (const count of grams.values()) sum += count;
  return sum;
}
