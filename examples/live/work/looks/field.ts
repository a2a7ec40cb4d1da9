// The receptive field, measured: one input of a sequence is changed, and which outputs move is seen. Every depth is a
// model of its own, with the weights that its seed gives.

import type { Engine } from '../../../../src/gpu/engine';
import { Generator } from '../../../../src/graph/generator';
import { array } from '../../../../src/graph/host';
import type { Tensor } from '../../../../src/graph/tensor';
import { MODELS } from '../../../../src/models/index';
import { fieldOf, modelCalled } from '../../../../src/models/modelSpec';
import { seed } from '../../../../src/nn/init';
import type { Module } from '../../../../src/nn/module';
import { sub } from '../../../../src/ops/elementwise/binary';
import { concat } from '../../../../src/ops/layout/concat';
import { slice, reshape } from '../../../../src/ops/layout/view';
import { rowNorm } from '../../../../src/ops/norm/rowNorm';
import { Random } from '../../../../src/random';
import type { LookWish } from '../messages';
import type { Field } from '../pictures';

const SEEN = ['tcn', 'wavenet', 'lstm'] as const;
const [LENGTH, INPUTS, HIDDEN] = [96, 4, 16];

/** A sequence, and the same with one step changed: [2, T, inputs]. */
function pair(place: number) {
  const random = new Random(1);
  const one = Float32Array.from({ length: LENGTH * INPUTS }, () => random.normal());
  const other = one.slice();
  for (let i = 0; i < INPUTS; i++) other[place * INPUTS + i] += 1;
  return array([2, LENGTH, INPUTS], Float32Array.from([...one, ...other]));
}

/** What is measured of a model of every depth: how much outputs move, and how large they are, [2, T] each. */
function measured(
  engine: Engine,
  model: (typeof SEEN)[number],
  settings: { levels: number; kernelSize: number },
  seeded: number,
) {
  const { on } = modelCalled(model, MODELS);
  const { body } = on.vectors!;
  const depths = Array.from({ length: settings.levels }, (_, i) => {
    seed(seeded);
    const options = { hidden: HIDDEN, ...settings, levels: i + 1 };
    return body.make(INPUTS, options, new Generator(seeded)) as Module;
  });
  const step = engine.record((x: Tensor) =>
    concat(
      depths.map((module) => {
        const y = module.forward(x);
        const [one, other] = [slice(y, 0, 0, 1), slice(y, 0, 1, 2)];
        const lengths = (t: Tensor) => reshape(rowNorm(reshape(t, [LENGTH, -1])), [1, LENGTH]);
        return concat([lengths(sub(other, one)), lengths(one)], 0);
      }),
      0,
    ),
  );
  const destroy = () => [step, ...depths].forEach((one) => one.destroy());
  return { step, destroy, field: fieldOf({ model, hidden: HIDDEN, ...settings }, MODELS) };
}

/** A function of controls (levels, kernelSize, place, seed), which tells what it sees. */
export function seeField(engine: Engine, tell: (picture: Field) => void) {
  let made = '';
  let all: ({ model: string } & ReturnType<typeof measured>)[] = [];
  return async (controls: LookWish['controls']): Promise<void> => {
    const [levels, kernelSize, place, seeded] = ['levels', 'kernelSize', 'place', 'seed'].map((name) =>
      Number(controls[name]),
    );
    const wanted = `${levels} ${kernelSize} ${seeded}`;
    if (made !== wanted) {
      for (const one of all) one.destroy();
      all = SEEN.map((model) => ({ model, ...measured(engine, model, { levels, kernelSize }, seeded) }));
      made = wanted;
    }
    const x = pair(place);
    const seen = await Promise.all(
      all.map(async ({ model, step, field }) => {
        const values = await step(x).read();
        const moves = new Float32Array(levels * LENGTH);
        let moved = 0;
        for (let level = 0; level < levels; level++) {
          for (let t = 0; t < LENGTH; t++) {
            const [by, size] = [values[2 * level * LENGTH + t], values[(2 * level + 1) * LENGTH + t]];
            moves[level * LENGTH + t] = by / (size + 1e-6);
            if (by > 0 && level === levels - 1) moved++;
          }
        }
        return { model, levels, field, moved, moves };
      }),
    );
    tell({ name: 'field', step: 0, length: LENGTH, place, models: seen });
  };
}
