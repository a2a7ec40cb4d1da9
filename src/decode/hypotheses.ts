// What a beam search has found, from the record that it leaves: of every step the best continuations of all beams. The
// host goes by the same rule as the device, so that nothing but the record has to be read.

/** How the score of a translation makes up for its length: see `penaltyOf`. */
export const LENGTH_RULES = ['gnmt', 'length'] as const;
/** One of them. */
export type LengthRule = (typeof LENGTH_RULES)[number];

/** A translation that was found. */
export interface Hypothesis {
  /** Its tokens, without the one that ends it. */
  readonly tokens: readonly number[];
  /** The logarithm of its probability. */
  readonly logProbability: number;
  /** What it is ranked by. */
  readonly score: number;
  /** Whether the model ended it; otherwise it was as long as it may be. */
  readonly ended: boolean;
}

/** How hypotheses are ranked. */
export interface Ranking {
  readonly lengthRule: LengthRule;
  readonly lengthPenalty: number;
}

/** The record of a search: of B sentences, L steps and K beams. */
export interface SearchRecord {
  /** beam · V + id, [B, L, 2 · K], the best first. */
  readonly found: Uint32Array;
  /** Sums of logarithms of probabilities, of the same shape. */
  readonly sums: Float32Array;
  readonly B: number;
  readonly L: number;
  readonly K: number;
  readonly V: number;
  readonly end: number;
}

/** The score of a beam that has not begun: below any sum of logarithms. */
export const NEVER = -3.4028234663852886e38;

/**
 * What the logarithm of the probability of `length` tokens, that of the end counted, is divided by. `gnmt`:
 * ((5 + length) / 6)^α (Wu et al. 2016, arXiv 1609.08144, equation 14); `length`: length^α, with α = 1 the mean of
 * Gehring et al. 2017 (arXiv 1705.03122, section 4.3).
 */
export const penaltyOf = (length: number, { lengthRule, lengthPenalty }: Ranking): number =>
  (lengthRule === 'gnmt' ? (5 + length) / 6 : length) ** lengthPenalty;

/**
 * The coverage penalty of Wu et al. 2016, equation 14: Σ_j log(min(Σ_t weights[t,j], 1)) over the S source tokens, for
 * attention weights [T, S] of T target tokens.
 */
export function coverageOf(weights: ArrayLike<number>, S: number): number {
  const sums = new Float64Array(S);
  for (let i = 0; i < weights.length; i++) sums[i % S] += weights[i];
  return sums.reduce((total, sum) => total + Math.log(Math.min(sum, 1)), 0);
}

interface Beam {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** The beams of a sentence: those that have ended, in the order in which they did, and those that go on. */
export interface Found {
  readonly ended: readonly Beam[];
  readonly going: readonly Beam[];
}

/**
 * The beams of sentence b after so many steps. Of the 2 · K continuations of a step those among the first K that end
 * are kept; the first K that do not end go on. When K have ended the sentence is done, whatever the others would
 * become.
 */
export function replay(record: SearchRecord, b: number, steps: number): Found {
  const { found, sums, L, K, V, end } = record;
  const ended: Beam[] = [];
  let going: Beam[] = [{ tokens: [], sum: 0 }];
  for (let t = 0; t < steps && ended.length < K; t++) {
    const next: Beam[] = [];
    for (let r = 0; r < 2 * K; r++) {
      const at = (b * L + t) * 2 * K + r;
      const [id, parent, sum] = [found[at] % V, Math.floor(found[at] / V), sums[at]];
      const tokens = going[parent]?.tokens ?? [];
      if (id !== end) {
        if (next.length < K) next.push({ tokens: [...tokens, id], sum });
      } else if (r < K && isAlive(sum) && ended.length < K) ended.push({ tokens, sum });
    }
    going = next;
  }
  return { ended, going: going.filter(({ sum }) => isAlive(sum)) };
}

/** A beam that has begun has a sum far above that of one that has not. */
const isAlive = (sum: number): boolean => sum > NEVER / 2;

/** All that was found of a sentence, best first; of equal scores what ended first. What did not end comes last. */
export function ranked({ ended, going }: Found, ranking: Ranking): Hypothesis[] {
  const scored = ({ tokens, sum }: Beam, hasEnded: boolean): Hypothesis => ({
    tokens,
    logProbability: sum,
    score: sum / penaltyOf(tokens.length + Number(hasEnded), ranking),
    ended: hasEnded,
  });
  return [
    ...sorted(ended.map((one) => scored(one, true))),
    ...sorted(going.map((one) => scored(one, false))),
  ];
}

/** The best first, of equal ones in their order; those that did not end behind those that did. */
export const sorted = (all: readonly Hypothesis[]): Hypothesis[] =>
  [...all].sort((a, b) => Number(b.ended) - Number(a.ended) || b.score - a.score);
