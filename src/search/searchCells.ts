// The cells of a search, whichever way its trials are chosen to go on, and what came of them.

import type { Results } from '../runs/study';
import type { Trained } from '../runs/training';
import { ashaCells, ashaShares } from './asha';
import { bracketsOf, halvingCells } from './halving';
import type { Outcome } from './importance';
import type { Search, Tried } from './search';

/** The cells known so far, in the order in which they are run. */
export const searchCells = (search: Search, results: Results<Trained>): Tried[] =>
  (search.asha ? ashaCells : halvingCells)(search, results);

/** For how much of the full length each rung trains. */
export const sharesOf = (search: Search): number[] =>
  search.asha ? ashaShares(search) : bracketsOf(search)[0].map(({ share }) => share);

/** How many cells a search has in all; undefined where that depends on what comes of them. */
export function searchSize(search: Search): number | undefined {
  if (search.asha) return undefined;
  return bracketsOf(search).reduce((sum, ladder) => ladder.reduce((all, { trials }) => all + trials, sum), 0);
}

/** A trial and what came of it. */
export interface Finished {
  readonly cell: Tried;
  readonly trained: Trained;
}

/** Every trial that was finished, at its last rung; those that came furthest first, then the better ones. */
export function lastOf(search: Search, results: Results<Trained>): Finished[] {
  const last = new Map<number, Finished>();
  for (const cell of searchCells(search, results)) {
    const trained = results.get(cell.id);
    if (trained && cell.rung > (last.get(cell.number)?.cell.rung ?? -1))
      last.set(cell.number, { cell, trained });
  }
  const value = ({ trained }: Finished) => trained.valid ?? Infinity;
  const order = (a: Finished, b: Finished) => {
    const [x, y] = [value(a), value(b)];
    return b.cell.rung - a.cell.rung || (x === y ? 0 : x - y) || a.cell.number - b.cell.number;
  };
  return [...last.values()].sort(order);
}

/** What came of the first rung, whose trials are all trained for as long and were chosen by nobody. */
export function outcomesOf(search: Search, results: Results<Trained>): Outcome[] {
  const first = searchCells(search, results).filter(({ rung }) => rung === 0);
  return first.flatMap(({ id, settings }) => {
    const trained = results.get(id);
    return trained ? [{ settings, valid: trained.valid }] : [];
  });
}

/** The cell that won, once everything is finished. */
export function winner(search: Search, results: Results<Trained>): Tried | null {
  const top = sharesOf(search).length - 1;
  const cells = searchCells(search, results);
  if (cells.some(({ id }) => !results.has(id))) return null;
  // Successive halving always comes to its last rung.
  if (!search.asha && !cells.some(({ rung }) => rung === top)) return null;
  const [best] = lastOf(search, results);
  return best && best.trained.valid !== null ? best.cell : null;
}
