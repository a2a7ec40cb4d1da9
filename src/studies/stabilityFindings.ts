// Table, pictures and words of study `stability`.

import type { Plot, Series } from './figure';
import type { System } from './stabilitySystems';
import type { Final } from './stability';
import type { Findings, Results, Row } from './study';
import type { Trained } from './training';

type FinalsOf = (system: System) => readonly Final[];

export function stabilityFindings(
  systems: readonly System[],
  finalsOf: FinalsOf,
  results: Results<Trained>,
): Findings {
  const rows = systems.flatMap((system) =>
    [false, true].map((stable) => rowOf(system, stable, finalsOf, results)),
  );
  const tasks = [...new Set(systems.map(({ base }) => base.task))];
  const figures = tasks.flatMap((task) => {
    const here = systems.filter(({ base }) => base.task === task);
    return [besidePublished(here, finalsOf, results), curves(here, finalsOf, results)];
  });
  return { remark: remarkOn(systems, rows), rows, figures, notes: notesOn(systems) };
}

/** What the table and the pictures call a kind of training. */
const kindOf = (stable: boolean) => (stable ? 'stable' : 'unconstrained');

function trained(system: System, stable: boolean, finalsOf: FinalsOf, results: Results<Trained>): Trained[] {
  const mine = finalsOf(system).filter((final) => final.stable === stable);
  return mine.flatMap(({ cell }) => results.get(cell.id) ?? []);
}

function rowOf(system: System, stable: boolean, finalsOf: FinalsOf, results: Results<Trained>): Row {
  const all = trained(system, stable, finalsOf, results);
  const tests = all.map(({ test }) => test);
  const seeds = tests.length > 1 ? `, mean of ${tests.length} seeds` : '';
  const { base, published } = system;
  return {
    model: base.model.toUpperCase(),
    task: base.task,
    setting: kindOf(stable),
    metric: `${all[0]?.metric ?? 'test'}${seeds}`,
    ours: tests.length && tests.every((test) => test !== null) ? mean(tests as number[]) : null,
    published: stable ? published.stable : published.free,
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A category for each row, a dot for each seed, a stroke for the published value. */
function besidePublished(systems: readonly System[], finalsOf: FinalsOf, results: Results<Trained>): Plot {
  const groups = systems.flatMap((system) => [false, true].map((stable) => ({ system, stable })));
  const values = groups.map(({ system, stable }) =>
    trained(system, stable, finalsOf, results).flatMap(({ test }) => test ?? []),
  );
  const published = groups.map(({ system, stable }) =>
    stable ? system.published.stable : system.published.free,
  );
  const all = [...values.flat(), ...published];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(0.25 * (high - low), 0.02 * high);
  const step = 10 ** Math.floor(Math.log10(room));
  const metric = trained(systems[0], false, finalsOf, results)[0]?.metric ?? '';
  const dots = (stable: boolean): Series => ({
    name: `${kindOf(stable)}, ours`,
    kind: 'dots',
    color: stable ? 1 : 0,
    points: groups.flatMap((group, i) =>
      group.stable === stable ? values[i].map((v): [number, number] => [i, v]) : [],
    ),
  });
  return {
    kind: 'plot',
    title: `${systems[0].base.task}: beside the published numbers`,
    x: {
      name: '',
      categories: groups.map(({ system, stable }) => `${system.base.model.toUpperCase()} ${kindOf(stable)}`),
    },
    y: {
      name: `${metric}, test`,
      min: Math.floor((low - room) / step) * step,
      max: Math.ceil((high + room) / step) * step,
    },
    series: [
      dots(false),
      dots(true),
      { name: 'published', kind: 'levels', color: 7, points: published.map((v, i) => [i, v]) },
    ],
  };
}

/** Validation while it was trained, of the first seed. */
function curves(systems: readonly System[], finalsOf: FinalsOf, results: Results<Trained>): Plot {
  const lines = systems.flatMap((system, i) =>
    [false, true].flatMap((stable): (Series & { metric: string })[] => {
      const [first] = trained(system, stable, finalsOf, results);
      if (!first) return [];
      const points = first.curve.map(({ step, value }) => [step, value] as const);
      const name = `${system.base.model.toUpperCase()} ${kindOf(stable)}`;
      return [{ name, points, color: i, dashed: stable, metric: first.metric }];
    }),
  );
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const low = Math.min(...values);
  // The first validations would press the rest flat.
  const high = Math.min(Math.max(...values), low * 1.5);
  return {
    kind: 'plot',
    title: `${systems[0].base.task}: validation during training`,
    caption: 'Dashed: with the projection after every step.',
    x: { name: 'training step' },
    y: {
      name: `${lines[0]?.metric ?? ''}, validation`,
      min: Number((0.98 * low).toPrecision(2)),
      max: Number(high.toPrecision(2)),
    },
    series: lines,
  };
}

function remarkOn(systems: readonly System[], rows: readonly Row[]): string {
  const words = systems.map(({ title }, i) => {
    const [free, stable] = [rows[2 * i], rows[2 * i + 1]];
    if (free.ours === null || stable.ours === null) return `${title}: not all trainings came to an end`;
    const change = stable.ours - free.ours;
    const share = Math.abs(change / free.ours);
    const size = `${free.ours.toPrecision(4)} → ${stable.ours.toPrecision(4)}`;
    return `${title}: ${share < 0.005 ? 'nothing is lost' : change > 0 ? 'something is lost' : 'something is gained'} (${size})`;
  });
  return `From unconstrained to stable, on test. ${words.join('; ')}.`;
}

const notesOn = (systems: readonly System[]): string[] => [
  'The unconstrained model is searched; the same settings are then trained with the projection on, as published.',
  ...systems.map(
    ({ title, projection: { stable, bounds } }) =>
      `${title}, stable: ${bounds ? `the published bounds ${bounds}` : `λ = ${stable}`}, after every step.`,
  ),
  'Parameters that are best on validation are measured on test, once.',
];
