// What everything that runs steps needs of the engine that they belong to.

import type { TunedTraits } from '../graph/tuning';
import type { Buffers } from './device/buffers';
import type { CountedDevice } from './device/device';
import type { Lines } from './look/lines';
import type { Parcels } from './replay/parcels';

export interface Workplace {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  readonly traits: TunedTraits;
  /** Recordings that a step keeps: one for each set of shapes. */
  readonly mostRecordings: number;
  /** For steps in the commands of others. */
  readonly parcels: Parcels;
  /** Writes what `print` asks for. */
  readonly lines: Lines;
  /** Takes the lines that tell plans and runs, if these are to be told. */
  readonly debug: ((line: string) => void) | null;
}
