// Ten training steps against PyTorch: losses, norms of gradients, the first gradients and the parameters after the last
// within 1e-4.
// test/golden/make.py made the numbers. Initial values come in under PyTorch's names and in its layout, as a
// checkpoint would.

import { expect } from 'vitest';
import { array, type Engine, type nn, type optim, type Tensor } from '../../src/index';
import { toTorch } from '../../src/nn/layout';
import { loadCheckpoint } from '../../src/train/checkpoint';

export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Golden {
  readonly parameters: Readonly<Record<string, Stored>>;
  readonly gradients: Readonly<Record<string, Stored>>;
  readonly finalParameters: Readonly<Record<string, Stored>>;
  readonly steps: readonly Readonly<Record<string, Stored>>[];
  readonly losses: readonly number[];
  /** Of all gradients together, before clipping. */
  readonly gradientNorms: readonly number[];
}

export const IGNORE = 0xffffffff;

type Loss = (x: Tensor, targets: Tensor, ...others: Tensor[]) => Tensor;

/** Classes and word numbers as integers: those have two axes. */
const hostArray = ({ shape, data }: Stored) =>
  array(
    shape,
    shape.length === 2 ? Uint32Array.from(data, (t) => (t < 0 ? IGNORE : t)) : Float32Array.from(data),
  );

export async function compare(
  engine: Engine,
  golden: Golden,
  model: nn.Module,
  optimizer: optim.Optimizer,
  loss: Loss,
  /** Arrays of a step besides inputs and targets. */
  others: readonly string[] = [],
  /** Of the parameters after the last step, relative to the largest of each. */
  tolerance = 1e-4,
) {
  loadGolden(engine, golden, model);
  const step = engine.train((...[x, targets, ...more]: Tensor[]) =>
    optimizer.minimizeWithNorm(loss(x, targets, ...more)),
  );
  for (const [i, arrays] of golden.steps.entries()) {
    const wanted = golden.losses[i];
    const batch = ['inputs', 'targets', ...others].map((name) => hostArray(arrays[name]));
    const results = step(...batch);
    const [found, norm] = await Promise.all([results.loss.item(), results.norm.item()]);
    const off = (value: number, right: number) => Math.abs(value / right - 1);
    expect(off(found, wanted), `loss of step ${i}: ${found} instead of ${wanted}`).toBeLessThan(1e-4);
    const length = golden.gradientNorms[i];
    expect(off(norm, length), `gradient norm of step ${i}: ${norm} instead of ${length}`).toBeLessThan(1e-4);
    if (i === 0) {
      const gradients = (await engine.read(optimizer.gradients)) as Float32Array;
      for (const [name, parameter] of model.namedParameters()) {
        const { offset } = parameter.home!;
        near(
          toTorch(parameter, gradients.slice(offset, offset + parameter.size)),
          golden.gradients[name],
          1e-4,
          name,
          // A bias of all keys changes no attention: its gradient is nothing but rounding.
          1e-4 * length,
        );
      }
    }
  }
  for (const [name, parameter] of model.namedParameters()) {
    const values = (await engine.read(parameter)) as Float32Array;
    near(toTorch(parameter, values), golden.finalParameters[name], tolerance, `${name} at the end`);
  }
}

export function loadGolden(engine: Engine, golden: Pick<Golden, 'parameters'>, model: nn.Module): void {
  const tensors = Object.entries(golden.parameters).map(([name, { shape, data }]) => {
    return [name, { shape, data: Float32Array.from(data) }] as const;
  });
  loadCheckpoint(engine, { tensors: new Map(tensors), metadata: {} }, 'golden', { model });
}

/** Every value within `tolerance` of the largest wanted one, or of `least` where that is larger. */
export function near(
  found: Float32Array,
  { data }: Stored,
  tolerance: number,
  what: string,
  least = 1e-6,
): void {
  expect(found.length, what).toBe(data.length);
  const scale = Math.max(...data.map(Math.abs), least);
  const worst = Math.max(...data.map((value, i) => Math.abs(value - found[i]) / scale));
  expect(worst, `${what}: worst relative error`).toBeLessThan(tolerance);
}
