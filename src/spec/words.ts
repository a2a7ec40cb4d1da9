// Words that a person typed, and the known one that was meant.

import { fail } from '../graph/check';

/** Fails with the known words, the nearest of them in front. */
export function unknownWord(message: string, word: string, known: readonly string[]): never {
  const near = nearest(word, known);
  fail(message, {
    given: `known: ${known.join(', ')}`,
    fix: near ? `did you mean ${near}?` : 'use one of these.',
  });
}

/** One of `known`, or an error that names the nearest of them. */
export function oneOf<T extends string>(what: string, word: string | undefined, known: readonly T[]): T {
  const found = known.find((one) => one === word);
  if (found !== undefined) return found;
  if (word === undefined) fail(`${what} is missing.`, { fix: `give one of ${known.join(', ')}.` });
  return unknownWord(`${what} "${word}" is unknown.`, word, known);
}

/** The known word that takes the fewest changed letters, when these are few. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((other) => ({ other, away: distance(word.toLowerCase(), other) }))
    .sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(2, Math.floor(best.other.length / 3)) ? best.other : null;
}

/** The same of names with hyphens, of which a word may be a part or the initials: `lr` is of `learning-rate`. */
export function nearestName(word: string, names: readonly string[]): string | null {
  const initials = (name: string) => name.replace(/-?(.)[^-]*/g, '$1');
  const isMeant = (name: string) => name.split('-').includes(word) || initials(name) === word;
  return nearest(word, names) ?? names.find((name) => name.includes('-') && isMeant(name)) ?? null;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
