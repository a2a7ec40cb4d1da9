// Where a token stands, as vectors to be added to embeddings: attention alone does not know the order of its inputs.

import { callerLine, fail, hereStack } from '../graph/check';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { constant } from '../ops/elementwise/constant';
import { embedding } from '../ops/embedding/embedding';
import { slice } from '../ops/layout/view';
import { normal, parameter } from './init';
import { Module } from './module';

/**
 * Row t of [length, width]: sin(t / 10000^(2i / width)) in column 2i, the cosine of the same in column 2i + 1
 * (Vaswani et al. 2017, section 3.5).
 */
export function sinusoids(length: number, width: number): Float32Array {
  return Float32Array.from({ length: length * width }, (_, at) => {
    const [t, column] = [Math.floor(at / width), at % width];
    const angle = t / 10000 ** ((column - (column % 2)) / width);
    return column % 2 ? Math.cos(angle) : Math.sin(angle);
  });
}

/** A vector for each position: a fixed one, or, `learned`, a parameter that starts at N(0, deviation²). */
export class Positions extends Module {
  readonly weight: Parameter | null;

  constructor(
    /** The most positions there are. */
    readonly length: number,
    readonly width: number,
    learned: boolean,
    /** The deviation that learned ones start with; default: 1/√width. */
    deviation = 1 / Math.sqrt(width),
  ) {
    super();
    this.weight = learned ? parameter([length, width], normal(deviation)) : null;
  }

  /** The vectors of the positions from 0 on, [T, width]. */
  override forward(x: Tensor): Tensor {
    const T = x.shape[1];
    if (T > this.length) {
      fail(`Positions: there are ${this.length}, but x has ${T}.`, {
        at: callerLine(hereStack()),
        fix: 'make the model with a larger length, or give it a shorter sequence.',
      });
    }
    return this.weight ? slice(this.weight, 0, 0, T) : constant([T, this.width], sinusoids(T, this.width));
  }

  /** The vectors of positions, u32 [...]: [..., width]. */
  at(positions: Tensor): Tensor {
    const { length, width } = this;
    return embedding(positions, this.weight ?? constant([length, width], sinusoids(length, width)));
  }
}
