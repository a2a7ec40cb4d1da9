// The recordings of a step: what its function became for each set of shapes, and what can be done with them.

import { callerLine, check, fail, hereStack, shapeText } from '../graph/check';
import { hostArray, type Argument } from '../graph/host';
import type { StepCheck } from '../plan/inspect';
import { makePlan } from '../plan/makePlan';
import { statesWritten, type Plan } from '../plan/plan';
import { checkStep } from './look/checkStep';
import { stepName, tellPlan, tellRun } from './look/debug';
import { GpuArray, dtypeOfGiven, type Given } from './replay/gpuArray';
import { profile, timeReplays, type Profile } from './look/profile';
import type { Reading } from './replay/reading';
import { forget, record, type Recordable, type Recording } from './replay/recording';
import { repeat } from './replay/repeat';
import { Replay } from './replay/replay';
import { Rings } from './replay/rings';
import { StateCopies } from './replay/stateCopies';
import { tune } from './look/tune';
import type { Workplace } from './workplace';

/** An argument of a step. */
export type StepArgument = Argument | GpuArray;

const checked = (value: StepArgument, i: number): Given =>
  value instanceof GpuArray ? value : hostArray(value, i);

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
  private readonly name: string;
  private askings = 0;
  private destroyed = false;

  constructor(
    private readonly place: Workplace,
    private readonly step: Recordable,
  ) {
    this.rings = new Rings(place.buffers);
    this.name = stepName(step.body);
  }

  call(given: readonly StepArgument[]): unknown {
    const { args, replay, recording } = this.ready(given);
    let readings: readonly Reading[] = [];
    // Only a first replay can be invalid; it is checked launch by launch under its name.
    if (replay.generation) readings = replay.run(args);
    else this.place.counted.guard('first replay', () => (readings = replay.run(args)));
    return this.handOut(recording, readings, 1);
  }

  encode(encoder: GPUCommandEncoder, given: readonly StepArgument[]): unknown {
    const { args, recording } = this.asked(given);
    const { place, rings } = this;
    if (!recording.apart) {
      const make = () => (recording.apart = new Replay(recording.plan, { ...place, rings, apart: true }));
      place.counted.guard('recording', make);
    }
    // Nothing is printed: the caller submits, at a time of their own.
    return resultsOf(recording, recording.apart!.encodeInto(encoder, args, place.parcels));
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

  async check(given: readonly StepArgument[]): Promise<StepCheck> {
    const { args, recording } = this.asked(given);
    return this.whileBusy(recording, () => checkStep(this.place, recording.wanted, args));
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
    return this.handOut(recording, readings, times);
  }

  /** The results of so many runs, once the lines that they print are on their way. */
  private handOut(recording: Recording, readings: readonly Reading[], runs: number): unknown {
    const { debug, lines } = this.place;
    const before = recording.runs;
    recording.runs += runs;
    if (debug) tellRun(recording.plan, this.name, before, recording.runs, debug);
    const { prints } = recording;
    if (prints.length) lines.write(prints, readings.slice(-prints.length), before, recording.runs);
    return resultsOf(recording, readings);
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
      recording = record(this.step, args, this.place.traits);
      if (this.place.debug) tellPlan(recording.plan, this.name, this.place.debug);
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
}

/** Without what is only printed. */
const resultsOf = ({ prints, shapeOf }: Recording, readings: readonly Reading[]): unknown =>
  shapeOf(prints.length ? readings.slice(0, -prints.length) : readings);
