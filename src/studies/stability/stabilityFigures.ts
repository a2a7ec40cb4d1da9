// The pictures of study `stability`.

import type { Mark, Plot, Series } from '../../report/figure';
import { roundedRange } from '../../report/plotStyle';
import type { Baseline } from '../baselines';
import { groupName, isFree, testName, variantName, type Group } from './stabilityGroups';

const metricOf = (groups: readonly Group[]): string =>
  groups.flatMap(({ trained }) => trained)[0]?.metric ?? 'no measure';

/** A category for each row, a dot for each seed, a stroke for the published value. */
export function besidePublished(task: string, groups: readonly Group[]): Plot {
  const points = (wanted: (group: Group) => boolean) =>
    groups.flatMap((group, i) =>
      wanted(group) ? group.trained.flatMap(({ test }) => (test === null ? [] : [[i, test] as const])) : [],
    );
  const published = groups.flatMap(({ variant }, i) =>
    variant.published === null || variant.elsewhere ? [] : [[i, variant.published] as const],
  );
  const all = [...points(() => true), ...published].map(([, value]) => value);
  return {
    kind: 'plot',
    title: `${task}: beside the published numbers`,
    caption: 'A dot for each seed.',
    x: { name: '', categories: groups.map(groupName) },
    y: { name: `${metricOf(groups)}, ${testName(groups[0].system)}`, ...rangeAround(all) },
    series: [
      { name: 'unconstrained, ours', kind: 'dots', color: 0, points: points(isFree) },
      { name: 'with a projection, ours', kind: 'dots', color: 1, points: points((group) => !isFree(group)) },
      { name: 'published', kind: 'levels', color: 7, points: published },
    ],
  };
}

/** The values with a quarter of their range around them. */
function rangeAround(values: readonly number[]): { min: number; max: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.25 * (high - low), 0.02 * high);
  return roundedRange(low - room, high + room);
}

/** Validation while it was trained, of the first seed. */
export function curves(task: string, groups: readonly Group[], baselines: readonly Baseline[]): Plot {
  const shown = groups.filter(({ trained }) => trained.length > 0);
  const models = [...new Set(shown.map(({ system }) => system))];
  const series = shown.map((group): Series => {
    const { system, variant, trained } = group;
    const which = system.variants.indexOf(variant);
    return {
      name: models.length > 1 ? groupName(group) : variantName(group),
      points: trained[0].curve.map(({ step, value }) => [step, value] as const),
      color: models.indexOf(system) + (which > 1 ? 2 * which : 0),
      dashed: which > 0,
    };
  });
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const low = Math.min(...values);
  // The first validations would press the rest flat, and so would what counting unigrams comes to.
  const high = Math.min(Math.max(...values), low * 1.5);
  const marks = baselines.map(({ name, test }): Mark => ({ name: `${name}, test`, value: test }));
  const near = marks.filter(({ value }) => value <= high && value >= 0.8 * low);
  return {
    kind: 'plot',
    title: `${task}: validation during training`,
    caption: `Dashed curves: with a projection after every step.${marksCaption(marks, near)}`,
    x: { name: 'training step' },
    y: {
      name: `${metricOf(groups)}, validation`,
      ...roundedRange(Math.min(low, ...near.map(({ value }) => value)), high),
    },
    series,
    marks: near,
  };
}

/** What is not in the picture is said below it. */
function marksCaption(marks: readonly Mark[], shown: readonly Mark[]): string {
  const others = marks.filter((mark) => !shown.includes(mark));
  if (!others.length) return '';
  return ` Outside the picture: ${others.map(({ name, value }) => `${name}: ${value.toPrecision(4)}`).join('; ')}.`;
}
