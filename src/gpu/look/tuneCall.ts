// Measures all ways of one call alone, on arguments of its shapes: what a sweep over many models is made of.

import { mapValues, Tensor, type Call } from '../../graph/tensor';
import type { Shape } from '../../graph/shape';
import { Tuning } from '../../graph/tuning';
import { makePlan } from '../../plan/makePlan';
import type { Wanted } from '../../plan/plan';
import { placeOf, type Engine } from '../engine';
import type { Given } from '../replay/gpuArray';
import type { Patience, Swept } from './sweep';
import { measureWays } from './ways';

/**
 * Measures the ways of a call as it stands in a plan, and teaches the engine's tuning which is the fastest: for this
 * call and for every one of its class. The call's own tensors are not touched. `next`: the way to try behind the
 * likeliest one.
 */
export async function tuneCall(
  engine: Engine,
  call: Call,
  patience: Patience,
  next?: string,
): Promise<Swept> {
  return measureWays(placeOf(engine), { ...alone(call), most: Infinity, next }, patience);
}

/** Names of the ways of a call's launches of class `key`, the likeliest first; none where alone it has no such. */
export function waysOfCall(engine: Engine, call: Call, key: string): readonly string[] {
  const { traits } = placeOf(engine);
  const tuning = new Tuning();
  tuning.trial = 0;
  const { dispatches } = makePlan(alone(call).wanted, { ...traits, tuning });
  return dispatches.find(({ choice }) => choice?.key === key)?.choice?.ways ?? [];
}

/** A call as all that is wanted, on arguments in place of its inputs. */
function alone(call: Call): { readonly wanted: Wanted; readonly args: readonly Given[] } {
  const arguments_ = new Map<Tensor, Tensor>();
  const inputs = mapValues(call.inputs, (x) => {
    const known = arguments_.get(x) ?? new Tensor(x.shape, x.dtype, { kind: 'input', name: 'argument' });
    arguments_.set(x, known);
    return known;
  });
  const outputs: Record<string, Tensor> = {};
  const own: Call = { ...call, inputs, outputs };
  for (const [name, { shape, dtype }] of Object.entries(call.outputs)) {
    outputs[name] = new Tensor(shape, dtype, { kind: 'call', call: own, output: name });
  }
  const stands = [...arguments_.values()];
  // Its launches are made whichever of its results is wanted; some of the others no launch may write.
  return {
    wanted: { inputs: stands, outputs: Object.values(outputs).slice(0, 1), effects: [] },
    args: stands.map(({ shape, size, dtype }, i) => filled(shape, size, dtype === 'f32', i)),
  };
}

/** Numbers in ±1, none of them so small that a processor takes longer for it; where they are whole, ones. */
function filled(shape: Shape, size: number, real: boolean, seed: number): Given {
  if (!real) return { shape, data: new Uint32Array(size).fill(1) };
  const data = new Float32Array(size);
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state / 2 ** 31;
  }
  return { shape, data };
}
