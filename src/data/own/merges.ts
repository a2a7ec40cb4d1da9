// Byte pair encoding (Sennrich, Haddow & Birch 2016, arXiv 1508.07909): the most frequent pair of neighbours becomes
// one symbol, again and again. Counts are kept up to date where a pair is merged, and a heap knows the next pair, so
// that learning costs about as much as reading the words once for every merge that changes them.

/** Two symbols that become one. */
export type Merge = readonly [number, number];

/** Words that merges are learned from, and how many. */
export interface LearnOptions {
  /** Different words, each a list of symbols below `symbols`, in the order of their first occurrence. */
  readonly words: readonly ArrayLike<number>[];
  /** How often each occurs. */
  readonly counts: ArrayLike<number>;
  /** Symbols that there are; the first merge makes the symbol of this number. */
  readonly symbols: number;
  /** The most merges. */
  readonly merges: number;
  /** A pair that occurs less often is not merged; default: 2. */
  readonly atLeast?: number;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  count: number;
  /** Where it was first, in the words one behind the other: of equally frequent pairs the earlier goes first. */
  readonly first: number;
  /** Where it may be: a place that was merged since is no longer one. */
  readonly places: number[];
}

const keyOf = (a: number, b: number): number => a * 2 ** 26 + b;

/** The merges in their order; of equally frequent pairs the one that was seen first. The same words give the same. */
export function learnMerges(options: LearnOptions): Merge[] {
  const { symbols, merges, atLeast = 2 } = options;
  const learner = new Learner(options);
  const learned: Merge[] = [];
  while (learned.length < merges) {
    const pair = learner.best(atLeast);
    if (!pair) break;
    learner.merge(pair, symbols + learned.length);
    learned.push([pair.a, pair.b]);
  }
  return learned;
}

class Learner {
  /** The symbols of all words, one behind the other; what was merged away is -1. */
  private readonly symbols: Int32Array;
  private readonly next: Int32Array;
  private readonly before: Int32Array;
  /** The word of a place. */
  private readonly wordOf: Int32Array;
  private readonly pairs = new Map<number, Pair>();
  private readonly heap = new PairHeap();

  constructor(private readonly options: LearnOptions) {
    const { words } = options;
    const size = words.reduce((sum, { length }) => sum + length, 0);
    this.symbols = new Int32Array(size);
    this.next = new Int32Array(size).fill(-1);
    this.before = new Int32Array(size).fill(-1);
    this.wordOf = new Int32Array(size);
    let at = 0;
    words.forEach((word, w) => {
      for (let i = 0; i < word.length; i++, at++) {
        this.symbols[at] = word[i];
        this.wordOf[at] = w;
        if (i === 0) continue;
        this.before[at] = at - 1;
        this.next[at - 1] = at;
        this.count(at - 1);
      }
    });
    for (const pair of this.pairs.values()) this.heap.push(pair, pair.count);
  }

  /** The most frequent pair, if it occurs often enough. */
  best(atLeast: number): Pair | undefined {
    for (;;) {
      const found = this.heap.pop();
      if (!found || found.count < atLeast) return undefined;
      if (found.pair.count === found.count) return found.pair;
      // Merges of others have taken some of it since.
      if (found.pair.count > 0) this.heap.push(found.pair, found.pair.count);
    }
  }

  merge(pair: Pair, symbol: number): void {
    const { symbols, next, before } = this;
    const fresh = new Set<Pair>();
    for (const at of pair.places) {
      const second = next[at];
      if (symbols[at] !== pair.a || second < 0 || symbols[second] !== pair.b) continue;
      if (before[at] >= 0) this.discount(before[at]);
      if (next[second] >= 0) this.discount(second);
      symbols[at] = symbol;
      symbols[second] = -1;
      next[at] = next[second];
      if (next[at] >= 0) before[next[at]] = at;
      if (before[at] >= 0) fresh.add(this.count(before[at]));
      if (next[at] >= 0) fresh.add(this.count(at));
    }
    pair.count = 0;
    this.pairs.delete(keyOf(pair.a, pair.b));
    for (const one of fresh) this.heap.push(one, one.count);
  }

  /** One more of the pair that begins here, as often as its word occurs. */
  private count(at: number): Pair {
    const { symbols, next, pairs } = this;
    const [a, b] = [symbols[at], symbols[next[at]]];
    const key = keyOf(a, b);
    let pair = pairs.get(key);
    if (!pair) pairs.set(key, (pair = { a, b, count: 0, first: at, places: [] }));
    pair.count += this.options.counts[this.wordOf[at]];
    pair.places.push(at);
    return pair;
  }

  private discount(at: number): void {
    const pair = this.pairs.get(keyOf(this.symbols[at], this.symbols[this.next[at]]));
    if (pair) pair.count -= this.options.counts[this.wordOf[at]];
  }
}

/** Pairs with the counts that they had when they came in, the largest first. */
class PairHeap {
  private readonly pairs: Pair[] = [];
  private readonly counts: number[] = [];

  push(pair: Pair, count: number): void {
    let at = this.pairs.push(pair) - 1;
    this.counts.push(count);
    for (let up = (at - 1) >> 1; at && this.goesFirst(at, up); up = (at - 1) >> 1) {
      this.swap(at, up);
      at = up;
    }
  }

  pop(): { pair: Pair; count: number } | undefined {
    if (!this.pairs.length) return undefined;
    this.swap(0, this.pairs.length - 1);
    const found = { pair: this.pairs.pop()!, count: this.counts.pop()! };
    let at = 0;
    for (;;) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.pairs.length && this.goesFirst(child, best)) best = child;
      }
      if (best === at) return found;
      this.swap(at, best);
      at = best;
    }
  }

  private goesFirst(i: number, j: number): boolean {
    const difference = this.counts[i] - this.counts[j];
    return difference > 0 || (difference === 0 && this.pairs[i].first < this.pairs[j].first);
  }

  private swap(i: number, j: number): void {
    [this.pairs[i], this.pairs[j]] = [this.pairs[j], this.pairs[i]];
    [this.counts[i], this.counts[j]] = [this.counts[j], this.counts[i]];
  }
}

/** What applies merges: of all neighbours the pair that was learned first is joined, until there is none. */
export class Merger {
  private readonly results = new Map<number, number>();

  /** `symbols`: see LearnOptions. */
  constructor(
    readonly merges: readonly Merge[],
    symbols: number,
  ) {
    merges.forEach(([a, b], i) => this.results.set(keyOf(a, b), symbols + i));
  }

  /** The symbols of a word, joined. */
  apply(word: ArrayLike<number>): number[] {
    const list = Array.from(word);
    for (;;) {
      let [least, where] = [Infinity, -1];
      for (let i = 0; i + 1 < list.length; i++) {
        const joined = this.results.get(keyOf(list[i], list[i + 1])) ?? Infinity;
        if (joined < least) [least, where] = [joined, i];
      }
      if (where < 0) return list;
      list.splice(where, 2, least);
    }
  }
}
