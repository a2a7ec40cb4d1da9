// Ids to vectors.

import { checkSizes } from '../graph/options';
import type { Initial, Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { embedding } from '../ops/embedding/embedding';
import { normal, parameter } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { StepFunction, Stepwise } from './stepwise';

/** torch.nn.Embedding: u32 ids [...] to [..., size]. Starts at N(0, 1) unless told otherwise. */
export class Embedding extends Module implements Stepwise {
  readonly weight: Parameter;

  constructor(vocabulary: number, size: number, start: Initial = normal(1)) {
    super();
    checkSizes('Embedding', { vocabulary, size });
    this.weight = parameter([vocabulary, size], start);
  }

  override forward(ids: Tensor): Tensor {
    checkInput('Embedding', ids, ['...'], 'ids', 'u32');
    return embedding(ids, this.weight);
  }

  /** It looks at one step alone. */
  stepper(): StepFunction {
    return (x) => this.forward(x);
  }
}
