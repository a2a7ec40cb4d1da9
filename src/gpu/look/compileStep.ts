// The kernels of a step, compiled a few at once: who gives a step up waits for those under way, not for all of them.

import type { Variant } from '../../graph/kernel';
import type { Recordings, StepArgument } from '../recordings';
import { useTool, type Step } from '../step';

const navigator: { hardwareConcurrency?: number } | undefined = Reflect.get(globalThis, 'navigator');

/** So many: more would not be done sooner. */
const LANES = navigator?.hardwareConcurrency || 4;

/**
 * Records and compiles a step for arguments of these shapes, without running or blocking, as its `prepare` does; until
 * `ended` says that nobody waits for the rest.
 */
export const compileStep = (
  step: Pick<Step<unknown>, 'prepare'>,
  args: readonly StepArgument[],
  ended: () => boolean,
): Promise<void> => useTool('compileStep', step, (recordings) => compiled(recordings, args, ended), ...args);

async function compiled(
  recordings: Recordings,
  args: readonly StepArgument[],
  ended: () => boolean,
): Promise<void> {
  const { dispatches } = recordings.plan(args);
  const byCode = new Map(dispatches.map(({ variant }): [string, Variant] => [variant.code, variant]));
  // All lanes take from it.
  const left = byCode.values();
  const lane = async () => {
    for (const variant of left) if (!ended()) await recordings.place.counted.compile([variant]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (!ended()) await recordings.prepare(args);
}
