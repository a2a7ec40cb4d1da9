// What can be predicted by counting: n-grams of tokens, and for music each key by itself. A model that is not better
// than these has learned nothing that they do not know, however few inputs are "enough" for it.
//
//   p(w | c) = (count(c, w) + types(c) · p(w | c without its oldest)) / (count(c) + types(c))
//
// Witten & Bell 1991, method C, interpolated down to the uniform distribution: no constant is chosen.

/** Counts of `order` tokens and fewer in these sequences. */
export class NGrams {
  /** By length of the context: how often it was seen, and before how many different tokens. */
  private readonly contexts: Map<number, { count: number; types: number }>[];
  /** By length of the context: how often a token stood behind it. */
  private readonly counts: Map<number, number>[];

  constructor(
    sequences: Iterable<ArrayLike<number>>,
    readonly order: number,
    /** Different tokens; every one has an id below. */
    readonly vocabulary: number,
  ) {
    this.contexts = Array.from({ length: order }, () => new Map());
    this.counts = Array.from({ length: order }, () => new Map());
    for (const tokens of sequences) {
      for (let t = 0; t < tokens.length; t++) this.count(tokens, t);
    }
  }

  private count(tokens: ArrayLike<number>, t: number): void {
    for (let length = 0; length < this.order && length <= t; length++) {
      const context = this.key(tokens, t, length);
      const [contexts, counts] = [this.contexts[length], this.counts[length]];
      const pair = context * this.vocabulary + tokens[t];
      const before = counts.get(pair) ?? 0;
      const seen = contexts.get(context) ?? { count: 0, types: 0 };
      counts.set(pair, before + 1);
      contexts.set(context, { count: seen.count + 1, types: seen.types + (before ? 0 : 1) });
    }
  }

  /** The `length` tokens before place t as one number: exact for a vocabulary of 33,278 and trigrams. */
  private key(tokens: ArrayLike<number>, t: number, length: number): number {
    let key = 0;
    for (let i = t - length; i < t; i++) key = key * this.vocabulary + tokens[i];
    return key;
  }

  /** −log p in nats of the token at place t, given the `order` − 1 before it, or as many as there are. */
  nats(tokens: ArrayLike<number>, t: number, order = this.order): number {
    let p = 1 / this.vocabulary;
    for (let length = 0; length < order && length <= t; length++) {
      const context = this.key(tokens, t, length);
      const seen = this.contexts[length].get(context);
      if (!seen) break;
      const own = this.counts[length].get(context * this.vocabulary + tokens[t]) ?? 0;
      p = (own + seen.types * p) / (seen.count + seen.types);
    }
    return -Math.log(p);
  }
}

/** Keys [T, K] that are down or not: each by itself, by whether it was down before or by its frequency alone. */
export class KeyCounts {
  /** [seen before, down before, down now, key]: one half in every place at first (Jeffreys' prior). */
  private readonly counts: Float64Array;

  constructor(
    pairs: Iterable<readonly [before: ArrayLike<number>, now: ArrayLike<number>]>,
    readonly keys: number,
  ) {
    this.counts = new Float64Array(8 * keys).fill(0.5);
    for (const [before, now] of pairs) {
      for (let key = 0; key < keys; key++) {
        this.counts[this.at(false, 0, now[key], key)]++;
        this.counts[this.at(true, before[key], now[key], key)]++;
      }
    }
  }

  private at(seesBefore: boolean, before: number, now: number, key: number): number {
    return ((Number(seesBefore) * 2 + Number(before > 0)) * 2 + Number(now > 0)) * this.keys + key;
  }

  /** −log p of all keys of a step together. */
  nats(before: ArrayLike<number>, now: ArrayLike<number>, seesBefore: boolean): number {
    let sum = 0;
    for (let key = 0; key < this.keys; key++) {
      const was = seesBefore ? before[key] : 0;
      const [own, other] = [now[key], 1 - Number(now[key] > 0)].map(
        (value) => this.counts[this.at(seesBefore, was, value, key)],
      );
      sum -= Math.log(own / (own + other));
    }
    return sum;
  }
}
