// Half precision for an engine.

import { check } from '../graph/check';
import { halfPlan } from '../plan/half';
import type { Engine } from './engine';

/**
 * Has the engine store in f16 what steps compute that are recorded from now on, and compute it in f32: half the memory
 * and half the traffic, for three digits. The device must have the feature shader-f16. Train with `optim.lossScale`:
 * the smallest half is 6e-8. Gives the engine: `const engine = half(await open())`.
 */
export function half(engine: Engine): Engine {
  check(
    engine.device.features.has('shader-f16'),
    `half: ${engine.name} has no shader-f16`,
    'leave half out; or take an adapter that has it: most GPUs do, and of software lavapipe (Mesa 25), not ' +
      "SwiftShader. A device of your own: requestDevice({ requiredFeatures: ['shader-f16'] })",
  );
  engine.traits.half = halfPlan;
  return engine;
}
