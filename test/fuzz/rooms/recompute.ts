// Parts of a graph that are computed again on the way back.

import * as seqgpu from '../../../src/index';
import { type Bounded, map, multiply, plus } from '../bounded';
import { curves, matmul, repeated } from '../functions';
import type { Room } from '../program';

interface Body {
  readonly exact: (x: Bounded, w: Bounded) => Bounded;
  readonly build: (x: seqgpu.Tensor, w: seqgpu.Tensor) => seqgpu.Tensor;
  readonly text: string;
}

/** x [..., C] and w [C, C] or [C]. */
const BODIES: Readonly<Record<string, Body>> = {
  product: {
    exact: (x, w) => map(matmul(x, w, false, false), curves.tanh),
    build: (x, w) => seqgpu.tanh(seqgpu.matmul(x, w)),
    text: '(x, w) => tanh(matmul(x, w))',
  },
  row: {
    exact: (x, w) => multiply(map(plus(x, repeated(w, x.shape)), curves.sigmoid), x),
    build: (x, w) => seqgpu.mul(seqgpu.sigmoid(seqgpu.add(x, w)), x),
    text: '(x, w) => mul(sigmoid(add(x, w)), x)',
  },
};

const recomputed: Room = {
  often: 1,
  draw(d) {
    const x = d.value((shape) => shape.length > 1);
    if (x === null) return null;
    const C = d.shapeOf(x).at(-1)!;
    const body = d.random.pick(['product', 'row']);
    return { inputs: [x, d.like(body === 'row' ? [C] : [C, C])], options: { body } };
  },
  exact: ([x, w], { body }) => BODIES[String(body)].exact(x, w),
  build: ([x, w], { body }) => seqgpu.recompute(BODIES[String(body)].build, x, w),
  text: ([x, w], { body }) => `recompute(${BODIES[String(body)].text}, ${x}, ${w})`,
};

export const recompute: Readonly<Record<string, Room>> = { recompute: recomputed };
