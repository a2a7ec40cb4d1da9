// What a text has that the vocabulary of a trained model lacks: counted, and told by its most frequent kinds.

/** Kinds that are named. */
const NAMED = 8;

/** Symbols that a vocabulary lacks, among all that are looked up in it. */
export class Unknown {
  /** How many were looked up. */
  total = 0;
  count = 0;
  private readonly kinds = new Map<string, number>();

  /** Notes one that the vocabulary lacks. */
  add(symbol: string): void {
    this.count++;
    this.kinds.set(symbol, (this.kinds.get(symbol) ?? 0) + 1);
  }

  /** E.g. `3 of 200 (1.5 %), of 2 kinds: "é" (2), "ü" (1)`. */
  toString(): string {
    const { count, total, kinds } = this;
    const ranked = [...kinds].sort(([, a], [, b]) => b - a).slice(0, NAMED);
    const named = ranked.map(([symbol, times]) => `${JSON.stringify(symbol)} (${times})`).join(', ');
    const share = Number(((100 * count) / total).toPrecision(2));
    const what = kinds.size === 1 ? '1 kind' : `${kinds.size} kinds`;
    return `${count} of ${total} (${share} %), of ${what}: ${named}${kinds.size > NAMED ? ' …' : ''}`;
  }
}
