// What everything that runs steps needs of the engine that they belong to.

import type { Journal } from '../graph/tape';
import type { StepTraits } from '../plan/makePlan';
import type { Buffers, Beginning } from './device/buffers';
import type { CountedDevice } from './device/device';
import type { Teller } from './tell/debug';

/** A device, and where it is from. */
export interface Opened {
  /** Referenced for as long as the engine lives: Dawn in Node crashes when its GPU object is collected. */
  readonly gpu: GPU | null;
  /** Null where the device was given to `open`. */
  readonly adapter: GPUAdapter | null;
  readonly device: GPUDevice;
}

/** A device at work: another one once it was lost and has been opened again, see reopen. */
export interface Working {
  opened: Opened;
  counted: CountedDevice;
  buffers: Buffers;
}

/** What the recordings of an engine share. */
export interface Workplace extends Working, Journal {
  /** Sets up what an engine has on a device, whose states have these values at first; default: their initial ones. */
  readonly workOn: (opened: Opened, begin?: Beginning) => Working;
  /** Gives another device, as `open` came by the first. */
  readonly find?: () => Promise<Opened>;
  readonly traits: StepTraits;
  /** Recordings that a step keeps: one for each set of shapes. */
  readonly mostRecordings: number;
  /** Gives what tells of a step, by the step's function, where that is wanted. */
  readonly tellerOf?: (body: { readonly name: string }) => Teller;
}
