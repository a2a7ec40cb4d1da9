// A look: what of a model is measured for a picture, while it is trained. It records what it needs once.

import type { Engine, Readings, Step } from '../../../../src/gpu/engine';
import type { HostArray } from '../../../../src/graph/host';
import type { Settings } from '../../../../src/runs/settings';
import type { Program, Task } from '../../../../src/tasks/task';
import type { TaskData } from '../files';
import type { LookWish } from '../messages';
import type { Picture } from '../pictures';

/** A run whose model is looked at. */
export interface Stage {
  readonly engine: Engine;
  readonly task: Task;
  readonly program: Program;
  readonly settings: Settings;
  readonly data?: TaskData;
}

/** Looks at the model as it is behind a step. Changes nothing of the run: its bits are those without looks. */
export type Look = (step: number, controls: LookWish['controls']) => Promise<Picture>;

/** Asks a recorded function, whose kernels are compiled first without blocking: frames of the page wait for the others. */
export async function asked<R>(step: Step<R>, ...args: HostArray[]): Promise<Readings<R>> {
  await step.prepare(...args);
  return step(...args);
}

/** Prepares a look at the model of a run. */
export type MakeLook = (stage: Stage) => Look;
