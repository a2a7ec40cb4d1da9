// Half precision for an engine.

import { callerLine, fail, hereStack } from '../graph/check';
import { halfPlan } from '../plan/half';
import type { Engine } from './engine';

/**
 * Has the engine store in f16 what steps compute that are recorded from now on, and compute it in f32: half the memory
 * and half the traffic, for three digits. The device must have the feature shader-f16. Train with `optim.lossScale`:
 * the smallest half is 6e-8. Gives the engine: `const engine = half(await open())`.
 */
export function half(engine: Engine): Engine {
  if (!engine.device.features.has('shader-f16')) {
    fail(`half: ${engine.name} has no shader-f16.`, {
      at: callerLine(hereStack()),
      fix:
        'leave half out; or take an adapter that has it: most GPUs do, and of software lavapipe (Mesa 25), not ' +
        "SwiftShader. A device of your own: requestDevice({ requiredFeatures: ['shader-f16'] }).",
      kind: 'unable',
    });
  }
  engine.traits.half = halfPlan;
  return engine;
}
