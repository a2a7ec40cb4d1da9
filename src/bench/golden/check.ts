// Ten training steps of every model as a check of an adapter: how far its losses and the
// norms of its gradients are from PyTorch's.

import type { Engine } from '../../gpu/engine';
import type { Tensor } from '../../graph/tensor';
import type { Check } from '../checks';
import golden from './losses.json';
import { GOLDEN_MODELS, giveWeights, type GoldenModel } from './models';

/** The largest error, relative: a software adapter has 5e-7, and the exp and tanh of GPUs are less exact. */
const ALLOWED = 1e-4;

/** Checks, one for every model. */
export const GOLDEN_CHECKS: readonly Check[] = Object.entries(GOLDEN_MODELS).map(([name, make]) => ({
  name,
  allowed: ALLOWED,
  run: (engine) => errorOf(engine, make(), golden.models[name as keyof typeof GOLDEN_MODELS]),
}));

interface Wanted {
  readonly losses: readonly number[];
  /** The norms of all gradients together, before clipping. */
  readonly norms: readonly number[];
}

/** Trains as many steps as there are losses; the largest error of a loss or a norm, relative to it. */
async function errorOf(
  engine: Engine,
  { model, optimizer, loss, batch }: GoldenModel,
  { losses, norms }: Wanted,
): Promise<number> {
  giveWeights(engine, model);
  const step = engine.train((...tensors: Tensor[]) => optimizer.minimizeWithNorm(loss(...tensors)));
  let worst = 0;
  for (const [i, right] of losses.entries()) {
    const results = step(...batch(i));
    const found = await Promise.all([results.loss.item(), results.norm.item()]);
    for (const error of [Math.abs(found[0] / right - 1), Math.abs(found[1] / norms[i] - 1)]) {
      // NaN is worse than any number, and no number that follows is worse than it.
      if (!(error <= worst || Number.isNaN(worst))) worst = error;
    }
  }
  return worst;
}
