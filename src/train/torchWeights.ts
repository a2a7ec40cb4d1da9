// Weights of PyTorch's into a model of ours: our parameters have its names and its layout, but for what wrappers put
// before them and for what weight norm has been called since PyTorch 2.0.

import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import type { Module } from '../nn/module';
import { checkCheckpoint, loadCheckpoint } from './checkpoint';
import { decodeSafetensors, fileBytes, type Stored, type StoredTensor } from './safetensors';

/** What DataParallel and torch.compile put before every name. */
const WRAPPERS = /^((module|_orig_mod)\.)+/;
/** torch.nn.utils.parametrizations.weight_norm: the first is g, the second v. */
const PARAMETRIZED = /\.parametrizations\.(\w+)\.original([01])$/;

/**
 * Puts the weights of a safetensors file (F32, F16 or BF16) into a model: all of them, or nothing and an error that
 * says what does not fit. `name`: what an error calls the file.
 */
export function loadWeights(
  engine: Engine,
  bytes: Uint8Array | ArrayBuffer,
  model: Module,
  name = 'the file',
): void {
  const stored = decodeSafetensors(fileBytes(bytes, name), name);
  putWeights(engine, stored, model, name);
}

/** The same of a file that was read. */
export const putWeights = (engine: Engine, stored: Stored, model: Module, where: string): void =>
  loadCheckpoint(engine, ours(stored, model, where), where, { model });

/** Fails where `putWeights` would; needs no device. */
export const checkWeights = (stored: Stored, model: Module, where: string): void =>
  checkCheckpoint(ours(stored, model, where), where, { model });

/** Tensors under the names that they have in the model. */
function ours(stored: Stored, model: Module, where: string): Stored {
  const known = new Set([...model.namedParameters(), ...model.tiedParameters()].map(([name]) => name));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of stored.tensors) {
    const own = known.has(name) ? name : ourName(name);
    if (tensors.has(own)) {
      fail(`${where}: ${name} and another are both ${own} of this model.`, {
        fix: 'leave one of them out.',
      });
    }
    tensors.set(own, tensor);
  }
  return { tensors, metadata: stored.metadata };
}

const ourName = (name: string): string =>
  name
    .replace(WRAPPERS, '')
    .replace(PARAMETRIZED, (_, weight: string, part: string) => `.${weight}_${part === '0' ? 'g' : 'v'}`);
