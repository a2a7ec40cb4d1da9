// Ids to vectors.

import type { Parameter, Tensor } from '../graph/tensor';
import { embedding } from '../ops/embedding';
import { normal, parameter } from './init';
import { Module } from './module';

/** torch.nn.Embedding: u32 ids [...] to [..., size]. Starts at N(0, 1). */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(vocabulary: number, size: number) {
    super();
    this.weight = parameter([vocabulary, size], normal(1));
  }

  override forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight);
  }
}
