// Measures the ways that launches could take: all launches of a plan with their first way, all with their second, and
// so on. One run of the whole plan times every launch at once.

import { Tuning } from '../../graph/tuning';
import { makePlan } from '../../plan/makePlan';
import type { Plan, Wanted } from '../../plan/plan';
import type { Given } from '../replay/gpuArray';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';
import type { Workplace } from '../workplace';
import { launchTimes } from './profile';
import { upload } from './rehearse';
import { least, sweep, type Patience, type Run, type Swept } from './sweep';

/** What is measured: what it computes, of which arguments, and of each launch at most so many ways. */
export interface Measured {
  readonly wanted: Wanted;
  readonly args: readonly Given[];
  readonly most: number;
  /** The way that is tried behind the likeliest one, where there is one of that name. */
  readonly next?: string;
}

/** Measures, on copies of states, and teaches the place's tuning which ways are the fastest. */
export async function measureWays(
  place: Workplace,
  { wanted, args, most, next }: Measured,
  patience: Patience,
): Promise<Swept> {
  const { traits, counted, buffers } = place;
  const tuning = (traits.tuning ??= new Tuning());
  const replays: Replay[] = [];
  const copies = new StateCopies(counted, buffers);
  const planned = (trial: number): Plan => {
    tuning.trial = trial;
    return makePlan(wanted, traits);
  };
  try {
    const first = planned(0);
    const lists = first.dispatches.map(({ choice }) => choice?.ways ?? []);
    const count = Math.min(most, Math.max(1, ...lists.map(({ length }) => length)));
    const early = Math.max(0, ...lists.map((ways) => (next === undefined ? 0 : ways.indexOf(next))));
    const swept = await sweep(
      {
        count,
        async prepare(trial) {
          const plan = trial ? await fitting(place, () => planned(inOrder(trial, early))) : first;
          await counted.compile(plan.dispatches.map(({ variant }) => variant));
          replays.push(new Replay(plan, { counted, buffers, standIns: copies.of(plan) }));
        },
        async time(trial) {
          const replay = replays[trial];
          upload(replay, args);
          return timesOf(replay.plan, await launchTimes(replay, counted));
        },
      },
      patience,
    );
    tuning.learn(leastOf(swept));
    return swept;
  } finally {
    tuning.trial = null;
    replays.forEach((replay) => replay.destroy());
    copies.destroy();
    await counted.settle();
  }
}

/** A plan all of whose ways compile on this adapter; those that do not are told, and left out from then on. */
async function fitting({ counted, traits, log }: Workplace, planned: () => Plan): Promise<Plan> {
  for (;;) {
    const plan = planned();
    const compiling = plan.dispatches.map(({ variant }) => counted.compile([variant]));
    const unfit = (await Promise.allSettled(compiling)).flatMap((end, i) => {
      const { choice, label } = plan.dispatches[i];
      // The first way is what the step itself runs: what is wrong with it is no matter of tuning.
      if (end.status === 'fulfilled' || !choice || choice.id === choice.ways![0]) return [];
      return [{ choice, label, why: end.reason as unknown }];
    });
    for (const { choice, label, why } of unfit) {
      traits.tuning!.leaveOut(choice);
      log(`tuning: ${label} cannot run as ${choice.id} here, which is left out: ${String(why)}`);
    }
    if (!unfit.length) return plan;
  }
}

/** Which way the trial takes where way `early` comes behind the first one. */
const inOrder = (trial: number, early: number): number =>
  trial === 1 && early ? early : trial > 1 && trial <= early ? trial - 1 : trial;

/** All launches of a class together. */
function timesOf(plan: Plan, ms: readonly number[]): Run {
  const sums = new Map<string, Map<string, number>>();
  plan.dispatches.forEach(({ choice }, i) => {
    if (!choice) return;
    const ways = sums.get(choice.key) ?? new Map<string, number>();
    sums.set(choice.key, ways.set(choice.id, (ways.get(choice.id) ?? 0) + ms[i]));
  });
  return sums;
}

const leastOf = ({ samples }: Swept): Map<string, Map<string, number>> =>
  new Map(
    [...samples].map(([key, ways]) => [key, new Map([...ways].map(([id, ms]) => [id, least(ms)] as const))]),
  );
