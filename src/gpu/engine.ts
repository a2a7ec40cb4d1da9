// The engine: an open device that records functions of tensors and replays them.

import { callerLine, fail, hereStack, shapeText } from '../graph/check';
import { array, type HostArray } from '../graph/host';
import { makePlan, type Plan, type Wanted } from '../graph/plan';
import { onTape } from '../graph/tape';
import { Tensor, sizeOf, type State, type TypedArray } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import type { Tuning } from '../graph/tuning';
import { Buffers } from './buffers';
import { CountedDevice, type Stats } from './device';
import { profile, timeReplays, type Profile } from './profile';
import type { Reading } from './reading';
import { repeat } from './repeat';
import { Replay, checkArgs } from './replay';
import { tune } from './tune';

/** What a recorded function may return: a tensor, or tensors in an array or object. */
export type Result = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>> | void;

/** The same with readings in place of tensors. */
export type Readings<R> = R extends Tensor ? Reading : { readonly [K in keyof R]: Reading };

/** An argument of a step: an array with a shape, or a number. */
export type Argument = HostArray | number;

/** A recorded function. The first call for a set of shapes records it; every call uploads and submits once. */
export interface Step<R> {
  (...args: Argument[]): Readings<R>;
  /** Records and compiles without running or blocking. */
  prepare(...args: Argument[]): Promise<void>;
  /** The plan for arguments of these shapes. */
  plan(...args: Argument[]): Plan;
  /** Runs the step a few times (with all its effects) and tells where the time goes. */
  profile(...args: Argument[]): Promise<Profile>;
  /**
   * Measures other ways for its launches to do the same work, and from then on takes the fastest, here and in every
   * recording that is made later. Takes as long as compiling a few more kernels for each; changes no state.
   */
  tune(...args: Argument[]): Promise<void>;
  /** Milliseconds for `times` runs in a single submit: what the GPU needs, without the host. */
  time(times: number, ...args: Argument[]): Promise<number>;
  /**
   * Runs the step `times` times with the host out of the loop: the arguments, and what the host is asked for at every
   * step (a learning rate, a dropout's seed), are written once, and what goes on from one time to the next goes on in
   * States. Many times share a submit, as many as take a moment. Resolves when all are submitted; the readings are of
   * the last.
   */
  repeat(times: number, ...args: Argument[]): Promise<Readings<R>>;
}

interface Recording {
  readonly wanted: Wanted;
  plan: Plan;
  readonly shapeOf: (readings: readonly Reading[]) => unknown;
  replay?: Replay;
}

export class Engine {
  private readonly counted: CountedDevice;
  private readonly buffers: Buffers;

  constructor(
    /** Referenced for as long as the engine lives: Dawn in Node crashes when its GPU object is collected. */
    readonly gpu: GPU,
    readonly adapter: GPUAdapter,
    readonly device: GPUDevice,
    readonly traits: Traits & { readonly tuning: Tuning },
    poison = false,
  ) {
    this.counted = new CountedDevice(device);
    this.buffers = new Buffers(this.counted, poison);
  }

  get stats(): Readonly<Stats> {
    return this.counted.stats;
  }

  /** What `tune` has found, as JSON for `open({ tuning })` in another session on the same adapter. */
  get tuning(): Readonly<Record<string, string>> {
    return this.traits.tuning.toJSON();
  }

  /** Vendor, architecture and description in one line. */
  get name(): string {
    const { vendor, architecture, device, description } = this.adapter.info;
    return [vendor, architecture || device, description && `— ${description}`].filter(Boolean).join(' ');
  }

  /** Records `body` for training: dropout acts, and optimizers may change parameters. */
  train<R extends Result>(body: (...args: Tensor[]) => R): Step<R> {
    return this.makeStep(body, true);
  }

  /** Records `body` for use: no dropout, no updates. */
  record<R extends Result>(body: (...args: Tensor[]) => R): Step<R> {
    return this.makeStep(body, false);
  }

