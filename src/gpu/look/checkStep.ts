// `step.check`: the step once more, every op by itself and every tensor looked at, on copies of the states.

import { inspect, type StepCheck } from '../../plan/inspect';
import { makePlan } from '../../plan/makePlan';
import type { Wanted } from '../../plan/plan';
import type { TunedTraits } from '../../graph/tuning';
import type { Buffers } from '../device/buffers';
import type { CountedDevice } from '../device/device';
import type { Given } from '../replay/gpuArray';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';

/** Where it runs. */
export interface CheckPlace {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  readonly traits: TunedTraits;
}

export async function checkStep(
  { counted, buffers, traits }: CheckPlace,
  step: Wanted,
  args: readonly Given[],
): Promise<StepCheck> {
  const { wanted, found } = inspect(step);
  const copies = new StateCopies(counted, buffers);
  let replay: Replay | undefined;
  try {
    const plan = makePlan(wanted, { ...traits, chains: false });
    counted.guard('check', () => (replay = new Replay(plan, { counted, buffers, copies })));
    return found(await Promise.all(replay!.peek(args).map((reading) => reading.read())));
  } finally {
    replay?.destroy();
    copies.destroy();
    await counted.settle();
  }
}
