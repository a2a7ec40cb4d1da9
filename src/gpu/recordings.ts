// The recordings of a step: what its function became for each set of shapes, and what can be done with them.

import { check, shapeText } from '../graph/check';
import { refuseInside } from '../graph/tape';
import { hostArray, type Argument } from '../graph/host';
import { makePlan } from '../plan/makePlan';
import type { Plan } from '../plan/plan';
import type { Buffers } from './device/buffers';
import type { Teller } from './tell/debug';
import { GpuArray, dtypeOfGiven, type Given } from './replay/gpuArray';
import type { Reading } from './replay/reading';
import { forget, record, type Recordable, type Recording } from './replay/recording';
import { Replay } from './replay/replay';
import { Rings } from './replay/rings';
import type { Workplace } from './workplace';

/** An argument of a step. */
export type StepArgument = Argument | GpuArray;

const checked = (value: StepArgument, i: number): Given =>
  value instanceof GpuArray ? value.given(i) : hostArray(value, i);

/** A recording that can run, and the arguments for it. */
export interface Ready {
  readonly args: readonly Given[];
  readonly recording: Recording;
  readonly replay: Replay;
}

/** The recordings of one function, by the shapes of its arguments. */
export class Recordings {
  private readonly byShapes = new Map<string, Recording>();
  /** Where what the recordings hold is. */
  private on: Buffers;
  rings: Rings;
  private readonly teller: Teller | undefined;
  private askings = 0;
  private destroyed = false;

  constructor(
    readonly place: Workplace,
    private readonly step: Recordable,
  ) {
    this.on = place.buffers;
    this.rings = new Rings(this.on);
    this.teller = place.tellerOf?.(step.body);
  }

  call(given: readonly StepArgument[]): unknown {
    const { args, replay, recording } = this.ready(given);
    let readings: readonly Reading[] = [];
    // Only a first replay can be invalid, and one that reads buffers of somebody else's.
    if (replay.generation && !args.some((one) => one instanceof GpuArray)) readings = replay.run(args);
    else this.place.counted.guard('the step', () => (readings = replay.run(args)));
    return this.handOut(recording, readings, 1);
  }

  async prepare(given: readonly StepArgument[]): Promise<void> {
    const { recording } = this.asked(given);
    await this.place.counted.compile(recording.plan.dispatches.map(({ variant }) => variant));
    this.replayOf(recording);
  }

  plan(given: readonly StepArgument[]): Plan {
    return this.asked(given).recording.plan;
  }

  /** Plans all of them anew, with what has been learned since. */
  replan(): void {
    for (const recording of this.byShapes.values()) {
      forget(recording);
      recording.plan = makePlan(recording.wanted, this.place.traits);
    }
  }

  /** The results of so many runs, once all who want to hear of these have. */
  handOut(recording: Recording, readings: readonly Reading[], runs: number): unknown {
    const before = recording.runs;
    recording.runs += runs;
    this.teller?.runs(recording.plan, before, recording.runs);
    recording.asides.forEach(({ hear }, i, { length }) => {
      const reading = readings.at(i - length)!;
      hear(() => reading.read(), before, recording.runs, this.place);
    });
    return recording.shapeOf(readings);
  }

  /** Frees what the recordings hold. */
  destroy(): void {
    this.destroyed = true;
    for (const recording of this.byShapes.values()) forget(recording);
    this.byShapes.clear();
    this.rings.destroy();
  }

  /** The arguments, checked, and what they are for. */
  asked(given: readonly StepArgument[]): Omit<Ready, 'replay'> {
    refuseInside();
    this.refuseEnded();
    const args = given.map(checked);
    return { args, recording: this.recordingOf(args) };
  }

  /** The same, and what runs it. */
  ready(given: readonly StepArgument[]): Ready {
    const { args, recording } = this.asked(given);
    return { args, recording, replay: this.replayOf(recording) };
  }

  private refuseEnded(): void {
    check(!this.destroyed, 'The step was destroyed', 'record it again');
    this.place.counted.rethrow();
    if (this.on !== this.place.buffers) this.moveTo(this.place.buffers);
  }

  /** On a device that was opened in place of a lost one everything is made again, as it is asked for. */
  private moveTo(buffers: Buffers): void {
    for (const recording of this.byShapes.values()) forget(recording);
    this.on = buffers;
    this.rings = new Rings(buffers);
  }

  private recordingOf(args: readonly Given[]): Recording {
    const key = args.map((given) => `${dtypeOfGiven(given)}${shapeText(given.shape)}`).join();
    let recording = this.byShapes.get(key);
    if (!recording) {
      recording = record(this.step, args, this.place.traits);
      this.teller?.plan(recording.plan);
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

  /** What runs it, as it was planned last. */
  replayOf(recording: Recording): Replay {
    // Between two askings of a tool the step may have been destroyed.
    this.refuseEnded();
    const { rings } = this;
    if (!recording.replay) {
      const make = () => (recording.replay = new Replay(recording.plan, { ...this.place, rings }));
      this.place.counted.guard('recording', make);
    }
    return recording.replay!;
  }
}
