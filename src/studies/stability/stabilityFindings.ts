// Table, pictures and words of study `stability`.

import type { Plot, Series } from '../../report/figure';
import type { System, Variant } from './stabilitySystems';
import type { Final } from './stability';
import type { Findings, Results, Row } from '../../runs/study';
import type { Trained } from '../../runs/training';

/** A system in one of its variants, with what its trainings came to, a seed each. */
interface Group {
  readonly system: System;
  readonly variant: Variant;
  /** `LSTM stable`. */
  readonly name: string;
  readonly trained: readonly Trained[];
}

export function stabilityFindings(
  systems: readonly System[],
  finalsOf: (system: System) => readonly Final[],
  results: Results<Trained>,
): Findings {
  const groups = systems.flatMap((system) => {
    const finals = finalsOf(system);
    return system.variants.map((variant): Group => {
      const mine = finals.filter((final) => final.variant === variant);
      const trained = mine.flatMap(({ cell }) => results.get(cell.id) ?? []);
      return { system, variant, name: `${system.base.model.toUpperCase()} ${variant.name}`, trained };
    });
  });
  const tasks = [...new Set(systems.map(({ base }) => base.task))];
  const figures = tasks.flatMap((task) => {
    const here = groups.filter(({ system }) => system.base.task === task);
    return [besidePublished(task, here), curves(task, here)];
  });
  return { remark: remarkOn(groups), rows: groups.map(rowOf), figures, notes: notesOn(groups) };
}

/** On test, the mean over the seeds; null where one of them diverged. */
function outcome({ trained }: Group): number | null {
  const tests = trained.map(({ test }) => test);
  if (!tests.length || tests.some((test) => test === null)) return null;
  return (tests as number[]).reduce((sum, test) => sum + test, 0) / tests.length;
}

const metricOf = (groups: readonly Group[]): string =>
  groups.flatMap(({ trained }) => trained)[0]?.metric ?? 'no measure';

function rowOf(group: Group): Row {
  const { system, variant, trained } = group;
  const { task, model } = system.base;
  const seeds = trained.length > 1 ? `, mean of ${trained.length} seeds` : '';
  return {
    ...{ model: model.toUpperCase(), task, setting: variant.name, metric: `${metricOf([group])}${seeds}` },
    ...{ ours: outcome(group), published: variant.published },
  };
}

/** A category for each row, a dot for each seed, a stroke for the published value. */
function besidePublished(task: string, groups: readonly Group[]): Plot {
  const points = (wanted: (group: Group) => boolean) =>
    groups.flatMap((group, i) =>
      wanted(group) ? group.trained.flatMap(({ test }) => (test === null ? [] : [[i, test] as const])) : [],
    );
  const published = groups.flatMap(({ variant }, i) =>
    variant.published === null ? [] : [[i, variant.published] as const],
  );
  const free = ({ system, variant }: Group) => variant === system.variants[0];
  const all = [...points(() => true), ...published].map(([, value]) => value);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.25 * (high - low), 0.02 * high);
  const step = 2 * 10 ** Math.floor(Math.log10(room));
  return {
    kind: 'plot',
    title: `${task}: beside the published numbers`,
    x: { name: '', categories: groups.map(({ name }) => name) },
    y: {
      name: `${metricOf(groups)}, test`,
      min: Math.floor((low - room) / step) * step,
      max: Math.ceil((high + room) / step) * step,
    },
    series: [
      { name: 'unconstrained, ours', kind: 'dots', color: 0, points: points(free) },
      { name: 'with a projection, ours', kind: 'dots', color: 1, points: points((group) => !free(group)) },
      { name: 'published', kind: 'levels', color: 7, points: published },
    ],
  };
}

/** Validation while it was trained, of the first seed. */
function curves(task: string, groups: readonly Group[]): Plot {
  const shown = groups.filter(({ trained }) => trained.length > 0);
  const models = [...new Set(shown.map(({ system }) => system))];
  const series = shown.map(({ system, variant, name, trained }): Series => {
    const points = trained[0].curve.map(({ step, value }) => [step, value] as const);
    const which = system.variants.indexOf(variant);
    return { name, points, color: models.indexOf(system) + (which > 1 ? 2 * which : 0), dashed: which > 0 };
  });
  const points = series.flatMap((one) => one.points);
  const low = Math.min(...points.map(([, value]) => value));
  // The first validations would press the rest flat.
  const high = Math.min(Math.max(...points.map(([, value]) => value)), low * 1.5);
  return {
    kind: 'plot',
    title: `${task}: validation during training`,
    caption: 'Dashed: with a projection after every step.',
    x: { name: 'training step', max: Math.max(...points.map(([step]) => step)) },
    y: {
      name: `${metricOf(groups)}, validation`,
      min: Number((0.98 * low).toPrecision(2)),
      max: Number(high.toPrecision(2)),
    },
    series,
  };
}

/** Differences below this share are none. */
const NOTHING = 0.005;

function remarkOn(groups: readonly Group[]): string {
  const words = groups.flatMap((group) => {
    const { system, variant } = group;
    if (variant === system.variants[0]) return [];
    const free = outcome(groups.find((one) => one.system === system && one.variant === system.variants[0])!);
    const ours = outcome(group);
    if (free === null || ours === null) return [`${group.name} on ${system.base.task}: no outcome`];
    const share = ours / free - 1;
    const size = `${free.toPrecision(4)} → ${ours.toPrecision(4)}`;
    const verdict = Math.abs(share) < NOTHING ? 'nothing is lost' : `${(100 * share).toFixed(1)} %`;
    return [`${group.name} on ${system.base.task}: ${verdict} (${size})`];
  });
  return `From unconstrained to projected, on test. ${words.join('; ')}.`;
}

const notesOn = (groups: readonly Group[]): string[] => [
  'The unconstrained model is searched; the same settings are then trained with the projection on, as published.',
  ...groups.flatMap(({ name, variant: { projection } }) => {
    const { stable, bounds } = projection;
    if (stable === undefined) return [];
    return `${name}: ${bounds ? `the bounds ${bounds}` : `λ = ${stable}`}, after every step.`;
  }),
  'Parameters that are best on validation are measured on test, once.',
];
