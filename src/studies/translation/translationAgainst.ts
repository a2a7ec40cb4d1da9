// Which systems of study `translation` are behind which, and which are alike.

import { meanOf } from '../spread';
import { greedyOf, shownOf, valuesOf, type Subject } from './translationSubjects';

/** Shares of dates that differ by less are alike: with one seed nobody knows what seeds make of them. */
export const ALIKE = 0.02;

/** A system with its scores by seed, none of which is missing. */
interface Scored {
  readonly subject: Subject;
  readonly scores: readonly number[];
  readonly mean: number;
}

/** Where a system of a later year is behind one of an earlier, and which systems are alike at the head of all. */
export function againstOf(subjects: readonly Subject[], score: string | null): string[] {
  const least = score === 'exact match' ? ALIKE : 0;
  const known = subjects.flatMap((subject): Scored[] => {
    const scores = valuesOf(subject, greedyOf);
    const mean = meanOf(scores);
    return mean === null ? [] : [{ subject, scores: scores as number[], mean }];
  });
  // Further than systems differ that are alike, and every seed of the one beyond every seed of the other.
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
  return [...behind, `${list} are alike: ${whyAlike(first, least)}.`];
}

function whyAlike(systems: readonly Scored[], least: number): string {
  const seeds = Math.min(...systems.map(({ scores }) => scores.length));
  const points = `${100 * least} points of 100`;
  if (seeds === 1) return least ? `less than ${points} apart, and of one seed` : 'of one seed';
  return `they differ by less than ${least ? `${points}, or than ` : ''}their seeds do (n = ${seeds})`;
}
