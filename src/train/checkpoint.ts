// A checkpoint is a safetensors file: parameters under PyTorch's names and in PyTorch's layout, so that
// load_state_dict takes it, tied ones under each of their names; the optimizer's moments under `optimizer.`; hidden
// states that are carried from step to step under `carried.`; other parameters that the run may need again under
// `best.`; and in the metadata, as JSON, whatever else a run needs to go on bit for bit (step, data order, random
// streams).

import type { Engine } from '../gpu/engine';
import { fail, shapeText } from '../graph/check';
import type { State } from '../graph/state';
import type { Module } from '../nn/module';
import { fromTorch, torchShape } from '../nn/layout';
import { lossScaleOf } from '../optim/lossScale';
import type { Optimizer } from '../optim/optimizer';
import { readJson } from './json';
import type { Stored } from './safetensors';

/** What the names of an optimizer's moments begin with. */
export const PREFIX = 'optimizer.';
/** What the names of carried states begin with. */
export const CARRIED = 'carried.';
/** What the names of the parameters that were best begin with. */
export const BEST = 'best.';

/** What a checkpoint is made of. */
export interface Saved {
  readonly model: Module;
  /** Its moments and its count of steps are saved too. */
  readonly optimizer?: Optimizer;
  /** States besides, by name, e.g. the hidden state between two segments of a text. */
  readonly carried?: Readonly<Record<string, State>>;
  /** A checkpoint of the model alone, with its metadata, that is kept inside: see `bestIn`. */
  readonly best?: Stored;
  /** Anything JSON can hold, and the numbers that it cannot: NaN, ±Infinity, −0. */
  readonly progress?: unknown;
}

/** Puts a checkpoint into the model (and optimizer). Everything is checked before anything is written. */
export function loadCheckpoint(engine: Engine, stored: Stored, where: string, into: Saved): void {
  const { optimizer } = into;
  const { writes, counts } = fitting(stored, where, into);
  for (const { state, part, data } of writes) {
    // A moment is laid out like the flat buffer of the parameters.
    engine.write(state, data, state === part ? undefined : part.home!.offset);
  }
  if (!optimizer || !counts) return;
  optimizer.steps = counts.steps;
  engine.write(optimizer.skips, Uint32Array.of(counts.skipped, 0));
  const lossScale = lossScaleOf(optimizer);
  if (!lossScale || !counts.lossScale) return;
  const { scale, good } = counts.lossScale;
  engine.write(lossScale.scale, Float32Array.of(scale));
  engine.write(lossScale.inverse, Float32Array.of(1 / scale));
  engine.write(lossScale.good, Uint32Array.of(good));
}

/** Fails where `loadCheckpoint` would; needs no device. */
export const checkCheckpoint = (stored: Stored, where: string, into: Saved): void =>
  void fitting(stored, where, into);

/** What a checkpoint puts where. */
interface Fitting {
  readonly writes: readonly { readonly state: State; readonly part: State; readonly data: Float32Array }[];
  readonly counts?: Counts;
}

/** What an optimizer has counted. */
interface Counts {
  readonly steps: number;
  readonly skipped: number;
  /** Absent where the loss is not scaled. */
  readonly lossScale?: SavedScale;
}

interface SavedScale {
  readonly scale: number;
  readonly good: number;
}

/** What is to be written to load a checkpoint, or why it does not fit. */
function fitting(stored: Stored, where: string, { model, optimizer, carried = {} }: Saved): Fitting {
  const parameters = [...model.namedParameters()];
  const tied = [...model.tiedParameters()];
  const names = new Set([...parameters, ...tied].map(([name]) => name));
  const writes: { state: State; part: State; data: Float32Array }[] = [];
  const add = (name: string, part: State, state: State) =>
    writes.push({ state, part, data: fromTorch(part, valuesFor(stored, name, part, where)) });
  for (const [name, parameter] of parameters) {
    const others = tied.filter(([, one]) => one === parameter).map(([other]) => other);
    const found = [name, ...others].filter((one) => stored.tensors.has(one));
    refuseUntied(stored, found, where);
    add(found[0] ?? name, parameter, parameter);
  }
  for (const name of stored.tensors.keys()) {
    if (![PREFIX, CARRIED, BEST].some((prefix) => name.startsWith(prefix)) && !names.has(name)) {
      fail(`${where}: it has ${name}, which this model has not.`, {
        given: `the model has ${[...names].slice(0, 6).join(', ')}${names.size > 6 ? ', …' : ''}`,
        fix: 'build the model with the settings that the checkpoint was made with.',
      });
    }
  }
  const counts = optimizer && optimizerCounts(stored, where, optimizer);
  for (const [moment, state] of Object.entries(optimizer?.moments ?? {})) {
    for (const [name, parameter] of parameters) {
      if (parameter.home?.flat === optimizer!.flat) add(`${PREFIX}${moment}.${name}`, parameter, state);
    }
  }
  for (const [name, state] of Object.entries(carried)) add(CARRIED + name, state, state);
  return { writes, counts };
}

