// Zeroes a random part of its input while training; nothing otherwise.

import type { Tensor } from '../graph/tensor';
import { Generator } from '../graph/generator';
import { checked, flag, object, part, type Rules } from '../graph/options';
import { dropout } from '../ops/random/dropout';
import { Module } from './module';
import type { StepFunction, Stepwise } from './stepwise';

/** The options of Dropout. */
export interface DropoutOptions {
  /** Where the masks come from; layers of one model share one. */
  readonly generator?: Generator;
  /** One decision for all time steps of a channel of [B, T, C]. */
  readonly spatial?: boolean;
}

const OPTIONS: Rules<DropoutOptions> = { generator: object, spatial: flag };

/** torch.nn.Dropout: keeps each value with probability 1 − rate, scaled by 1 / (1 − rate). */
export class Dropout extends Module implements Stepwise {
  private readonly options: { generator: Generator; spatial: boolean };

  constructor(
    readonly rate: number,
    options: DropoutOptions = {},
  ) {
    super();
    const { generator = new Generator(0), spatial = false } = checked('Dropout', options, OPTIONS);
    checked('Dropout', { rate }, { rate: part }, 'rate');
    this.options = { generator, spatial };
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { rate: this.rate, ...this.options });
  }

  /** It looks at one step alone. */
  stepper(): StepFunction {
    return (x) => this.forward(x);
  }
}
