// Measures the ways that a step's launches could take, all launches with their first way, all with their second, and
// so on: one run of the whole step times every launch at once.

import { makePlan } from '../../plan/makePlan';
import type { Plan, Wanted } from '../../plan/plan';
import { TRIALS, type TunedTraits } from '../../graph/tuning';
import type { Buffers } from '../device/buffers';
import type { CountedDevice } from '../device/device';
import type { Given } from '../replay/gpuArray';
import { launchTimes } from './profile';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';

export interface Tunable {
  readonly wanted: Wanted;
  readonly args: readonly Given[];
  readonly traits: TunedTraits;
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
}

const ROUNDS = 5;

/** Teaches `traits.tuning` which ways are the fastest for this step, on copies of its states. */
export async function tune({ wanted, args, traits, counted, buffers }: Tunable): Promise<void> {
  const { tuning } = traits;
  const times = new Map<string, Map<string, number>>();
  const replays: Replay[] = [];
  const copies = new StateCopies(counted, buffers);
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      tuning.trial = trial;
      const plan = makePlan(wanted, traits);
      await counted.compile(plan.dispatches.map(({ variant }) => variant));
      replays.push(new Replay(plan, { counted, buffers, copies }));
    }
    // In turns: a machine that grows slower for a while is slower for all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const replay of replays) {
        replay.upload(args);
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

function note(plan: Plan, ms: readonly number[], times: Map<string, Map<string, number>>): void {
  const sums = new Map<string, { key: string; id: string; sum: number }>();
  plan.dispatches.forEach(({ choice }, i) => {
    if (!choice) return;
    const name = `${choice.key} ${choice.id}`;
    const { sum } = sums.get(name) ?? { sum: 0 };
    sums.set(name, { ...choice, sum: sum + ms[i] });
  });
  for (const { key, id, sum } of sums.values()) {
    const ways = times.get(key) ?? new Map<string, number>();
    ways.set(id, Math.min(sum, ways.get(id) ?? Infinity));
    times.set(key, ways);
  }
}
