// What everything that runs steps needs of the engine that they belong to.

import type { PlanTraits } from '../graph/tuning';
import type { Buffers } from './device/buffers';
import type { CountedDevice } from './device/device';
import type { Teller } from './tell/debug';
import type { Lines } from './tell/lines';

/** What the recordings of an engine share. */
export interface Workplace {
  /** Both are others once the device was lost and has been opened again. */
  counted: CountedDevice;
  buffers: Buffers;
  readonly traits: PlanTraits;
  /** Recordings that a step keeps: one for each set of shapes. */
  readonly mostRecordings: number;
  /** Writes what `print` asks for. */
  readonly lines: Lines;
  /** Gives what tells of a step, by the step's function, where that is wanted. */
  readonly tellerOf?: (body: { readonly name: string }) => Teller;
}
