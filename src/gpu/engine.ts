// The engine: an open device that records functions of tensors and replays them.

import { dispose, type Destroyable } from '../graph/dispose';
import { checkState, writable } from '../graph/host';
import { typedOf, type Numbers } from '../graph/numbers';
import type { Result } from '../plan/result';
import type { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { TypedArray } from '../graph/shape';
import type { StepTraits } from '../plan/makePlan';
import { Buffers } from './device/buffers';
import { CountedDevice, type Stats } from './device/device';
import type { Debug } from './tell/debug';
import { Reading } from './replay/reading';
import type { Located } from './replay/replayMemory';
import { makeStep, type Step } from './step';
import type { Opened, Workplace } from './workplace';

export type { Readings, Step } from './step';

/** A part of a buffer, in bytes: what a bind group or a copy is given. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

const rangeOf = ({ buffer, offset }: Located, elements: number): BufferRange => ({
  buffer,
  offset: offset * 4,
  size: elements * 4,
});

/** What is to be done when the device is lost. */
const REOPEN = 'await reopen(engine), which has the values of keepStates(engine).';
const GIVE_A_FUNCTION = 'give open() a function that makes a device.';

/** Sets of shapes that a step keeps ready. */
const MOST_RECORDINGS = 128;

/** How an engine behaves, on whatever device. */
export interface EngineOptions {
  /**
   * Recordings that a step keeps, one for each set of shapes; the one that was not used the longest is freed for a new
   * one, and recorded again when it is asked for. Default: 128, more than music or text in padded batches has lengths.
   */
  readonly recordings?: number;
  /** Fills fresh memory with NaN, to find kernels that read what nobody wrote. */
  readonly poison?: boolean;
  /** Takes the lines of `print` and `debug`. Default: the console. */
  readonly log?: (line: string) => void;
  /** Seqgpu's `debug` tells every plan when it is made, and every run. Default in Node: where SEQGPU_DEBUG is set. */
  readonly debug?: Debug;
}

const places = new WeakMap<Engine, Workplace>();

/** What `keepStates` and `reopen` are made of, so that a page has them if it asks for them. */
export const placeOf = (engine: Engine): Workplace => places.get(engine)!;

/** An open device that records functions of tensors and replays them. From `open`. */
export class Engine implements Destroyable {
  private readonly workplace: Workplace;

  constructor(
    opened: Opened,
    readonly traits: StepTraits,
    { recordings = MOST_RECORDINGS, log = console.log, debug, poison }: EngineOptions = {},
    /** Gives another device when this one was lost. */
    find?: () => Promise<Opened>,
  ) {
    const keeper = {
      free: (state: State) => this.workplace.buffers.free(state),
      gone: () => !!this.workplace.counted.ended && !this.isLost,
    };
    const workOn: Workplace['workOn'] = (on, begin) => {
      const counted = new CountedDevice(on.device, on.adapter !== null, find ? REOPEN : GIVE_A_FUNCTION);
      return { opened: on, counted, buffers: new Buffers(counted, keeper, begin, poison) };
    };
    this.workplace = {
      ...workOn(opened),
      workOn,
      find,
      traits,
      mostRecordings: recordings,
      log,
      told: Promise.resolve(),
      tellerOf: debug && ((body) => debug(log, body)),
    };
    places.set(this, this.workplace);
  }

  get gpu(): GPU | null {
    return this.workplace.opened.gpu;
  }

  /** Null where the device was given to `open`. */
  get adapter(): GPUAdapter | null {
    return this.workplace.opened.adapter;
  }

  /** Another one when it was lost and `reopen` has opened it again. */
  get device(): GPUDevice {
    return this.workplace.opened.device;
  }

  get stats(): Readonly<Stats> {
    return this.workplace.counted.stats;
  }

  /** What `tuneStep` has found, as JSON for `new Tuning(…)` in another session on the same adapter. */
  get tuning(): Readonly<Record<string, string>> {
    return this.traits.tuning?.toJSON() ?? {};
  }

  /** What the adapter says of itself. */
  get info(): GPUAdapterInfo | undefined {
    return this.adapter?.info ?? this.device.adapterInfo;
  }

  /** Vendor, architecture and description in one line. */
  get name(): string {
    if (!this.info) return 'a device that does not say what it is';
    const { vendor, architecture, device, description } = this.info;
    return [vendor, architecture || device, description && `— ${description}`].filter(Boolean).join(' ');
  }

  /** Records `body` for training: dropout acts, and optimizers may change parameters. */
  train<R extends Result, P extends readonly Tensor[]>(body: (...args: P) => R): Step<R, P> {
    return makeStep(this.workplace, body, true);
  }

  /** Records `body` for use: no dropout, no updates. */
  record<R extends Result, P extends readonly Tensor[]>(body: (...args: P) => R): Step<R, P> {
    return makeStep(this.workplace, body, false);
  }

  /** The present value of a state, e.g. of a parameter. */
  async read(state: State): Promise<TypedArray> {
    checkState('read', state);
    this.workplace.counted.rethrow();
    const { buffer, offset } = this.workplace.buffers.state(state);
    const bytes = await this.workplace.buffers.read(buffer, offset, state.size);
    return typedOf(bytes, state.dtype);
  }

  /** Overwrites a state; or, where `start` is given, the elements from there on. */
  write(state: State, data: Numbers, start?: number): void {
    this.workplace.counted.rethrow();
    const values = writable(state, data, start);
    const { buffer, offset } = this.workplace.buffers.state(state);
    this.workplace.buffers.upload(buffer, offset + (start ?? 0), values);
  }

  /**
   * Where a state or a result lies on the device, in bytes: to draw from it, or to copy it on. The buffer has the
   * usages STORAGE, COPY_SRC and COPY_DST, and stays the engine's. That of a state is the same until the state is
   * destroyed; steps write to it, in the order of the queue. That of a result holds its values until its step runs
   * again, and then the next ones for arguments of the same shapes: until the step is destroyed, tuned, or called with
   * more other shapes than it keeps.
   */
  bufferOf(what: State | Reading): BufferRange {
    this.workplace.counted.rethrow();
    if (what instanceof Reading) return rangeOf(what.place(this.workplace.counted), what.size);
    checkState('bufferOf', what);
    return rangeOf(this.workplace.buffers.bind(what), what.size);
  }

  /** Waits until the device has done all that was submitted, and `print` has told it; throws what went wrong. */
  async idle(): Promise<void> {
    await this.workplace.counted.done();
    await this.workplace.told;
    await this.workplace.counted.settle();
  }

  /** Whether the device is gone, and nobody has destroyed the engine: then only `reopen` helps. */
  get isLost(): boolean {
    return this.workplace.counted.isLost;
  }

  /** Whether `reopen` can help: not where `open` was given a device, in place of a function that makes one. */
  get canReopen(): boolean {
    return this.workplace.find !== undefined;
  }

  /** Frees everything, but a device that was given to `open`. What is called or read afterwards says so. */
  destroy(): void {
    this.workplace.counted.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}
