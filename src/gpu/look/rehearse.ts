// A step that runs for the sake of looking at it: on copies of the states that it would write, with nothing counted.

import type { Recordings, StepArgument } from '../recordings';
import { GpuArray, type Given } from '../replay/gpuArray';
import { whileBusy } from '../replay/recording';
import { Replay } from '../replay/replay';
import { StateCopies } from '../replay/stateCopies';

/** Runs `body` on a replay that leaves no trace. */
export async function rehearse<T>(
  recordings: Recordings,
  given: readonly StepArgument[],
  body: (replay: Replay, args: readonly Given[]) => Promise<T>,
): Promise<T> {
  const { counted, buffers } = recordings.place;
  const { args, replay, recording } = recordings.ready(given);
  const copies = new StateCopies(counted, buffers);
  const standIns = copies.of(replay.plan);
  const own = standIns.size > 0;
  const used = own ? new Replay(replay.plan, { counted, buffers, standIns }) : replay;
  try {
    return await whileBusy(recording, () => body(used, args));
  } finally {
    if (own) used.destroy();
    copies.destroy();
    await counted.settle();
  }
}

/** Writes the inputs, and what the host feeds without counting it. */
export function upload(replay: Replay, args: readonly Given[]): void {
  replay.uploadInputs(args);
  replay.memory.feeds.write();
  if (!args.some((given) => given instanceof GpuArray)) return;
  const encoder = replay.device.device.createCommandEncoder();
  replay.copyInputs(encoder, args);
  replay.device.submit(encoder.finish());
}

/** The launches on what was uploaded, so many times in one submit. */
export function submit(replay: Replay, times: number): void {
  replay.catchUp();
  const encoder = replay.device.device.createCommandEncoder();
  replay.encodeAll(encoder, times);
  replay.device.submit(encoder.finish());
}
