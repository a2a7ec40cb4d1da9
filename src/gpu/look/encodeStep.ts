// A step in the commands of somebody else.

import { check, shown } from '../../graph/check';
import type { Tensor } from '../../graph/tensor';
import type { Buffers } from '../device/buffers';
import { GpuArray, type Given } from '../replay/gpuArray';
import { Parcels } from '../replay/parcels';
import type { Reading } from '../replay/reading';
import { Replay } from '../replay/replay';
import { useTool, type Arguments, type Readings, type Step } from '../step';
import type { Workplace } from '../workplace';

/**
 * Records one step into commands of the caller's, who submits them, so that a step and what is drawn of it are one
 * submit. No pass of the encoder may be open: WebGPU tells of that at `finish()`, when the step has been counted. The
 * arguments are taken now, and what the host decides (rate, seed) is asked for and counted now: submit in the order in
 * which you encode, and before anything is destroyed. Results may be read once they are submitted; an array until the
 * step is encoded again. What `print` asks for is not written.
 */
export function encodeStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  encoder: GPUCommandEncoder,
  ...args: Arguments<P>
): Readings<R> {
  return useTool('encodeStep', step, (recordings) => {
    const encodes = typeof (encoder as Partial<GPUCommandEncoder> | null)?.copyBufferToBuffer === 'function';
    check(
      encodes,
      `encodeStep: ${shown(encoder)} is no command encoder`,
      'give what device.createCommandEncoder() made, outside of a pass',
    );
    const { place, rings } = recordings;
    const { args: checked, recording } = recordings.asked(args);
    if (!recording.apart) {
      const make = () => (recording.apart = new Replay(recording.plan, { ...place, rings, apart: true }));
      place.counted.guard('recording', make);
    }
    let readings: Reading[] = [];
    const encode = () => (readings = encodeInto(recording.apart!, encoder, checked, parcelsOf(place)));
    place.counted.guard('encodeStep', encode);
    // Nothing is printed: the caller submits, at a time of their own.
    return recording.shapeOf(readings) as Readings<R>;
  });
}

/** Those of every engine that has encoded. */
const parcels = new WeakMap<Buffers, Parcels>();

function parcelsOf({ counted, buffers }: Workplace): Parcels {
  let its = parcels.get(buffers);
  if (!its) parcels.set(buffers, (its = new Parcels(counted, buffers)));
  return its;
}

/** For a replay whose memory is apart. */
function encodeInto(
  replay: Replay,
  encoder: GPUCommandEncoder,
  args: readonly Given[],
  parcelsThere: Parcels,
): Reading[] {
  replay.catchUp();
  const { feeds } = replay.memory;
  const sizeOf = (given: Given) => (given instanceof GpuArray ? 0 : given.data.length);
  const values = args.reduce((sum, given) => sum + sizeOf(given), feeds.size);
  const delivery = parcelsThere.send(encoder, values);
  if (feeds.buffer) delivery.put(feeds.ask(), feeds.buffer, 0);
  args.forEach((given, i) => {
    if (given instanceof GpuArray) return;
    const { buffer, offset } = replay.inputSlots[i];
    delivery.put(given.data, buffer, offset * 4);
  });
  replay.copyInputs(encoder, args);
  replay.encodeAll(encoder, 1);
  const readings = replay.results(encoder, () => delivery.arrived());
  delivery.close();
  feeds.advance();
  return readings;
}
