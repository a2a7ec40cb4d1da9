// Study `shootout`: the article in one table. Recurrent and feed-forward models of equal size on the same text, music
// and sound: how good they become, how fast they train and generate, and how many inputs they need to see.

import { shootoutFindings } from './shootoutFindings';
import { ARENAS, PLACES } from './shootoutArenas';
import { ENTRIES, cellId, ratesOf, trainingOf } from './shootoutModels';
import { fieldOf } from '../../nn/bodies';
import { speedsOf, type Speeds } from '../generation';
import { Pace } from '../pace';
import type { Cell, Context, Plan, Study } from '../../runs/study';
import { trainModel, type Trained, type Training } from '../../runs/training';
import { lossesInSight, placesIn, windowsAt } from '../windows';

export interface Settings {
  readonly training: Training;
  /** Numbers of inputs to be shown, at so many places of the validation split. */
  readonly sights: readonly number[];
  readonly places: number;
}

export interface Measured extends Trained {
  /** Null where there were too few steps to tell. */
  readonly stepsPerSecond: number | null;
  /** On validation, shown `sights` inputs; none of a training that diverged. */
  readonly losses: readonly number[];
  /** Of generation; none of a training that diverged. */
  readonly speeds: Speeds | null;
}

function cells(plan: Plan): Cell<Settings>[] {
  return ENTRIES.flatMap((entry) =>
    ratesOf(entry, plan.budget).map((rate) => ({
      id: cellId(entry, rate),
      settings: {
        training: trainingOf(entry, plan, rate),
        ...{ sights: entry.arena.sights, places: PLACES },
      },
    })),
  );
}

async function run({ id, settings }: Cell<Settings>, context: Context): Promise<Measured> {
  const { training, sights, places } = settings;
  const arena = ARENAS[id.split('/')[0]];
  const task = await context.task(training);
  const engine = await context.engine();
  // In its first epoch music meets all lengths that it has; the segments of a text are all alike.
  const pace = new Pace(training.task === 'jsb' ? task.stepsPerEpoch! : 2);
  const progress: Context['progress'] = (share, now) => context.progress(0.8 * share, now);
  const surroundings = { ...context, task: async () => task, progress };
  const { trained, outcome } = await trainModel(training, surroundings, (state) => pace.see(state));
  const measured = { ...trained, stepsPerSecond: pace.stepsPerSecond };
  if (!outcome) return { ...measured, losses: [], speeds: null };
  const { model } = outcome;
  const chosen = placesIn(validation(task), sights.at(-1)! - 1, places);
  const loss = arena.windowLoss(model, task);
  const losses = await lossesInSight(engine, loss, chosen, sights, (part) =>
    context.progress(0.8 + 0.2 * part, `in sight: ${sights[Math.floor(part * sights.length)]}`),
  );
  const visible = Math.min(fieldOf(training), sights.at(-1)!);
  const speeds = await speedsOf(engine, model, windowsAt(chosen.slice(0, 1), visible)[0]);
  return { ...measured, losses, speeds };
}

const words = ({ valid, metric, stepsPerSecond }: Measured): string =>
  valid === null
    ? 'diverged'
    : `${valid.toPrecision(4)} ${metric}, ${stepsPerSecond?.toPrecision(3)} steps/s`;

export const shootout: Study<Settings, Measured> = {
  name: 'shootout',
  title: 'Recurrent and feed-forward, side by side',
  claim:
    'feed-forward models are as good as recurrent ones of their size, and neither kind uses more than a short past',
  source: 'J. Miller, "When Recurrent Models Don’t Need to be Recurrent" (2018)',
  tasks: () => Object.values(ARENAS).map(({ task }) => task),
  cells,
  run,
  words,
  findings: shootoutFindings,
};
