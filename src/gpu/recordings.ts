// The recordings of a step: what its function became for each set of shapes, and what can be done with them.

import { callerLine, check, fail, hereStack, shapeText } from '../graph/check';
import { hostArray, type Argument } from '../graph/host';
import { makePlan, statesWritten, type Plan, type Wanted } from '../graph/plan';
import { checkEnough, checkUsed, outputsOf, type Result } from '../graph/result';
import { onTape } from '../graph/tape';
import { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import type { Tuning } from '../graph/tuning';
import type { Buffers } from './buffers';
import type { CountedDevice } from './device';
import { GpuArray, dtypeOfGiven, type Given } from './gpuArray';
import type { Parcels } from './parcels';
import { profile, timeReplays, type Profile } from './profile';
import type { Reading } from './reading';
import { repeat } from './repeat';
import { Replay } from './replay';
import { Rings } from './rings';
import { StateCopies } from './stateCopies';
import { tune } from './tune';

/** What a step needs of its engine. */
export interface Workplace {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  readonly traits: Traits & { readonly tuning: Tuning };
  /** Recordings that a step keeps: one for each set of shapes. */
  readonly mostRecordings: number;
  /** For steps in the commands of others. */
  readonly parcels: Parcels;
}

/** An argument of a step. */
export type StepArgument = Argument | GpuArray;

const checked = (value: StepArgument, i: number): Given =>
  value instanceof GpuArray ? value : hostArray(value, i);

/** What became of a function for one set of shapes. */
interface Recording {
  readonly wanted: Wanted;
  plan: Plan;
  readonly shapeOf: (readings: readonly Reading[]) => unknown;
  replay?: Replay;
  /** The same for commands of others, see `encode`. */
  apart?: Replay;
  /** When it was asked for last, counted in askings. */
  used: number;
  /** How many are at work with it and will be for a while. */
  busy: number;
}

/** A recording that can run, and the arguments for it. */
interface Ready {
  readonly args: readonly Given[];
  readonly recording: Recording;
  readonly replay: Replay;
}

/** The recordings of one function, by the shapes of its arguments. */
export class Recordings {
  private readonly byShapes = new Map<string, Recording>();
  private readonly rings: Rings;
  private askings = 0;
  private destroyed = false;

  constructor(
    private readonly place: Workplace,
    private readonly body: (...args: readonly Tensor[]) => Result,
    private readonly training: boolean,
  ) {
    this.rings = new Rings(place.buffers);
  }

  call(given: readonly StepArgument[]): unknown {
    const { args, replay, recording } = this.ready(given);
    let readings: readonly Reading[] = [];
    // Only a first replay can be invalid; it is checked launch by launch under its name.
    if (replay.generation) readings = replay.run(args);
    else this.place.counted.guard('first replay', () => (readings = replay.run(args)));
    return recording.shapeOf(readings);
  }

  encode(encoder: GPUCommandEncoder, given: readonly StepArgument[]): unknown {
    const { args, recording } = this.asked(given);
    const { place, rings } = this;
    if (!recording.apart) {
      const make = () => (recording.apart = new Replay(recording.plan, { ...place, rings, apart: true }));
      place.counted.guard('recording', make);
    }
    return recording.shapeOf(recording.apart!.encodeInto(encoder, args, place.parcels));
  }

  async prepare(given: readonly StepArgument[]): Promise<void> {
    const { recording } = this.asked(given);
    await this.place.counted.compile(recording.plan.dispatches.map(({ variant }) => variant));
    this.replayOf(recording);
  }

  plan(given: readonly StepArgument[]): Plan {
    return this.asked(given).recording.plan;
  }

  profile(given: readonly StepArgument[]): Promise<Profile> {
    return this.rehearse(given, (replay, args) => profile(replay, args, this.place.counted));
  }

  async tune(given: readonly StepArgument[]): Promise<void> {
    const { args, recording: first } = this.asked(given);
    const { traits } = this.place;
    await tune({ ...this.place, wanted: first.wanted, args });
    for (const recording of this.byShapes.values()) {
      forget(recording);
      recording.plan = makePlan(recording.wanted, traits);
    }
  }

  time(times: number, given: readonly StepArgument[]): Promise<number> {
    return this.rehearse(given, (replay, args) => timeReplays(replay, times, args, this.place.counted));
  }

  async repeat(times: number, given: readonly StepArgument[]): Promise<unknown> {
    const { counted } = this.place;
    const whole = Number.isSafeInteger(times) && times > 0;
    check(whole, `repeat: ${times} times`, 'give a whole number of at least 1');
    const { args, recording } = this.ready(given);
    const now = () => this.replayOf(recording);
    const readings = await this.whileBusy(recording, () => repeat(now, times, args, counted));
    await counted.settle();
    return recording.shapeOf(readings);
  }

  /** Frees what the recordings hold. */
  destroy(): void {
    this.destroyed = true;
    for (const recording of this.byShapes.values()) forget(recording);
    this.byShapes.clear();
    this.rings.destroy();
  }

  /** Runs `body` on a replay that leaves no trace: it works on copies of the states that it would write. */
  private async rehearse<T>(
    given: readonly StepArgument[],
    body: (replay: Replay, args: readonly Given[]) => Promise<T>,
  ): Promise<T> {
    const { counted, buffers } = this.place;
    const { args, replay, recording } = this.ready(given);
    const copies = new StateCopies(counted, buffers);
    const own = statesWritten(replay.plan).size > 0;
    const used = own ? new Replay(replay.plan, { counted, buffers, copies }) : replay;
    try {
      return await this.whileBusy(recording, () => body(used, args));
    } finally {
      if (own) used.destroy();
      copies.destroy();
      await counted.settle();
    }
  }

  /** The arguments, checked, and what they are for. */
  private asked(given: readonly StepArgument[]): Omit<Ready, 'replay'> {
    this.refuseEnded();
    const args = given.map(checked);
    return { args, recording: this.recordingOf(args) };
  }

  private ready(given: readonly StepArgument[]): Ready {
    const { args, recording } = this.asked(given);
    return { args, recording, replay: this.replayOf(recording) };
  }

  private refuseEnded(): void {
    if (this.destroyed) {
      fail('The step was destroyed.', { at: callerLine(hereStack()), fix: 'record it again.' });
    }
    this.place.counted.rethrow();
  }

  private async whileBusy<T>(recording: Recording, body: () => Promise<T>): Promise<T> {
    recording.busy++;
    try {
      return await body();
    } finally {
      recording.busy--;
    }
  }

  private recordingOf(args: readonly Given[]): Recording {
    const key = args.map((given) => `${dtypeOfGiven(given)}${shapeText(given.shape)}`).join();
    let recording = this.byShapes.get(key);
    if (!recording) {
      recording = this.record(args);
      this.makeRoom();
      this.byShapes.set(key, recording);
    }
    recording.used = ++this.askings;
    return recording;
  }

  /** Lets go of the recording that was not asked for the longest, if there are as many as there may be. */
  private makeRoom(): void {
    if (this.byShapes.size < this.place.mostRecordings) return;
    const idle = [...this.byShapes].filter(([, { busy }]) => !busy);
    if (!idle.length) return;
    const [key, recording] = idle.reduce((a, b) => (b[1].used < a[1].used ? b : a));
    forget(recording);
    this.byShapes.delete(key);
  }

  private replayOf(recording: Recording): Replay {
    const { rings } = this;
    if (!recording.replay) {
      const make = () => (recording.replay = new Replay(recording.plan, { ...this.place, rings }));
      this.place.counted.guard('recording', make);
    }
    return recording.replay!;
  }

  private record(args: readonly Given[]): Recording {
    const inputs = args.map((given, i) => {
      const name = `argument ${i + 1}`;
      return new Tensor([...given.shape], dtypeOfGiven(given), { kind: 'input', name });
    });
    checkEnough(this.body, inputs.length);
    const { result, tape } = onTape(this.training, () => this.body(...inputs));
    const { outputs, shapeOf } = outputsOf<Reading>(result);
    const wanted = { inputs, outputs, effects: tape.effects };
    checkUsed(this.body, wanted);
    return { wanted, plan: makePlan(wanted, this.place.traits), shapeOf, used: 0, busy: 0 };
  }
}

/** Gives back what a recording holds on the device; it is made anew when the recording runs again. */
function forget(recording: Recording): void {
  recording.replay?.destroy();
  recording.apart?.destroy();
  recording.replay = recording.apart = undefined;
}
