// What the trainings of study `stability` come to: a system in one of its variants, with a training for each seed.

import { isStable, leastProof } from '../proof';
import { pairedDifference, type Difference } from '../spread';
import { finals, systemsOf, trainingsIn, type ProvedTraining, type StabilityResult } from './stabilityCells';
import type { System, Variant } from './stabilitySystems';
import type { Setup, Proof, Results } from '../../runs/study';

/** A system in one of its variants. */
export interface Group {
  readonly system: System;
  readonly variant: Variant;
  /** A training for each seed; null in place of one that is not there. */
  readonly trained: readonly ProvedTraining[];
  /** What the weights of all seeds prove. */
  readonly proof?: Proof;
}

/** Every system in each of its variants. */
export function groupsOf(setup: Setup, results: Results<StabilityResult>): Group[] {
  const trainings = trainingsIn(results);
  return systemsOf(setup).flatMap((system) => {
    const all = finals(system, setup, trainings);
    return system.variants.map((variant): Group => {
      const mine = all.filter((final) => final.variant === variant);
      const trained = mine.flatMap(({ cell }) => trainings.get(cell.id) ?? []);
      return { system, variant, trained, proof: leastProof(trained.map(({ proof }) => proof)) };
    });
  });
}

/** The variant by the name that it deserves: "stable" is what the certificate of its weights proves. */
export function variantName({ variant, proof }: Pick<Group, 'variant' | 'proof'>): string {
  const { name, projection } = variant;
  if (name !== 'stable' || !proof || isStable(proof)) return name;
  return `projected to λ ≤ ${projection.stable}, not proved stable`;
}

/** `LSTM stable`. */
export const groupName = (group: Group): string =>
  `${group.system.base.model.toUpperCase()} ${variantName(group)}`;

/** Whether it is the unconstrained variant. */
export const isFree = ({ system, variant }: Group): boolean => variant === system.variants[0];

/** On test, seed by seed; null of a training that diverged. */
export const testsOf = ({ trained }: Group): (number | null)[] => trained.map(({ test }) => test);

/** What a group has on test beyond its unconstrained twin, seed by seed. */
export function differenceToFree(group: Group, groups: readonly Group[]): Difference | null {
  const free = groups.find((one) => one.system === group.system && isFree(one))!;
  return pairedDifference(testsOf(group), testsOf(free));
}

/** What the test is of: `test` or `test, first 30,000 words of 245,569`. */
export function testName({ base: { task, evaluationTokens } }: System): string {
  const whole = TOKENS[task];
  if (!evaluationTokens || !whole) return 'test';
  const [part, all] = [evaluationTokens, whole.count].map((count) => count.toLocaleString('en'));
  return `test, first ${part} ${whole.unit} of ${all}`;
}

/** Tokens of the test splits. */
const TOKENS: Readonly<Record<string, { readonly count: number; readonly unit: string }>> = {
  wikitext2: { count: 245_569, unit: 'words' },
  'wikitext2-chars': { count: 1_255_018, unit: 'characters' },
};
