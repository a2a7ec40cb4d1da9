// Measures the ways that a step's launches could take, all launches with their first way, all with their second, and
// so on: one run of the whole step times every launch at once.

import { TRIALS, Tuning } from '../../graph/tuning';
import type { Tensor } from '../../graph/tensor';
import { makePlan } from '../../plan/makePlan';
import type { Plan, Wanted } from '../../plan/plan';
import type { Given } from '../replay/gpuArray';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';
import { useTool, type Arguments, type Step } from '../step';
import type { Workplace } from '../workplace';
import { launchTimes } from './profile';
import { upload } from './rehearse';

const ROUNDS = 5;

/**
 * Measures other ways for a step's launches to do the same work. From then on the step takes the fastest, as does every
 * recording that its engine makes later. Takes as long as compiling a few more kernels for each launch. Changes no
 * state, no count and no random draw.
 */
export async function tuneStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  ...args: Arguments<P>
): Promise<void> {
  return useTool('tuneStep', step, async (recordings) => {
    const { args: checked, recording } = recordings.asked(args);
    const tuning = (recordings.place.traits.tuning ??= new Tuning());
    await measure(tuning, recordings.place, recording.wanted, checked);
    recordings.replan();
  });
}

/** Teaches `tuning` which ways are the fastest for this step, on copies of its states. */
async function measure(
  tuning: Tuning,
  { traits, counted, buffers }: Workplace,
  wanted: Wanted,
  args: readonly Given[],
): Promise<void> {
  const times = new Map<string, Map<string, number>>();
  const replays: Replay[] = [];
  const copies = new StateCopies(counted, buffers);
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      tuning.trial = trial;
      const plan = makePlan(wanted, traits);
      await counted.compile(plan.dispatches.map(({ variant }) => variant));
      replays.push(new Replay(plan, { counted, buffers, standIns: copies.of(plan) }));
    }
    // In turns: a machine that grows slower for a while is slower for all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const replay of replays) {
        upload(replay, args);
        note(replay.plan, await launchTimes(replay, counted), times);
      }
    }
  } finally {
    tuning.trial = null;
    replays.forEach((replay) => replay.destroy());
    copies.destroy();
    await counted.settle();
  }
  tuning.learn(times);
}

/** Keeps the least that each way took in a round, all launches of a key together. */
function note(plan: Plan, ms: readonly number[], times: Map<string, Map<string, number>>): void {
  const sums = new Map<string, Map<string, number>>();
  plan.dispatches.forEach(({ choice }, i) => {
    if (!choice) return;
    const ways = sums.get(choice.key) ?? new Map<string, number>();
    sums.set(choice.key, ways.set(choice.id, (ways.get(choice.id) ?? 0) + ms[i]));
  });
  for (const [key, ways] of sums) {
    const least = times.get(key) ?? new Map<string, number>();
    for (const [id, sum] of ways) least.set(id, Math.min(sum, least.get(id) ?? Infinity));
    times.set(key, least);
  }
}
