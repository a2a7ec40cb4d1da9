// Asynchronous successive halving (Li et al. 2018, "A System for Massively Parallel Hyperparameter Tuning"), a pure
// function of the log: whenever a trial is finished, what goes on is whatever is by then among the best one in η of its
// rung. No rung waits for its last trial, so which trials go on depends on the order in which they were finished; the
// same log says the same again.

import type { Results } from '../runs/study';
import type { Trained } from '../runs/training';
import { Tried, lengthOf, type Search } from './search';

/** The share of the full length of each rung: the grace period, and η times the one before, up to all of it. */
export function ashaShares({ base, asha }: Search): number[] {
  const [{ eta, gracePeriod }, full] = [asha!, lengthOf(base)];
  const shares: number[] = [];
  for (let length = gracePeriod; length < full; length *= eta) shares.push(length / full);
  return [...shares, 1];
}

/** A rung: what is finished of it, the best first, and how many of these its top has let go on. */
class Rung {
  private readonly finished: { readonly number: number; readonly value: number }[] = [];
  private readonly promoted = new Set<number>();

  constructor(private readonly eta: number) {}

  /** The trials that go on since this one was finished. */
  add(number: number, value: number): number[] {
    const { finished } = this;
    let [low, high] = [0, finished.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (finished[middle].value <= value) low = middle + 1;
      else high = middle;
    }
    finished.splice(low, 0, { number, value });
    const top = Math.floor(finished.length / this.eta);
    // All others in the top have gone on before.
    const news = [...new Set([low, top - 1])].filter((at) => at >= 0 && at < top).map((at) => finished[at]);
    return news.flatMap((one) => {
      if (this.promoted.has(one.number) || one.value === Infinity) return [];
      this.promoted.add(one.number);
      return [one.number];
    });
  }
}

/** The cells known so far: all trials in the first rung, and those that have gone on; of the highest rung first. */
export function ashaCells(search: Search, results: Results<Trained>): Tried[] {
  const shares = ashaShares(search);
  const ladder = shares.slice(1).map(() => new Rung(search.asha!.eta));
  const first = Array.from({ length: search.trials }, (_, number) => new Tried(search, number, 0, shares[0]));
  const known = new Map(first.map((cell) => [cell.id, cell]));
  for (const [id, { valid }] of results) {
    const { number, rung } = known.get(id) ?? { number: 0, rung: ladder.length };
    for (const chosen of ladder[rung]?.add(number, valid ?? Infinity) ?? []) {
      const cell = new Tried(search, chosen, rung + 1, shares[rung + 1]);
      known.set(cell.id, cell);
    }
  }
  // Stable: within a rung in the order in which they went on.
  return [...known.values()].sort((a, b) => b.rung - a.rung);
}
