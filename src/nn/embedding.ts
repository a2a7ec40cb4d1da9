// Ids to vectors.

import type { Initial, Parameter, Tensor } from '../graph/tensor';
import { embedding } from '../ops/embedding';
import { normal, parameter } from './init';
import { Module } from './module';

/** torch.nn.Embedding: u32 ids [...] to [..., size]. Starts at N(0, 1) unless told otherwise. */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(vocabulary: number, size: number, initial: Initial = normal(1)) {
    super();
    this.weight = parameter([vocabulary, size], initial);
  }

  override forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight);
  }
}
