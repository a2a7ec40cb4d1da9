// The pictures of study `shootout`.

import type { Figure, Panels, Plot } from '../../report/figure';
import type { Contest, Standing } from './shootoutStandings';

/** The pictures of the study. */
export const shootoutFigures = (contests: readonly Contest[]): Figure[] => [
  articlePicture(contests),
  ...contests.flatMap((contest) => [
    curves(contest),
    bars(contest, 'test', contest.standings[0].result.metric, ({ test }) => test),
  ]),
];

/** The article at a glance: whatever the kind of a model, its curve is flat after a few inputs. */
function articlePicture(contests: readonly Contest[]): Panels {
  const panels = contests.map(panelOf);
  // Curves may leave the picture above; where they end may not.
  const ends = panels.flatMap(({ tracks }) => tracks.map(({ points }) => points.at(-1)![1]));
  const [lowest, highest] = [Math.min(0, ...ends), Math.max(20, ...ends)];
  return {
    kind: 'panels',
    title: 'How many inputs a model needs to see',
    caption:
      'Each curve is a trained model that is shown only its last inputs: its loss, above the best of all models that ' +
      'see all. From its mark on, more inputs change it by less than 1 %; a model that is no better than counting ' +
      'has none. Rings: models that are kept stable. Dashed: counting.',
    y: {
      name: 'loss above the best',
      min: 10 * Math.floor(lowest / 10),
      max: 10 * Math.ceil((1.1 * highest) / 10),
    },
    kinds: ['recurrent', 'feed-forward', 'counting'],
    panels,
  };
}

function panelOf({ arena, standings, baselines }: Contest): Panels['panels'][number] {
  const finished = standings.filter(({ losses }) => losses.length);
  const best = Math.min(...finished.map(({ losses }) => losses.at(-1)!));
  const above = (loss: number) => 100 * (loss / best - 1);
  const [left, right] = [1, arena.sights.at(-1)!];
  const counted = [...baselines].sort((a, b) => a.test - b.test)[0];
  return {
    title: arena.title,
    x: { name: `${arena.inputs} in sight`, min: left, max: right },
    tracks: [
      ...finished.map(({ entry: { contestant }, losses, enough }) => ({
        name: contestant.title,
        points: arena.sights.map((k, i) => [k, above(losses[i])] as const),
        ...(enough === null ? {} : { mark: [enough, above(losses[arena.sights.indexOf(enough)])] as const }),
        kind: contestant.kind === 'recurrent' ? 0 : 1,
        hollow: contestant.stable !== undefined,
      })),
      ...(counted?.placed === undefined
        ? []
        : [
            {
              name: counted.name.split(',')[0],
              points: [left, right].map((x) => [x, above(counted.placed!)] as const),
              kind: 2,
              dashed: true,
            },
          ]),
    ],
  };
}

/** A bar for each model, in the colour of its kind. */
function bars(
  { arena, standings, baselines }: Contest,
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
      name: kind,
      kind: 'bars',
      color,
      points: of(kind),
    })),
    marks: baselines.map(({ name, test }) => ({ name: name.split(',')[0], value: test })),
  };
}

function curves({ arena, standings, target, baselines }: Contest): Plot {
  const counted = baselines
    .slice(1)
    .map(({ name, test }) => ({ name: `${name.split(',')[0]}, test`, value: test }));
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
    marks: [{ name: 'half of them reach', value: target }, ...counted],
  };
}
