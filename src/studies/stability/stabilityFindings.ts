// Table, words and notes of study `stability`.

import { parallelOf, searchNotes, settingsText } from '../../search/searchFigures';
import type { Search } from '../../search/search';
import { lastOf, winner } from '../../search/searchCells';
import { baselinesIn, type Baseline } from '../baselines';
import { edgesOf } from '../edges';
import { isStable } from '../proof';
import { differenceText, spreadOf, verdictOf } from '../spread';
import { baselineId, searchOf, systemsOf, trainingsIn, type StabilityResult } from './stabilityCells';
import { besidePublished, curves } from './stabilityFigures';
import {
  differenceToFree,
  groupName,
  groupsOf,
  isFree,
  testName,
  testsOf,
  variantName,
} from './stabilityGroups';
import type { Group } from './stabilityGroups';
import type { System } from './stabilitySystems';
import type { Findings, Setup, Results, Row } from '../../runs/study';
import type { Figure } from '../../report/figure';

/** The table, the pictures and the words of the study. */
export function stabilityFindings(setup: Setup, results: Results<StabilityResult>): Findings {
  const groups = groupsOf(setup, results);
  const tasks = [...new Set(systemsOf(setup).map(({ base }) => base.task))];
  const parts = tasks.map((task) => {
    const mine = groups.filter(({ system }) => system.base.task === task);
    const baselines = baselinesIn(results, baselineId(task));
    return { task, mine, baselines };
  });
  const searches = systemsOf(setup).map((system) => ({ system, search: searchOf(system, setup) }));
  const trained = trainingsIn(results);
  const pictures = searches
    .filter(({ search }) => search.trials > 1)
    .map(({ system, search }) =>
      parallelOf(search, lastOf(search, trained), `Search: ${system.title}, unconstrained`),
    );
  return {
    remark: remarkOn(groups),
    against: againstOf(groups, searches, results),
    rows: parts.flatMap(({ mine, baselines }) => [...mine.map(rowOf), ...baselineRows(mine, baselines)]),
    figures: [
      ...parts.flatMap(({ task, mine, baselines }): Figure[] => [
        ...(mine.some(({ variant }) => variant.published !== null) ? [besidePublished(task, mine)] : []),
        curves(task, mine, baselines),
      ]),
      ...pictures.filter((picture) => picture !== null),
    ],
    notes: notesOn(groups, searches, results),
  };
}

const metricOf = ({ trained }: Group): string => trained[0]?.metric ?? 'no measure';

function rowOf(group: Group): Row {
  const { system, variant, trained, proof } = group;
  const { task, model } = system.base;
  const [first] = trained;
  const length = first ? `, ${first.step.toLocaleString('en')} steps` : '';
  const { published, elsewhere } = variant;
  return {
    model: model.toUpperCase(),
    task,
    setting: `${variantName(group)}${length}`,
    metric: `${metricOf(group)}, ${testName(system)}`,
    ...spreadOf(testsOf(group)),
    published,
    elsewhere,
    ...proof,
  };
}

function baselineRows([first]: readonly Group[], baselines: readonly Baseline[]): Row[] {
  const metric = `${metricOf(first)}, ${testName(first.system)}`;
  return baselines.map(({ name, test }) => ({
    model: name,
    task: first.system.base.task,
    setting: 'counted on the same training data',
    metric,
    ours: test,
    published: null,
  }));
}

const digitsOf = (group: Group): number => ((spreadOf(testsOf(group)).ours ?? 0) > 100 ? 1 : 3);

const onTask = (group: Group): string => `${groupName(group)} on ${group.system.base.task}`;

function remarkOn(groups: readonly Group[]): string {
  const words = groups
    .filter((group) => !isFree(group))
    .map((group) => {
      const difference = differenceToFree(group, groups);
      if (!difference) return `${onTask(group)}: no outcome`;
      return `${onTask(group)}: ${differenceText(difference, digitsOf(group))}`;
    });
  return `On test, what a model has beyond its unconstrained twin (less is better). ${words.join('; ')}.`;
}

type Searched = { readonly system: System; readonly search: Search };

function againstOf(
  groups: readonly Group[],
  searches: readonly Searched[],
  results: Results<StabilityResult>,
): string[] {
  const projected = groups.filter((group) => !isFree(group));
  const costly = projected.filter((group) => {
    const difference = differenceToFree(group, groups);
    if (!difference) return true;
    const loses = difference.mean > 0.005 * (spreadOf(testsOf(group)).ours ?? 0);
    return verdictOf(difference) === 'more' || (verdictOf(difference) === 'unknown' && loses);
  });
  const unproved = projected.filter(({ proof }) => proof && !isStable(proof));
  const alone = groups.filter(({ trained }) => trained.length === 1).map(({ system }) => system.base.task);
  const weak = groups.filter((group) => beatenBy(group, results) !== null);
  const said = (list: readonly Group[]) => list.map(onTask).join(', ');
  return [
    ...(costly.length ? [`Worse than unconstrained: ${said(costly)}.`] : []),
    ...(unproved.length ? [`Not stable, as their λ says: ${said(unproved)}.`] : []),
    ...(alone.length
      ? [`One seed each on ${[...new Set(alone)].join(' and ')}: differences there are within noise.`]
      : []),
    ...(weak.length ? [`No better than counting: ${said(weak)}.`] : []),
    ...searches.flatMap(({ system, search }) => {
      const best = winner(search, trainingsIn(results));
      const edges = best ? edgesOf(search, best.settings) : [];
      return edges.length
        ? [`${system.title}: chosen at the edge of what was searched: ${edges.join(', ')}.`]
        : [];
    }),
  ];
}

/** The strongest way of counting that is at least as good on test; null where there is none. */
function beatenBy(group: Group, results: Results<StabilityResult>): Baseline | null {
  const ours = spreadOf(testsOf(group)).ours ?? Infinity;
  const baselines = baselinesIn(results, baselineId(group.system.base.task));
  return baselines.find(({ test }) => test <= ours) ?? null;
}

function notesOn(
  groups: readonly Group[],
  searches: readonly Searched[],
  results: Results<StabilityResult>,
): string[] {
  const projections = groups.flatMap((group) => {
    const { stable, bounds } = group.variant.projection;
    if (stable === undefined) return [];
    const how = bounds
      ? `the bounds of the author's code, the forget gate's bias free`
      : `projected to λ = ${stable}`;
    return `${onTask(group)}: ${how}, after every step.`;
  });
  const searched = searches.map(({ system, search }) => {
    if (search.trials === 1) return `${system.title}. No search: the settings are the preset's.`;
    const best = winner(search, trainingsIn(results));
    const chosen = best ? `Chosen: ${settingsText(search, best.settings)}.` : 'No trial came to an end.';
    return `${system.title}. ${searchNotes(search)[0]} ${chosen}`;
  });
  return [
    'The unconstrained model is searched; the same settings are then trained with the projection on, as published.',
    'λ, ‖W_hh‖₂ and F (the most that a forget gate can be open) are those of the weights that were best on ' +
      'validation, of several seeds the one with the largest λ. Stable is what has λ < 1.',
    'Unigrams, bigrams and trigrams are counted on the training data that the models see (Witten & Bell 1991).',
    ...projections,
    'Parameters that are best on validation are measured on test, once.',
    ...searched,
  ];
}
