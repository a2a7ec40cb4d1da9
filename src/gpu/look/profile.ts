// Where a step's time goes: milliseconds per kernel by timestamp queries, each launch in a pass of its own;
// by the wall clock, one submit a launch, where the device has no timestamps.

import type { Tensor } from '../../graph/tensor';
import type { CountedDevice } from '../device/device';
import type { Given } from '../replay/gpuArray';
import type { Launch } from '../replay/launches';
import type { Replay } from '../replay/replay';
import { useTool, type Arguments, type Step, type Tool } from '../step';
import { rehearse, submit, upload } from './rehearse';
import { checkTimes } from './times';
import { COPY_DST, COPY_SRC, MAP_READ, QUERY_RESOLVE, READ } from '../device/usages';

/** The launches of one op by one kernel. */
export interface ProfileRow {
  readonly op: string;
  readonly kernel: string;
  readonly launches: number;
  /** Per step, in the best of the rounds. */
  readonly ms: number;
  /** Its part of the sum over all rows, 0 to 1. */
  readonly share: number;
  readonly gflops: number;
  readonly gbps: number;
}

/** Where a step's time goes; as a text, a table. */
export interface Profile {
  readonly rows: readonly ProfileRow[];
  /** Sum of the kernels. */
  readonly kernelMs: number;
  /** One whole step by the wall clock, replayed as usual. */
  readonly stepMs: number;
  readonly clock: 'timestamps' | 'wall clock';
  toString(): string;
}

const ROUNDS = 3;
/** Two timestamps a launch; a query set holds at most 4096. */
const CHUNK = 2048;

/** Runs a step a few times and tells where the time goes. Changes no state, no count and no random draw. */
export async function profileStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  ...args: Arguments<P>
): Promise<Profile> {
  return useTool('profileStep', step, (recordings) =>
    rehearse(recordings, args, (replay, checked) => measure(replay, checked, recordings.place.counted)),
  );
}

/**
 * Milliseconds for `times` runs of a step in a single submit, by the wall clock: what the GPU needs, without the host.
 * Changes no state, no count and no random draw.
 */
export async function timeStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  times: number,
  ...args: Arguments<P>
): Promise<number> {
  checkTimes('timeStep', times);
  const timed: Tool<Promise<number>> = (recordings) =>
    rehearse(recordings, args, async (replay, checked) => {
      const { counted } = recordings.place;
      upload(replay, checked);
      await counted.done();
      const start = performance.now();
      submit(replay, times);
      await counted.done();
      return performance.now() - start;
    });
  return useTool('timeStep', step, timed, times);
}

async function measure(replay: Replay, args: readonly Given[], counted: CountedDevice): Promise<Profile> {
  await wallTime(replay, args, counted);
  let stepMs = Infinity;
  let best: readonly number[] = [];
  let kernelMs = Infinity;
  // In turns, and all launches of one round: so that the sum of the kernels can be held against the step.
  for (let round = 0; round < ROUNDS; round++) {
    stepMs = Math.min(stepMs, await wallTime(replay, args, counted));
    upload(replay, args);
    const times = await launchTimes(replay, counted);
    const sum = times.reduce((a, b) => a + b, 0);
    if (sum < kernelMs) [best, kernelMs] = [times, sum];
  }
  const rows = rowsOf(replay.launches, best);
  const clock = counted.device.features.has('timestamp-query') ? 'timestamps' : 'wall clock';
  return { rows, kernelMs, stepMs, clock, toString: () => text(rows, kernelMs, stepMs, clock) };
}

/** Milliseconds of every launch, of one run. */
export function launchTimes(replay: Replay, counted: CountedDevice): Promise<number[]> {
  const times = counted.device.features.has('timestamp-query') ? stampedTimes : wallTimes;
  return times(replay, counted);
}

