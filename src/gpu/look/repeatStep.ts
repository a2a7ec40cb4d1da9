// A step many times without the host in between: submits hold as many repetitions as take a moment, which is measured
// on the way, so that no driver takes a long one for a hang and a display stays alive.

import type { Tensor } from '../../graph/tensor';
import type { Recordings, StepArgument } from '../recordings';
import type { Given } from '../replay/gpuArray';
import type { Reading } from '../replay/reading';
import { whileBusy } from '../replay/recording';
import type { Replay } from '../replay/replay';
import { useTool, type Arguments, type Readings, type Step } from '../step';
import { checkTimes } from './times';

/** What a submit may take. */
const SUBMIT_MS = 150;
/** A submit holds at most so many times the repetitions of the one before: the first may be far too fast or slow. */
const GROWTH = 4;
/** Steps with feeds that one submit may hold. */
const MOST_ROWS = 256;

/**
 * The same as so many calls with these arguments, bit for bit, with the host out of the loop: many steps share a
 * submit, as many as take a moment. What the host decides per step is asked for every one of them, so optimizers
 * count all their updates and dropout draws a new mask each time. Resolves when all are submitted; the readings are
 * of the last.
 */
export async function repeatStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  times: number,
  ...args: Arguments<P>
): Promise<Readings<R>> {
  const repeated = (recordings: Recordings) => repeat(recordings, times, args);
  return useTool('repeatStep', step, repeated, times, ...args) as Promise<Readings<R>>;
}

async function repeat(recordings: Recordings, times: number, given: readonly StepArgument[]) {
  checkTimes('repeatStep', times);
  const { args, recording } = recordings.ready(given);
  const { counted } = recordings.place;
  let readings: readonly Reading[] = [];
  await whileBusy(recording, async () => {
    let count = 1;
    let idleSince = performance.now();
    let before: Promise<void> = Promise.resolve();
    for (let left = times; left > 0;) {
      // The recording may have been tuned meanwhile.
      const replay = recordings.replayOf(recording);
      const now = Math.min(left, count, replay.memory.feeds.buffer ? MOST_ROWS : Infinity);
      const started = performance.now();
      counted.guard('repeatStep', () => (readings = submitSteps(replay, now, args)));
      left -= now;
      const note = () => {
        const ended = performance.now();
        const each = (ended - Math.max(started, idleSince)) / now;
        idleSince = ended;
        count = Math.max(1, Math.min(now * GROWTH, Math.floor(SUBMIT_MS / Math.max(each, 1e-3))));
      };
      // A device that is gone says so before the next submit.
      const done = counted.queue.onSubmittedWorkDone().then(note, () => undefined);
      // Two are under way at most: one computes while the next is prepared.
      await before;
      before = done;
    }
  });
  await counted.settle();
  return recordings.handOut(recording, readings, times);
}

/** So many steps on the same inputs in one submit, as so many calls would make; the readings are of the last. */
function submitSteps(replay: Replay, times: number, args: readonly Given[]): Reading[] {
  // Slots are shared: other steps that ran since the last submit may have used those of the arguments.
  replay.uploadInputs(args);
  const { device, memory } = replay;
  const { feeds } = memory;
  const encoder = device.device.createCommandEncoder();
  replay.copyInputs(encoder, args);
  if (feeds.buffer) {
    const values = new Float32Array(times * feeds.size);
    const bytes = feeds.size * 4;
    const rows = rowsOf(replay);
    for (let i = 0; i < times; i++) {
      values.set(feeds.ask(), i * feeds.size);
      feeds.advance();
      encoder.copyBufferToBuffer(rows, i * bytes, feeds.buffer, 0, bytes);
      replay.encodeAll(encoder, 1);
    }
    device.queue.writeBuffer(rows, 0, values);
  } else {
    replay.encodeAll(encoder, times);
  }
  return replay.finish(encoder);
}

/** Rows of what the host decides, uploaded together, of which each step of a submit reads its own. */
const rows = new WeakMap<Replay, GPUBuffer>();

function rowsOf(replay: Replay): GPUBuffer {
  const { memory } = replay;
  const its = rows.get(replay) ?? memory.own('rows of feeds', MOST_ROWS * memory.feeds.size);
  rows.set(replay, its);
  return its;
}
