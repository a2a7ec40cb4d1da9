// The state of a model as a checkpoint: see checkpoint.ts.

import type { Engine } from '../gpu/engine';
import type { TypedArray } from '../graph/shape';
import type { State } from '../graph/state';
import { toTorch, torchShape } from '../nn/layout';
import { lossScaleOf } from '../optim/lossScale';
import type { Optimizer } from '../optim/optimizer';
import { BEST, CARRIED, PREFIX, type Saved } from './checkpoint';
import { writeJson } from './json';
import type { Stored, StoredTensor } from './safetensors';

/**
 * Reads everything back from the device, as it is after the last step that was submitted before the call: all copies
 * are made before any is waited for, so that steps may go on meanwhile.
 */
export async function saveCheckpoint(engine: Engine, saved: Saved): Promise<Stored> {
  const { model, optimizer, best, progress } = saved;
  const copies = new Map<State, Promise<TypedArray>>();
  const copyOf = (state: State): Promise<TypedArray> => {
    if (!copies.has(state)) copies.set(state, engine.read(state));
    return copies.get(state)!;
  };
  const wanted = [...tensorsOf(saved)].map(([name, place]) => ({
    name,
    ...place,
    copy: copyOf(place.state),
  }));
  const counts = optimizer && countsOf(optimizer, copyOf);
  const metadata: Record<string, string> = { format: 'pt' };
  if (best) metadata.best = JSON.stringify(best.metadata);
  if (progress !== undefined) metadata.progress = writeJson(progress, 'save: progress');
  await Promise.all(copies.values());
  if (counts) metadata.optimizer = JSON.stringify(await counts);

  const tensors = new Map<string, StoredTensor>();
  for (const { name, part, start, copy } of wanted) {
    const values = (await copy) as Float32Array;
    const own = start === undefined ? values : values.slice(start, start + part.size);
    tensors.set(name, { shape: torchShape(part), data: toTorch(part, own) });
  }
  for (const [name, { name: first }] of model.tiedParameters()) tensors.set(name, tensors.get(first)!);
  for (const [name, tensor] of best?.tensors ?? []) tensors.set(BEST + name, tensor);
  return { tensors, metadata };
}

/** Where the values of a tensor of a checkpoint are: in `state`, from element `start` on; all of it, where none is. */
interface Place {
  readonly part: State;
  readonly state: State;
  readonly start?: number;
}

/** The tensors of a checkpoint by their names: parameters, moments of the optimizer, carried states. */
function tensorsOf({ model, optimizer, carried = {} }: Saved): Map<string, Place> {
  const found = new Map<string, Place>();
  const parameters = [...model.namedParameters()];
  for (const [name, part] of parameters) {
    const { home } = part;
    found.set(name, home ? { part, state: home.flat, start: home.offset } : { part, state: part });
  }
  for (const [moment, state] of Object.entries(optimizer?.moments ?? {})) {
    for (const [name, part] of parameters) {
      if (part.home?.flat !== optimizer!.flat) continue;
      found.set(`${PREFIX}${moment}.${name}`, { part, state, start: part.home.offset });
    }
  }
  for (const [name, state] of Object.entries(carried)) found.set(CARRIED + name, { part: state, state });
  return found;
}

/** What an optimizer has counted, as it is when this is called. */
async function countsOf(
  optimizer: Optimizer,
  copyOf: (state: State) => Promise<TypedArray>,
): Promise<object> {
  const { steps, constructor } = optimizer;
  const scaling = lossScaleOf(optimizer);
  const copies = [optimizer.skips, ...(scaling ? [scaling.scale, scaling.good] : [])].map(copyOf);
  const [[skipped], [scale] = [], [good] = []] = await Promise.all(copies);
  const lossScale = scaling && { scale, good };
  return { name: constructor.name, steps, ...(skipped && { skipped }), ...(lossScale && { lossScale }) };
}
