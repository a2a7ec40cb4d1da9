// The engine: an open device that records functions of tensors and replays them.

import { dispose, type Destroyable } from '../graph/dispose';
import { checkState, writable } from '../graph/host';
import { typedOf, type Numbers } from '../graph/numbers';
import type { Result } from '../plan/result';
import type { Keeper, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { TypedArray } from '../graph/shape';
import type { PlanTraits } from '../graph/tuning';
import { Buffers } from './device/buffers';
import { CountedDevice, type Stats } from './device/device';
import type { Debug } from './tell/debug';
import { Lines } from './tell/lines';
import { Reading } from './replay/reading';
import type { Located } from './replay/replayMemory';
import { makeStep, type Step } from './step';
import type { Workplace } from './workplace';

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
const REOPEN =
  'await reopen(engine), which brings back the values of keepStates(engine); `fit` does so by itself.';
const GIVE_A_FUNCTION =
  'give open() a function that makes a device in place of a device; a checkpoint has the values of models.';

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

/** A device, and where it is from. */
export interface Opened {
  /** Referenced for as long as the engine lives: Dawn in Node crashes when its GPU object is collected. */
  readonly gpu: GPU | null;
  /** Null where the device was given to `open`. */
  readonly adapter: GPUAdapter | null;
  readonly device: GPUDevice;
}

/** What outlives a device: of this `keepStates` and `reopen` are made, so that a page has them if it asks for them. */
export interface Life {
  readonly place: Workplace;
  /** What states go back to on another device. */
  readonly kept: WeakMap<State, TypedArray>;
  readonly opened: Opened;
  /** Gives another device, as `open` came by the first. */
  readonly find?: () => Promise<Opened>;
  /** Goes on with another device. */
  moveTo(opened: Opened): void;
}

const lives = new WeakMap<Engine, Life>();

/** What `reopen` needs of an engine. */
export const lifeOf = (engine: Engine): Life => lives.get(engine)!;

/** An open device that records functions of tensors and replays them. From `open`. */
export class Engine implements Destroyable {
  private readonly place: Workplace;
  private readonly kept = new WeakMap<State, TypedArray>();
  private readonly keeper: Keeper = { free: (state) => this.place.buffers.free(state) };

  constructor(
    private opened: Opened,
    readonly traits: PlanTraits,
    private readonly options: EngineOptions = {},
    /** Gives another device when this one was lost. */
    private readonly find?: () => Promise<Opened>,
  ) {
    const { recordings = MOST_RECORDINGS, log = console.log, debug } = options;
    this.place = {
      ...this.memoryOn(opened),
      traits,
      mostRecordings: recordings,
      lines: new Lines(log),
      tellerOf: debug && ((body) => debug(log, body)),
    };
    const { place, kept } = this;
    const moveTo = (other: Opened) => {
      lives.set(this, { place, kept, opened: other, find, moveTo });
      this.opened = other;
      Object.assign(place, this.memoryOn(other));
    };
    lives.set(this, { place, kept, opened, find, moveTo });
  }

  private memoryOn({ device, adapter }: Opened): Pick<Workplace, 'counted' | 'buffers'> {
    const wayBack = this.find ? REOPEN : GIVE_A_FUNCTION;
    const counted = new CountedDevice(device, adapter !== null, wayBack);
    return { counted, buffers: new Buffers(counted, this.keeper, this.kept, this.options.poison) };
  }

  get gpu(): GPU | null {
    return this.opened.gpu;
  }

  /** Null where the device was given to `open`. */
  get adapter(): GPUAdapter | null {
    return this.opened.adapter;
  }

  /** Another one when it was lost and `reopen` has opened it again. */
  get device(): GPUDevice {
    return this.opened.device;
  }

  get stats(): Readonly<Stats> {
    return this.place.counted.stats;
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
    return makeStep(this.place, body, true);
  }

  /** Records `body` for use: no dropout, no updates. */
  record<R extends Result, P extends readonly Tensor[]>(body: (...args: P) => R): Step<R, P> {
    return makeStep(this.place, body, false);
  }

  /** The present value of a state, e.g. of a parameter. */
  async read(state: State): Promise<TypedArray> {
    checkState('read', state);
    this.place.counted.rethrow();
    const { buffer, offset } = this.place.buffers.state(state);
    const bytes = await this.place.buffers.read(buffer, offset, state.size);
    return typedOf(bytes, state.dtype);
  }

  /** Overwrites a state; or, where `start` is given, the elements from there on. */
  write(state: State, data: Numbers, start?: number): void {
    this.place.counted.rethrow();
    const values = writable(state, data, start);
    const { buffer, offset } = this.place.buffers.state(state);
    this.place.buffers.upload(buffer, offset + (start ?? 0), values);
  }

  /**
   * Where a state or a result lies on the device, in bytes: to draw from it, or to copy it on. The buffer has the
   * usages STORAGE, COPY_SRC and COPY_DST, and stays the engine's. That of a state is the same until the state is
   * destroyed; steps write to it, in the order of the queue. That of a result holds its values until its step runs
   * again, and then the next ones for arguments of the same shapes: until the step is destroyed, tuned, or called with
   * more other shapes than it keeps.
   */
  bufferOf(what: State | Reading): BufferRange {
    this.place.counted.rethrow();
    if (what instanceof Reading) return rangeOf(what.place(), what.size);
    checkState('bufferOf', what);
    return rangeOf(this.place.buffers.bind(what), what.size);
  }

  /** Waits until the device has done all that was submitted, and `print` has told it; throws what went wrong. */
  async idle(): Promise<void> {
    await this.place.counted.done();
    await this.place.lines.settle();
    await this.place.counted.settle();
  }

  /** Whether the device is gone, and nobody has destroyed the engine: then only `reopen` helps. */
  get isLost(): boolean {
    return this.place.counted.isLost;
  }

  /** Whether `reopen` can help: not where `open` was given a device, in place of a function that makes one. */
  get canReopen(): boolean {
    return this.find !== undefined;
  }

  /** Frees everything, but a device that was given to `open`. What is called or read afterwards says so. */
  destroy(): void {
    this.place.counted.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}
