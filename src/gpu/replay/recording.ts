// A recording: what a step's function became for one set of shapes.

import { makePlan } from '../../plan/makePlan';
import type { Plan, Wanted } from '../../plan/plan';
import { checkEnough, checkUsed, outputsOf, type Result } from '../../plan/result';
import { onTape, type Aside } from '../../graph/tape';
import { Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';
import { dtypeOfGiven, type Given } from './gpuArray';
import type { Reading } from './reading';
import type { Replay } from './replay';

/** What a step's function became for one set of shapes. */
export interface Recording {
  readonly wanted: Wanted;
  plan: Plan;
  /** The readings of its results in the shape that the function gave them. */
  readonly shapeOf: (readings: readonly Reading[]) => unknown;
  /** Who hears of its runs: what they want to know are its last outputs. */
  readonly asides: readonly Aside[];
  /** How often it has run. */
  runs: number;
  replay?: Replay;
  /** The same for commands of others, see `encode`. */
  apart?: Replay;
  /** When it was asked for last, counted in askings. */
  used: number;
  /** How many are at work with it and will be for a while. */
  busy: number;
}

/** What is recorded, and how. */
export interface Recordable {
  readonly body: (...args: readonly Tensor[]) => Result;
  readonly training: boolean;
}

/** Runs the function once, on placeholders of these arguments' shapes. */
export function record({ body, training }: Recordable, args: readonly Given[], traits: Traits): Recording {
  const inputs = args.map((given, i) => {
    const name = `argument ${i + 1}`;
    return new Tensor([...given.shape], dtypeOfGiven(given), { kind: 'input', name });
  });
  checkEnough(body, inputs.length);
  const { result, tape } = onTape(training, () => body(...inputs));
  const { outputs, shapeOf } = outputsOf<Reading>(result);
  const { effects, asides } = tape;
  const wanted = { inputs, outputs: [...outputs, ...asides.map(({ x }) => x)], effects };
  checkUsed(body, wanted);
  return { wanted, plan: makePlan(wanted, traits), shapeOf, asides, runs: 0, used: 0, busy: 0 };
}

/** Keeps a recording from being freed meanwhile. */
export async function whileBusy<T>(recording: Recording, body: () => Promise<T>): Promise<T> {
  recording.busy++;
  try {
    return await body();
  } finally {
    recording.busy--;
  }
}

/** Gives back what a recording holds on the device; it is made anew when the recording runs again. */
export function forget(recording: Recording): void {
  recording.replay?.destroy();
  recording.apart?.destroy();
  recording.replay = recording.apart = undefined;
}
