// Study `shootout`: the article in one table. Recurrent and feed-forward models of equal size on the same text, music
// and sound: how good they become, how fast they train and generate, and how many inputs they need to see.

import { isBaseline, runBaselines } from '../baselines';
import { fieldOf } from '../../models/modelSpec';
import { speedsOf } from '../generation';
import { Pace } from '../pace';
import { arenasOf, windowLossOf, type Arena } from './shootoutArenas';
import { cellsOf } from './shootoutCells';
import type { ShootoutResult, ShootoutSettings } from './shootoutResult';
import { shootoutFindings } from './shootoutFindings';
import type { ShootoutTrained, ShootoutTraining } from './shootoutResult';
import type { Context, Study } from '../../runs/study';
import { TABLES, type Tables } from '../../runs/tables';
import { train, trainModel } from '../../runs/training';
import { placesIn } from '../places';
import { lossesInSight, sequencesOf, windowsAt } from '../windows';

async function contest(
  arena: Arena,
  { training, sights, places }: ShootoutTraining,
  context: Context,
  { models }: Tables,
): Promise<ShootoutTrained> {
  const task = await context.task(training);
  const engine = await context.engine();
  // In its first epoch music meets all lengths that it has; the segments of a text are all alike.
  const pace = new Pace(arena.spec.kind === 'music' ? task.stepsPerEpoch! : 2);
  const progress: Context['progress'] = (share, now) => context.progress(0.8 * share, now);
  const surroundings = { ...context, task: async () => task, progress };
  const { trained, outcome } = await trainModel(training, surroundings, (state) => pace.see(state));
  const measured = { ...trained, stepsPerSecond: pace.stepsPerSecond };
  if (!outcome) return { ...measured, losses: [], speeds: null };
  const { model } = outcome;
  const chosen = placesIn(sequencesOf(task, [...task.batches('valid')]), sights.at(-1)! - 1, places);
  const loss = windowLossOf(arena, model, task);
  const losses = await lossesInSight(engine, loss, chosen, sights, (part) =>
    context.progress(0.8 + 0.2 * part, `in sight: ${sights[Math.floor(part * sights.length)]}`),
  );
  const visible = Math.min(fieldOf(training, models), sights.at(-1)!);
  const speeds = await speedsOf(engine, model, windowsAt(chosen.slice(0, 1), visible)[0]);
  return { ...measured, losses, speeds };
}

function words(result: ShootoutResult): string {
  if ('baselines' in result) return 'counted';
  const { valid, metric } = result;
  if (valid === null) return 'diverged';
  const speed = 'stepsPerSecond' in result ? `, ${result.stepsPerSecond?.toPrecision(3)} steps/s` : '';
  return `${valid.toPrecision(4)} ${metric}${speed}`;
}

/** The study of the models and tasks of these tables. */
export function shootoutOf(tables: Tables): Study<ShootoutSettings, ShootoutResult> {
  const arenas = arenasOf(tables);
  return {
    name: 'shootout',
    title: 'Recurrent and feed-forward, side by side',
    claim:
      'feed-forward models are as good as recurrent ones of their size, and neither kind uses more than a short past',
    source: 'J. Miller, "When Recurrent Models Don’t Need to be Recurrent" (2018)',
    tasks: (setup) => arenasOf(tables, setup).map(({ task }) => task),
    divides: true,
    reseeds: true,
    cells: (setup, results) => cellsOf(setup, results, tables),
    async run({ id, settings }, context) {
      if (isBaseline(settings)) return runBaselines(settings, context);
      if ('pilot' in settings) return train(settings.pilot, context);
      const arena = arenas.find(({ name }) => name === id.split('/')[0])!;
      return contest(arena, settings, context, tables);
    },
    words,
    findings: (setup, results) => shootoutFindings(setup, results, tables),
  };
}

/** The study of our tables. */
export const shootout = shootoutOf(TABLES);
