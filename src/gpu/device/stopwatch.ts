// How long a submit takes: by the device's own timestamps where it has them, otherwise by the host's clock.

import { COPY_DST, COPY_SRC, MAP_READ, QUERY_RESOLVE, READ } from './usages';

/** Encodes one pass; the timestamps are for its descriptor. */
export type Encode = (encoder: GPUCommandEncoder, timestampWrites?: GPUComputePassTimestampWrites) => void;

/** Measures how long a submit takes. */
export interface Stopwatch {
  /** Milliseconds. */
  time(encode: Encode): Promise<number>;
  /** The smallest difference that it shows, in milliseconds. */
  readonly step: number;
  destroy(): void;
}

/** What browsers round timestamps to, and what they round `performance.now()` to, at most. */
const TIMESTAMP_STEP = 0.1;
const CLOCK_STEP = 0.1;

/** By the host's clock. */
export function byHost(device: GPUDevice): Stopwatch {
  return {
    step: CLOCK_STEP,
    async time(encode) {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      encode(encoder);
      device.queue.submit([encoder.finish()]);
      await done(device);
      return performance.now() - start;
    },
    destroy: () => {},
  };
}

/**
 * Resolves when all that was submitted is done. Firefox looks only every 100 ms, or when something is submitted: so
 * nothing is, again and again.
 */
async function done(device: GPUDevice): Promise<void> {
  let waiting = true;
  const end = device.queue.onSubmittedWorkDone().then(() => {
    waiting = false;
  });
  while (waiting) {
    await Promise.race([end, nextTask()]);
    if (waiting) device.queue.submit([]);
  }
  await end;
}

/** Browsers make a moment of it: 4 ms at most. */
const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** By the device's timestamps; null where it has none. */
export function byTimestamps(device: GPUDevice): Stopwatch | null {
  if (!device.features.has('timestamp-query')) return null;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size: 16, usage: MAP_READ | COPY_DST });
  return {
    step: TIMESTAMP_STEP,
    async time(encode) {
      const encoder = device.createCommandEncoder();
      encode(encoder, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      device.queue.submit([encoder.finish()]);
      await done(device);
      await staging.mapAsync(READ);
      const [from, to] = new BigUint64Array(staging.getMappedRange());
      staging.unmap();
      return Number(to - from) / 1e6;
    },
    destroy: () => [querySet, resolved, staging].forEach((one) => one.destroy()),
  };
}