async function wallTime(replay: Replay, args: readonly Given[], counted: CountedDevice): Promise<number> {
  await counted.done();
  const start = performance.now();
  upload(replay, args);
  submit(replay, 1);
  await counted.done();
  return performance.now() - start;
}

async function stampedTimes(replay: Replay, counted: CountedDevice): Promise<number[]> {
  const { device } = counted;
  const times: number[] = [];
  for (let first = 0; first < replay.launches.length; first += CHUNK) {
    replay.catchUp();
    const part = replay.launches.slice(first, first + CHUNK);
    const count = part.length * 2;
    const querySet = device.createQuerySet({ type: 'timestamp', count });
    const usage = QUERY_RESOLVE | COPY_SRC;
    const resolved = device.createBuffer({ size: count * 8, usage });
    const staging = device.createBuffer({
      size: count * 8,
      usage: MAP_READ | COPY_DST,
    });
    const encoder = device.createCommandEncoder();
    part.forEach((launch, i) => {
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 };
      const pass = encoder.beginComputePass({ timestampWrites });
      replay.encode(pass, [launch]);
      pass.end();
    });
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, count * 8);
    device.queue.submit([encoder.finish()]);
    await counted.survive(staging.mapAsync(READ));
    const stamps = new BigInt64Array(staging.getMappedRange());
    part.forEach((_, i) => times.push(Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6));
    staging.unmap();
    [staging, resolved, querySet].forEach((object) => object.destroy());
  }
  return times;
}

async function wallTimes(replay: Replay, counted: CountedDevice): Promise<number[]> {
  const { device } = counted;
  const times: number[] = [];
  for (let i = 0; i < replay.launches.length; i++) {
    replay.catchUp();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    replay.encode(pass, [replay.launches[i]]);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await counted.done();
    times.push(performance.now() - start);
  }
  return times;
}

/** The launches of one op by one kernel are a row. */
function rowsOf(launches: readonly Launch[], times: readonly number[]): ProfileRow[] {
  const rows = new Map<
    string,
    { op: string; kernel: string; launches: number; ms: number; flops: number; bytes: number }
  >();
  launches.forEach(({ planned }, i) => {
    const [op, kernel] = [planned.label, planned.variant.kernel.name];
    const key = JSON.stringify([op, kernel]);
    const sum = rows.get(key) ?? { op, kernel, launches: 0, ms: 0, flops: 0, bytes: 0 };
    sum.launches++;
    sum.ms += times[i];
    sum.flops += planned.flops;
    sum.bytes += planned.bytes;
    rows.set(key, sum);
  });
  const total = times.reduce((sum, ms) => sum + ms, 0) || 1;
  return [...rows.values()]
    .map(({ flops, bytes, ...row }) => {
      const perMs = 1 / Math.max(row.ms, 1e-6) / 1e6;
      return { ...row, share: row.ms / total, gflops: flops * perMs, gbps: bytes * perMs };
    })
    .sort((a, b) => b.ms - a.ms);
}

function text(rows: readonly ProfileRow[], kernelMs: number, stepMs: number, clock: string): string {
  const width = Math.max(20, ...rows.map(({ op }) => op.length));
  const head = `${'op'.padEnd(width)} ${'kernel'.padEnd(22)} launches       ms  share  GFLOP/s    GB/s`;
  const lines = rows.map(({ op, kernel, launches, ms, share, gflops, gbps }) => {
    const percent = `${(share * 100).toFixed(1)} %`;
    const rates = `${gflops.toFixed(2).padStart(8)} ${gbps.toFixed(2).padStart(7)}`;
    const names = `${op.padEnd(width)} ${kernel.padEnd(22)} ${String(launches).padStart(8)}`;
    return `${names} ${ms.toFixed(3).padStart(8)} ${percent.padStart(7)} ${rates}`;
  });
  const sum = `kernels ${kernelMs.toFixed(3)} ms (${clock}), whole step ${stepMs.toFixed(3)} ms`;
  return [head, ...lines, sum].join('\n');
}
