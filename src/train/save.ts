// A model as the bytes of a file, and back: safetensors with parameters under PyTorch's names and in its layout, an
// optimizer's moments and count of steps, and whatever else a training needs to go on bit for bit.

import type { Engine } from '../gpu/engine';
import { anything, checked, object, only, type Rules } from '../graph/options';
import { loadCheckpoint, progressOf, type Saved } from './checkpoint';
import { decodeSafetensors, encodeSafetensors, fileBytes } from './safetensors';
import { saveCheckpoint } from './saveCheckpoint';

const RULES: Rules<Saved> = {
  model: (value) => typeof (value as Saved['model'] | null)?.namedParameters === 'function' || 'a Module',
  optimizer: object,
  carried: object,
  best: object,
  progress: anything,
};

/** What is used of an object that may hold more, as the step that trains the model. */
const used = (subject: string, given: Saved): Saved =>
  checked(subject, only(RULES, given ?? {}), RULES, 'model');

/**
 * Reads a model, and what else is given, from the device, as it is when this is called: after the last step that was
 * called before, whatever is called while the file is made.
 */
export const save = async (engine: Engine, saved: Saved): Promise<Uint8Array<ArrayBuffer>> =>
  encodeSafetensors(await saveCheckpoint(engine, used('save', saved)));

/**
 * Puts the bytes of a file into a model, and into the optimizer where one is given: all of it, or nothing and an error
 * that says what does not fit. Returns what was saved as `progress`; {} where nothing was, as in a file of PyTorch's.
 * `name`: what an error calls the file.
 */
export function load(
  engine: Engine,
  bytes: Uint8Array | ArrayBuffer,
  into: Omit<Saved, 'progress'>,
  name = 'the file',
): unknown {
  const stored = decodeSafetensors(fileBytes(bytes, name), name);
  const progress = progressOf(stored, name);
  loadCheckpoint(engine, stored, name, used('load', into));
  return progress;
}
