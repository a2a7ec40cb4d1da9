// How fast a trained model writes: one input after the other, of one sequence, up to the logits of what comes next.
// Step by step it carries what it needs of the past; naively it reads all that it can see again, for every step.

import type { Engine, Step } from '../gpu/engine';
import { timeStep } from '../gpu/look/profile';
import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { Module } from '../nn/module';
import { Memory, goesStepwise } from '../nn/stepwise';
import { slice } from '../ops/layout/view';

/** How many steps a second a model makes. */
export interface Speeds {
  /** Steps per second. */
  readonly stepwise: number;
  /** The same with all that is in sight read again for each. */
  readonly naive: number;
}

/** What is measured at least: shorter is mostly noise. */
const ENOUGH_MS = 150;
const MOST_TIMES = 256;

/** `window`: the inputs [1, k, ...] that the model must see; one of sound is told nothing else. */
export async function speedsOf(engine: Engine, model: Module, window: HostArray): Promise<Speeds> {
  if (!goesStepwise(model)) return fail(`${model.constructor.name} has no way to go step by step.`);
  const memory = new Memory(1);
  const next = model.stepper(memory);
  const step = engine.record((x: Tensor) => {
    const y = next(x);
    memory.advance();
    return y;
  });
  engine.record(() => memory.prepare())();
  const whole = engine.record((x: Tensor) => slice(model.forward(x), 1, -1));
  // A Transformer has as many positions as a sequence has steps.
  const most = Math.min(MOST_TIMES, memory.limit - 1);
  const stepwise = await timesPerSecond(step, lastOf(window), most);
  return { stepwise, naive: await timesPerSecond(whole, window, MOST_TIMES) };
}

function lastOf({ shape: [, k, ...rest], data }: HostArray): HostArray {
  return { shape: [1, 1, ...rest], data: data.subarray((data.length / k) * (k - 1)) };
}

async function timesPerSecond(step: Step<Tensor>, x: HostArray, most: number): Promise<number> {
  // The first is for what is only done once.
  await timeStep(step, 1, x);
  for (let times = 1, taken = 1; ;) {
    const milliseconds = await timeStep(step, times, x);
    taken += times;
    const more = Math.min(times * 4, most - taken);
    if (milliseconds > ENOUGH_MS || more <= times) return (1000 * times) / milliseconds;
    times = more;
  }
}
