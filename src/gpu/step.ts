// A step: a function that is recorded once for each set of shapes, and what can be done with the recordings: run them,
// time them, look at their plans.

import { check, shapeText } from '../graph/check';
import { hostArray, type Argument, type HostArray } from '../graph/host';
import { makePlan, statesWritten, type Plan, type Wanted } from '../graph/plan';
import { checkEnough, checkUsed, outputsOf, type Filled, type Result } from '../graph/result';
import { onTape } from '../graph/tape';
import { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import type { Tuning } from '../graph/tuning';
import type { Buffers } from './buffers';
import type { CountedDevice } from './device';
import { profile, timeReplays, type Profile } from './profile';
import type { Reading } from './reading';
import { repeat } from './repeat';
import { Replay } from './replay';
import { Rings } from './rings';
import { StateCopies } from './stateCopies';
import { tune } from './tune';

/** What a step gives: readings where its function gave tensors. */
export type Readings<R> = Filled<R, Reading>;

/** An argument for each parameter of a recorded function. */
export type Arguments<P extends readonly Tensor[]> = { readonly [I in keyof P]: Argument };

/** A recorded function. The first call for a set of shapes records it; every call uploads and submits once. */
export interface Step<R, P extends readonly Tensor[] = Tensor[]> {
  (...args: Arguments<P>): Readings<R>;
  /** Records and compiles without running or blocking. */
  prepare(...args: Arguments<P>): Promise<void>;
  /** The plan for arguments of these shapes. */
  plan(...args: Arguments<P>): Plan;
  /** Runs the step a few times and tells where the time goes. Changes no state, no count and no random draw. */
  profile(...args: Arguments<P>): Promise<Profile>;
  /**
   * Measures other ways for its launches to do the same work, and from then on takes the fastest, here and in every
   * recording that is made later. Takes as long as compiling a few more kernels for each. Changes no state, no count
   * and no random draw.
   */
  tune(...args: Arguments<P>): Promise<void>;
  /**
   * Milliseconds for `times` runs in a single submit: what the GPU needs, without the host. Changes no state, no count
   * and no random draw.
   */
  time(times: number, ...args: Arguments<P>): Promise<number>;
  /**
   * The same as so many calls with these arguments, bit for bit, with the host out of the loop: many steps share a
   * submit, as many as take a moment. What the host decides per step is asked for every one of them, so optimizers
   * count all their updates and dropout draws a new mask each time. Resolves when all are submitted; the readings are
   * of the last.
   */
  repeat(times: number, ...args: Arguments<P>): Promise<Readings<R>>;
}

/** What a step needs of its engine. */
export interface Workplace {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  readonly traits: Traits & { readonly tuning: Tuning };
}

/** What became of a function for one set of shapes. */
interface Recording {
  readonly wanted: Wanted;
  plan: Plan;
  readonly shapeOf: (readings: readonly Reading[]) => unknown;
  replay?: Replay;
}

/** A recording that can run, and the arguments for it. */
interface Ready {
  readonly args: readonly HostArray[];
  readonly replay: Replay;
  readonly shapeOf: Recording['shapeOf'];
}

export function makeStep<R extends Result, P extends readonly Tensor[]>(
  place: Workplace,
  body: (...args: P) => R,
  training: boolean,
): Step<R, P> {
  const recordings = new Recordings(place, body as (...args: readonly Tensor[]) => R, training);
  const step = (...given: Arguments<P>) => recordings.call(given) as Readings<R>;
  return Object.assign(step, {
    prepare: (...given: Arguments<P>) => recordings.prepare(given),
    plan: (...given: Arguments<P>) => recordings.plan(given),
    profile: (...given: Arguments<P>) => recordings.profile(given),
    tune: (...given: Arguments<P>) => recordings.tune(given),
    time: (times: number, ...given: Arguments<P>) => recordings.time(times, given),
    repeat: (times: number, ...given: Arguments<P>) =>
      recordings.repeat(times, given) as Promise<Readings<R>>,
  });
}

/** The recordings of one function, by the shapes of its arguments. */
class Recordings {
  private readonly byShapes = new Map<string, Recording>();
  private readonly rings: Rings;

  constructor(
    private readonly place: Workplace,
    private readonly body: (...args: readonly Tensor[]) => Result,
    private readonly training: boolean,
  ) {
    this.rings = new Rings(place.counted, place.buffers);
  }

  call(given: readonly Argument[]): unknown {
    const { args, replay, shapeOf } = this.ready(given);
    let readings: readonly Reading[] = [];
    // Only a first replay can be invalid; it is checked launch by launch under its name.
    if (replay.generation) readings = replay.run(args);
    else this.place.counted.guard('first replay', () => (readings = replay.run(args)));
    return shapeOf(readings);
  }

  async prepare(given: readonly Argument[]): Promise<void> {
    const recording = this.recordingOf(given.map(hostArray));
    await this.place.counted.compile(recording.plan.dispatches.map(({ variant }) => variant));
    this.replayOf(recording);
  }

  plan(given: readonly Argument[]): Plan {
    return this.recordingOf(given.map(hostArray)).plan;
  }

  profile(given: readonly Argument[]): Promise<Profile> {
    return this.rehearse(given, (replay, args) => profile(replay, args, this.place.counted));
  }

  async tune(given: readonly Argument[]): Promise<void> {
    const args = given.map(hostArray);
    const { traits } = this.place;
    await tune({ ...this.place, wanted: this.recordingOf(args).wanted, args });
    for (const recording of this.byShapes.values()) {
      recording.replay?.destroy();
      recording.replay = undefined;
      recording.plan = makePlan(recording.wanted, traits);
    }
  }

  time(times: number, given: readonly Argument[]): Promise<number> {
    return this.rehearse(given, (replay, args) => timeReplays(replay, times, args, this.place.counted));
  }

  async repeat(times: number, given: readonly Argument[]): Promise<unknown> {
    const { counted } = this.place;
    const whole = Number.isSafeInteger(times) && times > 0;
    check(whole, `repeat: ${times} times`, 'give a whole number of at least 1');
    const { args, replay, shapeOf } = this.ready(given);
    const readings = await repeat(replay, times, args, counted);
    await counted.settle();
    return shapeOf(readings);
  }

  /** Runs `body` on a replay that leaves no trace: it works on copies of the states that it would write. */
  private async rehearse<T>(
    given: readonly Argument[],
    body: (replay: Replay, args: readonly HostArray[]) => Promise<T>,
  ): Promise<T> {
    const { counted, buffers } = this.place;
    const { args, replay } = this.ready(given);
    const copies = new StateCopies(counted, buffers);
    const own = statesWritten(replay.plan).size > 0;
    const used = own ? new Replay(replay.plan, { counted, buffers, copies }) : replay;
    try {
      return await body(used, args);
    } finally {
      if (own) used.destroy();
      copies.destroy();
      await counted.settle();
    }
  }

  /** The arguments, checked, and what they are for. */
  private ready(given: readonly Argument[]): Ready {
    this.place.counted.rethrow();
    const args = given.map(hostArray);
    const recording = this.recordingOf(args);
    return { args, replay: this.replayOf(recording), shapeOf: recording.shapeOf };
  }

  private recordingOf(args: readonly HostArray[]): Recording {
    const key = args
      .map(({ shape, data }) => `${data instanceof Uint32Array ? 'u' : 'f'}${shapeText(shape)}`)
      .join();
    let recording = this.byShapes.get(key);
    if (!recording) this.byShapes.set(key, (recording = this.record(args)));
    return recording;
  }

  private replayOf(recording: Recording): Replay {
    const { rings } = this;
    if (!recording.replay) {
      const make = () => (recording.replay = new Replay(recording.plan, { ...this.place, rings }));
      this.place.counted.guard('recording', make);
    }
    return recording.replay!;
  }

  private record(args: readonly HostArray[]): Recording {
    const inputs = args.map(({ shape, data }, i) => {
      const dtype = data instanceof Uint32Array ? 'u32' : 'f32';
      return new Tensor([...shape], dtype, { kind: 'input', name: `argument ${i + 1}` });
    });
    checkEnough(this.body, inputs.length);
    const { result, tape } = onTape(this.training, () => this.body(...inputs));
    const { outputs, shapeOf } = outputsOf<Reading>(result);
    const wanted = { inputs, outputs, effects: tape.effects };
    checkUsed(this.body, wanted);
    return { wanted, plan: makePlan(wanted, this.place.traits), shapeOf };
  }
}
