// Zeroes a random part of its input while training; nothing otherwise.

import type { Tensor } from '../graph/tensor';
import { Generator } from '../graph/generator';
import { dropout } from '../ops/dropout';
import { Module } from './module';

export interface DropoutOptions {
  /** Where the masks come from; layers of one model share one. */
  readonly generator?: Generator;
  /** One decision for all time steps of a channel of [B, T, C]. */
  readonly spatial?: boolean;
}

/** torch.nn.Dropout: keeps each value with probability 1 − rate, scaled by 1 / (1 − rate). */
export class Dropout extends Module {
  private readonly options: { generator: Generator; spatial: boolean };

  constructor(
    readonly rate: number,
    { generator = new Generator(0), spatial = false }: DropoutOptions = {},
  ) {
    super();
    this.options = { generator, spatial };
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, { rate: this.rate, ...this.options });
  }
}
