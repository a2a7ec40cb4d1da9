// A step many times without the host in between: submits hold as many repetitions as take a moment, which is measured
// on the way, so that no driver takes a long one for a hang and a display stays alive.

import type { CountedDevice } from '../device/device';
import type { Given } from './gpuArray';
import type { Reading } from './reading';
import type { Replay } from './replay';

/** What a submit may take. */
const SUBMIT_MS = 150;
/** A submit holds at most so many times the repetitions of the one before: the first may be far too fast or slow. */
const GROWTH = 4;

/** Runs a step so many times, many runs to a submit; resolves to the readings of the last when all are submitted. */
export async function repeat(
  /** Asked before every submit: the recording may have been tuned meanwhile. */
  replayNow: () => Replay,
  times: number,
  args: readonly Given[],
  counted: CountedDevice,
): Promise<readonly Reading[]> {
  let readings: readonly Reading[] = [];
  let count = 1;
  let idleSince = performance.now();
  let before: Promise<void> = Promise.resolve();
  for (let left = times; left > 0;) {
    counted.rethrow();
    const replay = replayNow();
    const now = Math.min(left, count, replay.most);
    const started = performance.now();
    // Slots are shared: other steps that ran since the last submit may have used those of the arguments.
    replay.uploadInputs(args);
    readings = replay.steps(now, args);
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
  return readings;
}
