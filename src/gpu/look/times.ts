// How often a step is to run.

import { check, shown } from '../../graph/check';
import { count } from '../../graph/options';

/** Refuses what is no number of runs, as a first argument of the step in its place. */
export const checkTimes = (what: string, times: number): void =>
  check(count(times) === true, `${what}: ${shown(times)} times`, 'give a whole number of at least 1');
