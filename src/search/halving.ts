// Successive halving (Jamieson & Talwalkar 2016), a pure function of what is finished: a rung begins when the one
// before is finished, with the best third of it. Trials that are added to a search are a bracket of their own, with
// rungs as long as those of the first.

import type { Results } from '../runs/study';
import type { Trained } from '../runs/training';
import { Tried, rank, type Search } from './search';

/** Every rung but the first has a third of the trials of the one before, and trains them three times as long. */
const ETA = 3;

/** The trials left in each rung, and for how much of the full length they are trained. */
export function rungs(trials: number): { trials: number; share: number }[] {
  const list: { trials: number; share: number }[] = [];
  for (let left = trials; ; left = Math.max(1, Math.floor(left / ETA))) {
    list.push({ trials: left, share: 1 });
    if (left === 1) break;
  }
  return list.map(({ trials: left }, i) => ({ trials: left, share: ETA ** (i + 1 - list.length) }));
}

/** The rungs of each bracket. */
export function bracketsOf({
  trials,
  brackets: [first, ...more] = [trials],
}: Search): ReturnType<typeof rungs>[] {
  const ladder = rungs(first);
  const ladderOf = (added: number) =>
    ladder.map(({ share }, i) => ({ share, trials: Math.max(1, Math.floor(added / ETA ** i)) }));
  return [ladder, ...more.map(ladderOf)];
}

/** The cells known so far: all of the first rung, then of each rung whose predecessor is finished. */
export function halvingCells(search: Search, results: Results<Trained>): Tried[] {
  let next = 0;
  return bracketsOf(search).flatMap((ladder) => {
    const first = Array.from({ length: ladder[0].trials }, () => next++);
    return bracketCells(search, ladder, first, results);
  });
}

function bracketCells(
  search: Search,
  ladder: ReturnType<typeof rungs>,
  first: readonly number[],
  results: Results<Trained>,
): Tried[] {
  const cells: Tried[] = [];
  let numbers = first;
  for (const [rung, { share, trials }] of ladder.entries()) {
    if (rung > 0) {
      const before = cells.filter((cell) => cell.rung === rung - 1);
      if (before.some(({ id }) => !results.has(id))) break;
      const byNumber = new Map(before.map(({ id, number }) => [number, results.get(id)!.valid]));
      numbers = rank(numbers, (number) => byNumber.get(number)!).slice(0, trials);
    }
    for (const number of numbers) cells.push(new Tried(search, number, rung, share));
  }
  return cells;
}
