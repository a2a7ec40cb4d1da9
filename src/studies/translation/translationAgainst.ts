// Which systems of study `translation` are behind which, and which are alike.

import { meanOf } from '../spread';
import { greedyOf, shownOf, valuesOf, type Subject } from './translationSubjects';

/** Shares of dates of one seed that differ by less are alike, since nobody knows what seeds make of them. */
export const ALIKE = 0.02;

/** A system with its scores by seed, none of which is missing. */
interface Scored {
  readonly subject: Subject;
  readonly scores: readonly number[];
  readonly mean: number;
}

/** Where a system of a later year is behind one of an earlier, and which systems are alike at the head of all. */
export function againstOf(subjects: readonly Subject[], score: string | null): string[] {
  const known = subjects.flatMap((subject): Scored[] => {
    const scores = valuesOf(subject, greedyOf);
    const mean = meanOf(scores);
    return mean === null ? [] : [{ subject, scores: scores as number[], mean }];
  });
  const seeds = Math.min(...known.map(({ scores }) => scores.length));
  const least = score === 'exact match' && seeds === 1 ? ALIKE : 0;
  // Every seed of the one is beyond every seed of the other; a single one by more than seeds could make of it.
  const beyond = (one: Scored, other: Scored) =>
    one.mean - other.mean >= least && Math.min(...one.scores) > Math.max(...other.scores);
  const text = ({ subject }: Scored) => `(${shownOf(subject, greedyOf, score)})`;
  const behind = known.flatMap((later, i) =>
    known.slice(0, i).flatMap((earlier) => {
      if (!beyond(earlier, later)) return [];
      const [name, other] = [later, earlier].map((one) => `${one.subject.system.name} ${text(one)}`);
      return `${name} is behind ${other}.`;
    }),
  );
  const best = known.reduce((first, one) => (one.mean > first.mean ? one : first), known[0]);
  const first = known.filter((one) => !beyond(best, one));
  if (first.length < 2) return behind;
  const names = first.map(({ subject }) => subject.system.name);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const points = least ? `less than ${100 * least} points of 100 apart, and ` : '';
  const ahead = `not every seed of ${best.subject.system.name} is ahead of the others' (n = ${seeds})`;
  const why = seeds === 1 ? `${points}of one seed` : ahead;
  return [...behind, `${list} are alike: ${why}.`];
}
