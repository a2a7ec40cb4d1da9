// The engine: an open device that records functions of tensors and replays them.

import { dispose, type Destroyable } from '../graph/dispose';
import { checkState, writable } from '../graph/host';
import type { Numbers } from '../graph/numbers';
import type { Result } from '../plan/result';
import type { State } from '../graph/state';
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

/** An open device that records functions of tensors and replays them. From `open`. */
export class Engine implements Destroyable {
  private readonly counted: CountedDevice;
  private readonly buffers: Buffers;
  private readonly workplace: Workplace;

  constructor(
    /** Referenced for as long as the engine lives: Dawn in Node crashes when its GPU object is collected. */
    readonly gpu: GPU | null,
    /** Null where the device was given to `open`. */
    readonly adapter: GPUAdapter | null,
    readonly device: GPUDevice,
    readonly traits: PlanTraits,
    { poison, recordings = MOST_RECORDINGS, log = console.log, debug }: EngineOptions = {},
  ) {
    this.counted = new CountedDevice(device, adapter !== null);
    this.buffers = new Buffers(this.counted, poison);
    const { counted, buffers } = this;
    this.workplace = {
      counted,
      buffers,
      traits,
      mostRecordings: recordings,
      lines: new Lines(log),
      tellerOf: debug && ((body) => debug(log, body)),
    };
  }

  get stats(): Readonly<Stats> {
    return this.counted.stats;
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
    this.counted.rethrow();
    const { buffer, offset } = this.buffers.state(state);
    const bytes = await this.buffers.read(buffer, offset, state.size);
    return state.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  /** Overwrites a state; or, where `start` is given, the elements from there on. */
  write(state: State, data: Numbers, start?: number): void {
    this.counted.rethrow();
    const values = writable(state, data, start);
    const { buffer, offset } = this.buffers.state(state);
    this.buffers.upload(buffer, offset + (start ?? 0), values);
  }

  /**
   * Where a state or a result lies on the device, in bytes: to draw from it, or to copy it on. The buffer has the
   * usages STORAGE, COPY_SRC and COPY_DST, and stays the engine's. That of a state is the same until the state is
   * destroyed; steps write to it, in the order of the queue. That of a result holds its values until its step runs
   * again, and then the next ones for arguments of the same shapes: until the step is destroyed, tuned, or called with
   * more other shapes than it keeps.
   */
  bufferOf(what: State | Reading): BufferRange {
    this.counted.rethrow();
    if (what instanceof Reading) return rangeOf(what.place(), what.size);
    checkState('bufferOf', what);
    return rangeOf(this.buffers.bind(what), what.size);
  }

  /** Waits until the device has done all that was submitted, and `print` has told it; throws what went wrong. */
  async idle(): Promise<void> {
    await this.counted.done();
    await this.workplace.lines.settle();
    await this.counted.settle();
  }

  /** Frees everything, but a device that was given to `open`. What is called or read afterwards says so. */
  destroy(): void {
    this.counted.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}