/** Names of one parameter have one value: the file was made by a model whose parameters are apart otherwise. */
function refuseUntied({ tensors }: Stored, [first, ...others]: readonly string[], where: string): void {
  for (const other of others) {
    const [a, b] = [tensors.get(first)!.data, tensors.get(other)!.data];
    if (a.length === b.length && a.every((value, i) => Object.is(value, b[i]))) continue;
    fail(`${where}: ${first} and ${other} differ, which this model has as one parameter.`, {
      fix: 'build the model without tying them, as the checkpoint was made.',
    });
  }
}

function valuesFor({ tensors }: Stored, name: string, state: State, where: string): Float32Array {
  const found = tensors.get(name);
  const wanted = shapeText(torchShape(state));
  if (!found) {
    fail(`${where}: it has no ${name} ${wanted}.`, {
      given: `it has ${[...tensors.keys()].slice(0, 6).join(', ')}${tensors.size > 6 ? ', …' : ''}`,
      fix: 'build the model with the settings that the checkpoint was made with.',
    });
  }
  if (shapeText(found.shape) !== wanted) {
    fail(`${where}: ${name} is ${shapeText(found.shape)} there, but ${wanted} in this model.`, {
      fix: 'build the model with the settings that the checkpoint was made with.',
    });
  }
  return found.data;
}

/** How many updates it has made, and how many of these were skipped. */
function optimizerCounts({ metadata }: Stored, where: string, optimizer: Optimizer): Counts {
  const saved = parsed(metadata.optimizer, where) as Partial<Record<string, unknown>> | null;
  const wanted = optimizer.constructor.name;
  const name = String(saved?.name ?? 'no optimizer');
  if (name !== wanted) {
    fail(`${where}: it was saved with ${name}, this run uses ${wanted}.`, { fix: `resume with ${name}.` });
  }
  const { steps, skipped = 0, lossScale } = saved ?? {};
  if (!isCount(steps) || !isCount(skipped) || skipped > steps) {
    fail(`${where}: its optimizer has made ${String(steps)} steps.`, {
      fix: 'the file is damaged; use another copy.',
    });
  }
  if (lossScale === undefined) return { steps, skipped };
  if (!isScale(lossScale)) {
    fail(`${where}: the loss scale of its optimizer is ${JSON.stringify(lossScale)}.`, {
      fix: 'the file is damaged; use another copy.',
    });
  }
  return { steps, skipped, lossScale };
}

const isScale = (value: unknown): value is SavedScale => {
  const { scale, good } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof scale === 'number' && scale >= 1 && Number.isInteger(Math.log2(scale)) && isCount(good);
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** What was given as `best` when the checkpoint was saved; null if nothing was. */
export function bestIn({ tensors, metadata }: Stored, where: string): Stored | null {
  if (!metadata.best) return null;
  const kept = [...tensors].filter(([name]) => name.startsWith(BEST));
  return {
    tensors: new Map(kept.map(([name, tensor]) => [name.slice(BEST.length), tensor])),
    metadata: parsed(metadata.best, where) as Stored['metadata'],
  };
}

/** What was given as `progress` when the checkpoint was saved. */
export const progressOf = (stored: Stored, where: string): unknown => parsed(stored.metadata.progress, where);

function parsed(text: string | undefined, where: string): unknown {
  try {
    return readJson(text ?? '{}');
  } catch {
    return fail(`${where}: its metadata is not JSON.`, { fix: 'the file is damaged; use another copy.' });
  }
}
