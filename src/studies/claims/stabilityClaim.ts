// The claim about what stability costs.

import { TABLES } from '../../runs/tables';
import { baselinesIn } from '../baselines';
import { isStable } from '../proof';
import type { ShootoutResult } from '../shootout/shootoutResult';
import { contestsOf } from '../shootout/shootoutStandings';
import { differenceText, meanOf, pairedDifference, verdictOf, type Difference } from '../spread';
import { baselineId, type StabilityResult } from '../stability/stabilityCells';
import {
  differenceToFree,
  groupName,
  groupsOf,
  isFree,
  testsOf,
  type Group,
} from '../stability/stabilityGroups';
import { evidenceOf } from './evidence';
import type { Results } from '../../runs/study';
import type { Claim, Evidence, Verdict } from './claim';
import type { Sources, StudySource } from './sources';

/** The claim about the cost of stability, by study `stability`, and by the contests on texts, if they were run. */
export function stabilityClaim(sources: Sources): Claim {
  const study = sources.study('stability');
  const results = study.results as ReadonlyMap<string, StabilityResult>;
  const groups = groupsOf(study.setup, results);
  return {
    title: 'Made stable, recurrent models lose little or nothing',
    evidence: [
      ...groups.filter((group) => !isFree(group)).map((group) => cost(study, group, groups, results)),
      ...['shootout-shakespeare', 'shootout-wikitext2'].flatMap((name) => {
        const contest = sources.find(name);
        return contest ? contestCosts(contest) : [];
      }),
    ],
  };
}

function cost(
  study: StudySource,
  group: Group,
  groups: readonly Group[],
  results: ReadonlyMap<string, StabilityResult>,
): Evidence {
  const { task } = group.system.base;
  const counting = baselinesIn(results, baselineId(task)).reduce((a, b) => (b.test < a.test ? b : a));
  const free = groups.find((one) => one.system === group.system && isFree(one))!;
  const [ours, theirs] = [group, free].map((one) => meanOf(testsOf(one)));
  const difference = differenceToFree(group, groups);
  const digits = digitsOf(theirs ?? 0);
  const { published } = group.variant;
  return evidenceOf(study, {
    experiment:
      `${groupName(group)} on ${task}, beside unconstrained${lambdaText(group)}; counting: ` +
      counting.test.toPrecision(4),
    ours: difference
      ? `${ours!.toFixed(digits)} beside ${theirs!.toFixed(digits)}: ${differenceText(difference, digits)}`
      : 'no outcome',
    published: published === null ? '–' : `${published} beside ${free.variant.published}`,
    verdict:
      group.proof && !isStable(group.proof)
        ? 'not shown'
        : costVerdict(difference, theirs ?? Infinity, counting.test),
  });
}

/** Decimals of nats and bits, and of a perplexity. */
const digitsOf = (loss: number): number => (loss > 100 ? 1 : 3);

const lambdaText = ({ proof }: Group): string =>
  proof ? `; λ = ${proof.lambda?.toPrecision(3) ?? '∞'}, ${isStable(proof) ? 'stable' : 'not stable'}` : '';

/** The share of the unconstrained model's loss that counts as little. */
const LITTLE = 0.01;

/** Nothing is claimed of one seed, nor where counting does as well. */
function costVerdict(difference: Difference | null, theirs: number, counting: number): Verdict {
  if (!difference || theirs >= counting) return 'not shown';
  const found = verdictOf(difference);
  if (found === 'unknown') return difference.mean > LITTLE * theirs ? 'contradicted' : 'not shown';
  return difference.interval![1] <= LITTLE * theirs
    ? 'shown in small'
    : found === 'more'
      ? 'contradicted'
      : 'not shown';
}

/** Stable models of a contest beside free ones, each with the learning rate that its own short trainings chose. */
function contestCosts(study: StudySource): Evidence[] {
  const results = study.results as Results<ShootoutResult>;
  const [{ arena, standings, baselines }] = contestsOf(study.setup, results, TABLES);
  const counting = Math.min(...baselines.map(({ test }) => test));
  return standings.flatMap((stable): Evidence[] => {
    const { model, stable: lambda } = stable.entry.contestant;
    if (lambda === undefined) return [];
    const free = standings.find(({ entry: { contestant } }) => contestant.model === model)!;
    const pairs = Math.min(stable.results.length, free.results.length);
    const [ours, theirs] = [stable, free].map((one) => one.results.slice(0, pairs).map(({ test }) => test));
    const difference = pairedDifference(ours, theirs);
    const mean = meanOf(theirs);
    const digits = digitsOf(mean ?? 0);
    return [
      evidenceOf(study, {
        experiment:
          `${free.entry.contestant.title} stable on ${arena.task}, beside unconstrained; λ ≤ ${lambda}; counting: ` +
          counting.toPrecision(4),
        ours: difference
          ? `${meanOf(ours)!.toFixed(digits)} beside ${mean!.toFixed(digits)}: ${differenceText(difference, digits)}`
          : 'no outcome',
        verdict: costVerdict(difference, mean ?? Infinity, counting),
      }),
    ];
  });
}
