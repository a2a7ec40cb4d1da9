// The step once more, every op by itself and every tensor looked at, on copies of the states.

import type { Tensor } from '../../graph/tensor';
import { inspect, type StepCheck } from '../../plan/inspect';
import { makePlan } from '../../plan/makePlan';
import type { Wanted } from '../../plan/plan';
import type { Given } from '../replay/gpuArray';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';
import { whileBusy } from '../replay/recording';
import { useTool, type Arguments, type Step } from '../step';
import type { Workplace } from '../workplace';
import { upload } from './rehearse';

/**
 * Runs every op of the step by itself and names the first whose result is not finite: its line, the range of what it
 * made and of what it was given. An infinity that is meant, as in a mask, is named too. Changes no state, no count and
 * no random draw.
 */
export async function checkStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  ...args: Arguments<P>
): Promise<StepCheck> {
  return useTool('checkStep', step, (recordings) => {
    const { args: checked, recording } = recordings.asked(args);
    return whileBusy(recording, () => inspected(recordings.place, recording.wanted, checked));
  });
}

async function inspected(
  { counted, buffers, traits }: Workplace,
  step: Wanted,
  args: readonly Given[],
): Promise<StepCheck> {
  const { wanted, found } = inspect(step);
  const copies = new StateCopies(counted, buffers);
  let replay: Replay | undefined;
  try {
    const plan = makePlan(wanted, { ...traits, chains: false });
    counted.guard(
      'checkStep',
      () => (replay = new Replay(plan, { counted, buffers, standIns: copies.of(plan) })),
    );
    upload(replay!, args);
    const encoder = counted.device.createCommandEncoder();
    replay!.encodeAll(encoder, 1);
    return found(await Promise.all(replay!.finish(encoder).map((reading) => reading.read())));
  } finally {
    replay?.destroy();
    copies.destroy();
    await counted.settle();
  }
}