  /** The present value of a state, e.g. of a parameter. */
  async read(state: State): Promise<TypedArray> {
    const { buffer, offset } = this.buffers.state(state);
    const bytes = await this.buffers.read(buffer, offset, state.size);
    return state.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  /** Overwrites a state; or, where `start` is given, the elements from there on. */
  write(state: State, data: TypedArray, start?: number): void {
    const fits = start === undefined ? data.length === state.size : start + data.length <= state.size;
    if (!fits) {
      const text = `${state.name} ${shapeText(state.shape)} holds ${state.size} values`;
      const from = start === undefined ? '' : ` from element ${start} on`;
      fail(`write: ${text}, ${data.length} were given${from}.`, { at: callerLine(hereStack()) });
    }
    const { buffer, offset } = this.buffers.state(state);
    this.buffers.upload(buffer, offset + (start ?? 0), data);
  }

  /** Waits until the device has done all that was submitted; throws what went wrong on the way. */
  async idle(): Promise<void> {
    await this.counted.queue.onSubmittedWorkDone();
    await this.counted.settle();
  }

  /** Frees everything. */
  destroy(): void {
    this.counted.destroy();
  }

  private makeStep<R extends Result>(body: (...args: Tensor[]) => R, training: boolean): Step<R> {
    const recordings = new Map<string, Recording>();
    const recordingOf = (args: readonly HostArray[]): Recording => {
      const key = args
        .map(({ shape, data }) => `${data instanceof Uint32Array ? 'u' : 'f'}${shapeText(shape)}`)
        .join();
      let recording = recordings.get(key);
      if (!recording) recordings.set(key, (recording = this.recordOnce(body, training, args)));
      return recording;
    };
    const replayOf = (recording: Recording): Replay => {
      if (!recording.replay) {
        this.counted.guard('recording', () => {
          recording.replay = new Replay(recording.plan, this.counted, this.buffers);
        });
      }
      return recording.replay!;
    };
    /** The arguments, checked, and what they are for. */
    const ready = (given: readonly Argument[]) => {
      this.counted.rethrow();
      const args = given.map(hostArray);
      const recording = recordingOf(args);
      const at = hereStack();
      checkArgs(recording.plan.inputs, args, () => callerLine(at));
      return { args, replay: replayOf(recording), shapeOf: recording.shapeOf };
    };
    const step = (...given: Argument[]): Readings<R> => {
      const { args, replay, shapeOf } = ready(given);
      let readings: readonly Reading[] = [];
      // Only a first replay can be invalid; it is checked launch by launch under its name.
      if (replay.generation) readings = replay.run(args);
      else this.counted.guard('first replay', () => (readings = replay.run(args)));
      return shapeOf(readings) as Readings<R>;
    };
    return Object.assign(step, {
      prepare: async (...given: Argument[]) => {
        const recording = recordingOf(given.map(hostArray));
        await this.counted.compile(recording.plan.dispatches.map(({ variant }) => variant));
        replayOf(recording);
      },
      plan: (...given: Argument[]) => recordingOf(given.map(hostArray)).plan,
      profile: async (...given: Argument[]) => {
        const args = given.map(hostArray);
        const result = await profile(replayOf(recordingOf(args)), args, this.counted);
        await this.counted.settle();
        return result;
      },
      tune: async (...given: Argument[]) => {
        const args = given.map(hostArray);
        const { counted, buffers, traits } = this;
        await tune({ wanted: recordingOf(args).wanted, args, traits, counted, buffers });
        for (const recording of recordings.values()) {
          recording.replay?.destroy();
          recording.replay = undefined;
          recording.plan = makePlan(recording.wanted, traits);
        }
      },
      time: async (times: number, ...given: Argument[]) => {
        const args = given.map(hostArray);
        const result = await timeReplays(replayOf(recordingOf(args)), times, args, this.counted);
        await this.counted.settle();
        return result;
      },
      repeat: async (times: number, ...given: Argument[]) => {
        if (!Number.isSafeInteger(times) || times < 1) {
          const at = callerLine(hereStack());
          fail(`repeat: ${times} times.`, { at, fix: 'give a whole number of at least 1.' });
        }
        const { args, replay, shapeOf } = ready(given);
        const readings = await repeat(replay, times, args, this.counted);
        await this.counted.settle();
        return shapeOf(readings) as Readings<R>;
      },
    });
  }

  private recordOnce(
    body: (...args: Tensor[]) => Result,
    training: boolean,
    args: readonly HostArray[],
  ): Recording {
    const inputs = args.map(({ shape, data }, i) => {
      const dtype = data instanceof Uint32Array ? 'u32' : 'f32';
      return new Tensor([...shape], dtype, { kind: 'input', name: `argument ${i + 1}` });
    });
    const { result, tape } = onTape(training, () => body(...inputs));
    const { outputs, shapeOf } = flatten(result);
    const wanted = { inputs, outputs, effects: tape.effects };
    return { wanted, plan: makePlan(wanted, this.traits), shapeOf };
  }
}

const hostArray = (value: Argument): HostArray => {
  if (typeof value === 'number') return array([], [value]);
  if (!value?.shape || value.data?.length !== sizeOf(value.shape)) {
    const found = value?.shape
      ? `${value.data?.length} values for the shape ${shapeText(value.shape)}`
      : String(value);
    fail(`step: an argument is ${found}.`, {
      at: callerLine(hereStack()),
      fix: 'pass numbers or { shape, data } with a Float32Array or Uint32Array that fills the shape.',
    });
  }
  return value;
};

function flatten(result: Result): { outputs: Tensor[]; shapeOf: Recording['shapeOf'] } {
  if (result === undefined) return { outputs: [], shapeOf: () => undefined };
  if (result instanceof Tensor) return { outputs: [result], shapeOf: ([reading]) => reading };
  if (Array.isArray(result)) return { outputs: [...result], shapeOf: (readings) => readings };
  const names = Object.keys(result);
  return {
    outputs: Object.values(result) as Tensor[],
    shapeOf: (readings) => Object.fromEntries(names.map((name, i) => [name, readings[i]])),
  };
}
