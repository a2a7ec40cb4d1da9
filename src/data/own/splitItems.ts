// Whole pieces, recordings or files in three splits: drawn by a seed of their own, so that runs of other seeds are
// measured on the same.

import { fail } from '../../graph/check';
import { Random } from '../../random';
import { checkParts } from './parts';

/** How large the splits are, and what draws them. */
export interface SplitOptions {
  /** The part that validates; default: 0.1. */
  readonly validPart?: number;
  /** The part that tests; default: 0.1. */
  readonly testPart?: number;
  /** Default: 1. */
  readonly splitSeed?: number;
  /** Whether a test part of 0 is one: what tests is elsewhere. Default: no. */
  readonly testless?: boolean;
  /** Whether all of them are all splits, for what only measures; default: false. */
  readonly whole?: boolean;
  /** Items of one group are spread over the splits by themselves: a class of recordings. Default: all are one. */
  readonly groupOf?: (index: number) => number;
  /** What a group is called, for messages. */
  readonly nameOf?: (group: number) => string;
  /** What an item is, for messages: "pieces". */
  readonly what: string;
}

/** The indices of each split, in their order. */
export interface ItemSplits {
  readonly train: readonly number[];
  readonly valid: readonly number[];
  readonly test: readonly number[];
}

/** Splits `count` items. Validation and test get one of each group at the least, and leave one to train on. */
export function splitItems(count: number, options: SplitOptions): ItemSplits {
  const { validPart = 0.1, testPart = 0.1, splitSeed = 1, groupOf = () => 0, nameOf, what } = options;
  checkParts('data', validPart, testPart, options.testless);
  if (options.whole) {
    if (!count) fail(`data: there are no ${what}.`, { fix: 'give files with some.' });
    const all = Array.from({ length: count }, (_, i) => i);
    return { train: all, valid: all, test: all };
  }
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const members = groups.get(groupOf(i));
    if (members) members.push(i);
    else groups.set(groupOf(i), [i]);
  }
  const splits = { train: [] as number[], valid: [] as number[], test: [] as number[] };
  const random = new Random(splitSeed).fork('split');
  for (const [group, members] of groups) {
    const [valid, test] = [validPart, testPart].map((part) =>
      part ? Math.max(1, Math.round(part * members.length)) : 0,
    );
    if (valid + test >= members.length) {
      const where = nameOf ? ` in ${nameOf(group)}` : '';
      fail(`data: too few ${what}${where} for three splits: ${members.length}.`, {
        given: `${valid} would validate and ${test} test; one is left to train on at the least`,
        fix: 'give at least 3, or smaller parts.',
      });
    }
    random.shuffle(members);
    splits.test.push(...members.slice(0, test));
    splits.valid.push(...members.slice(test, test + valid));
    splits.train.push(...members.slice(test + valid));
  }
  for (const list of Object.values(splits)) list.sort((a, b) => a - b);
  return splits;
}
