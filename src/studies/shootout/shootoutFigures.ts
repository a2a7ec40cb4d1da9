// The pictures of study `shootout`.

import type { Figure, Panels, Plot } from '../../report/figure';
import type { Contest, Standing } from './shootoutStandings';

export const shootoutFigures = (contests: readonly Contest[]): Figure[] => [
  articlePicture(contests),
  ...contests.flatMap((contest) => [
    curves(contest),
    bars(contest, 'validation', contest.standings[0].result.metric, ({ result }) => result.valid),
    bars(contest, 'inputs that are enough', contest.arena.inputs, ({ enough }) => enough),
  ]),
];

/** The article at a glance: whatever the kind of a model, its curve is flat after a few inputs. */
function articlePicture(contests: readonly Contest[]): Panels {
  const panels = contests.map(panelOf);
  // Curves may leave the picture above; marks may not.
  const highest = Math.max(...panels.flatMap(({ tracks }) => tracks.map(({ mark }) => mark[1])));
  return {
    kind: 'panels',
    title: 'How many inputs a model needs to see',
    caption:
      'Each curve is a trained model that is shown only its last inputs: its loss, above the best of all models that ' +
      'see all. From its mark on, more inputs change it by less than 1 %. Rings: models that are kept stable.',
    y: { name: 'loss above the best', min: 0, max: 10 * Math.ceil(Math.max(2, highest / 8)) },
    kinds: ['recurrent', 'feed-forward'],
    panels,
  };
}

function panelOf({ arena, standings }: Contest): Panels['panels'][number] {
  const known = standings.filter(({ enough }) => enough !== null);
  const best = Math.min(...known.map(({ result }) => result.losses.at(-1)!));
  const above = (loss: number) => 100 * (loss / best - 1);
  return {
    title: arena.title,
    x: { name: `${arena.inputs} in sight`, min: 1, max: arena.sights.at(-1)! },
    tracks: known.map(({ entry: { contestant }, result, enough }) => ({
      name: contestant.title,
      points: arena.sights.map((k, i) => [k, above(result.losses[i])] as const),
      mark: [enough!, above(result.losses[arena.sights.indexOf(enough!)])] as const,
      kind: contestant.kind === 'recurrent' ? 0 : 1,
      hollow: contestant.stable !== undefined,
    })),
  };
}

/** A bar for each model, in the colour of its kind. */
function bars(
  { arena, standings }: Contest,
  what: string,
  unit: string,
  value: (standing: Standing) => number | null,
): Plot {
  const of = (kind: string) =>
    standings.flatMap((standing, i) => {
      const height = value(standing);
      return standing.entry.contestant.kind === kind && height !== null ? [[i, height] as const] : [];
    });
  return {
    kind: 'plot',
    title: `${arena.title}: ${what}`,
    x: { name: '', categories: standings.map(({ entry }) => entry.contestant.title) },
    y: { name: unit },
    series: ['recurrent', 'feed-forward'].map((kind, color) => ({
      ...{ name: kind, kind: 'bars', color, points: of(kind) },
    })),
  };
}

function curves({ arena, standings, target }: Contest): Plot {
  const models = [...new Set(standings.map(({ entry }) => entry.contestant.model))];
  return {
    kind: 'plot',
    title: `${arena.title}: validation by the time of training`,
    caption: 'Without the time of validations. Dashed: kept stable.',
    x: { name: 'seconds' },
    y: { name: `${standings[0].result.metric}, validation` },
    series: standings.map(({ entry: { contestant }, result: { curve, stepsPerSecond } }) => ({
      name: contestant.title,
      color: models.indexOf(contestant.model),
      dashed: contestant.stable !== undefined,
      points: stepsPerSecond ? curve.map(({ step, value }) => [step / stepsPerSecond, value] as const) : [],
    })),
    marks: [{ name: 'half of them reach', value: target }],
  };
}
