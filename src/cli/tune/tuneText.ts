// What `tune` says: a table of classes, what the likeliest ways lose, and what there was no time for.

import { percent, short } from '../../bench/table';
import type { ShapeClass } from '../../runs/shapeClasses';
import type { Inherited } from './inherit';
import { nameOf, type SweptClasses, type TunedClass } from './sweepClasses';

/** The table: the head, and a row for each class. */
export function tuneTable(classes: readonly TunedClass[]): { head: string[]; rows: string[][] } {
  return {
    head: [
      'class',
      'way',
      'ways',
      'ms',
      'spread',
      'GFLOP/s',
      'of best',
      'likeliest, of best',
      'times as fast',
    ],
    rows: classes.map((one) => [
      nameOf(one),
      one.chosen === one.likeliest ? `${one.chosen} (likeliest)` : one.chosen,
      one.tried < one.ways ? `${one.tried} of ${one.ways}` : String(one.ways),
      short(one.ms),
      percent(one.spread),
      short(one.gflops),
      percent(one.ofBest),
      percent(one.likeliestOfBest),
      short(one.ofBest / one.likeliestOfBest),
    ]),
  };
}

/** What there is to say behind the table, a line each. */
export function tuneLines({ classes, left, inherited, failed }: SweptClasses): string[] {
  const slow = classes.filter(({ likeliestOfBest }) => likeliestOfBest < ENOUGH);
  const [worst] = [...classes].sort((one, other) => one.likeliestOfBest - other.likeliestOfBest);
  const mean = Math.exp(average(classes.map(({ likeliestOfBest }) => Math.log(likeliestOfBest))));
  const lines: string[] = [];
  if (worst) {
    const all = `${classes.length} classes; the likeliest ways have ${percent(mean)} of the best on average`;
    const least = `at worst ${percent(worst.likeliestOfBest)}, ${nameOf(worst)}`;
    lines.push(`${all}, and below ${percent(ENOUGH)} in ${slow.length}: ${least}.`);
  }
  const partly = classes.filter(({ tried, ways }) => tried < ways).length;
  if (partly)
    lines.push(`Of ${partly} not all ways were tried: the likelier ones, until time or hope was up.`);
  if (left.length) lines.push(leftLine(left));
  if (inherited.length) lines.push(inheritedLine(inherited));
  return [...lines, ...failed];
}

/** Names that a line has. */
const NAMED = 20;

function leftLine(left: readonly ShapeClass[]): string {
  const names = left.slice(0, NAMED).map(nameOf).join('; ');
  const more = left.length - NAMED;
  return `There was no time for ${left.length}: ${names}${more > 0 ? `; and ${more} more, which --json names` : ''}.`;
}

/** E.g. "2 of these take what was faster in those nearest to them: matmul [4, 5] [5, 6] (matmul TM=4 TN=4), …". */
function inheritedLine(inherited: readonly Inherited[]): string {
  const names = inherited.slice(0, NAMED).map((one) => `${nameOf(one)} (${one.chosen})`);
  const more = inherited.length - NAMED;
  const rest = more > 0 ? `; and ${more} more, which --json names` : '';
  return `${inherited.length} of these take what was faster in those nearest to them: ${names.join('; ')}${rest}.`;
}

/** A way that has so much of the best is as good. */
const ENOUGH = 0.95;

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
