// One update of ten million parameters by Adam: in the launch that we have for it, and in the launches that it takes
// without one.

import { assign } from '../../graph/assign';
import { Parameter, State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import type { TypedArray } from '../../graph/shape';
import { add, div, sub } from '../../ops/elementwise/binary';
import { scale, sqrt, square } from '../../ops/elementwise/unary';
import { Adam } from '../../optim/adam';
import { apart, noise, sampledError, type Case, type Inputs } from '../case';

const SIZE = 10 * 2 ** 20;
const FLOAT = 4;
const RATE = 1e-3;

const inputs = (): Inputs => ({ g: noise([SIZE], 1) });

/** The first update of Adam is the learning rate, whatever the gradient. */
const firstUpdateError = (parameters: TypedArray, g: TypedArray): number =>
  sampledError(parameters, (i) => -RATE * Math.sign(g[i]));

const AT_ONCE: Case = {
  name: 'Adam',
  about: `${SIZE / 2 ** 20} M parameters; their gradients are copied into place first`,
  limit: 'copy',
  // The copy, then p, g, m, v are read and p, m, v written.
  bytes: 9 * SIZE * FLOAT,
  inputs,
  build(engine, { g }) {
    const p = new Parameter([SIZE], 'zeros');
    const optimizer = new Adam([p], { learningRate: RATE });
    return {
      step: engine.train((slope) => {
        optimizer.apply([slope]);
      }),
      args: [g],
      error: async () => firstUpdateError(await engine.read(p), g.data),
    };
  },
};

const BY_OPS: Case = {
  name: 'Adam by ops',
  about: `the same in nine elementwise ops and three copies into p, m and v`,
  limit: 'copy',
  // What the fused launch moves: the rest is what it saves.
  bytes: 9 * SIZE * FLOAT,
  inputs,
  build(engine, { g }) {
    const [p, m, v] = ['p', 'm', 'v'].map((name) => new State([SIZE], 'zeros', name));
    return {
      step: engine.train((slope) => updateByOps({ p, m, v }, slope)),
      args: [g],
      error: async () => firstUpdateError(await engine.read(p), g.data),
    };
  },
};

/** As at Adam's first step. Factors of the moments that cancel are left out: they would be launches of their own. */
function updateByOps({ p, m, v }: Record<'p' | 'm' | 'v', State>, g: Tensor): void {
  const mAfter = add(apart(scale(m, 0.9)), g);
  const vAfter = add(apart(scale(v, 0.999)), apart(square(g)));
  const slope = apart(scale(apart(sqrt(vAfter)), 1 / RATE, 1e-8 / RATE));
  assign(p, sub(p, apart(div(mAfter, slope))));
  assign(m, mAfter);
  assign(v, vAfter);
}

/** An update of Adam, by the library's kernel and by ops of the graph. */
export const ADAM = { atOnce: AT_ONCE, byOps: BY_OPS };
