// Settings that a search chose at the edge of what it searched: a better value may lie beyond.

import type { Search } from '../search/search';
import { inWords } from '../search/searchFigures';
import type { Training } from '../runs/training';

/** The share of a range, on either side, that counts as its edge. */
const EDGE = 0.1;

/** The names of searched settings, in words, whose chosen value lies within a tenth of its range of an end. */
export function edgesOf({ space, base }: Search, chosen: Training): string[] {
  const [given, found] = [base, chosen].map((training) => new Map<string, unknown>(Object.entries(training)));
  return Object.entries(space).flatMap(([name, range]) => {
    const value = Number(found.get(name));
    const around = Number(given.get(name));
    const ends =
      range.kind === 'choice'
        ? [Math.min(...range.of.map(Number)), Math.max(...range.of.map(Number))]
        : range.kind === 'uniform'
          ? [range.from, range.to]
          : [range.from * around, range.to * around].map(Math.log);
    const place = range.kind === 'log factor' ? Math.log(value) : value;
    const share = (place - ends[0]) / (ends[1] - ends[0]);
    // The lowest end of a range that begins at zero is no edge: there is nothing beyond.
    const low = share < EDGE && !(range.kind !== 'log factor' && ends[0] === 0);
    return low || share > 1 - EDGE ? [inWords(name)] : [];
  });
}
