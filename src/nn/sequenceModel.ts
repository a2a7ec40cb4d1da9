// A body that reads a sequence and a linear head: what every task is trained with. The body is called as in
// the published code (tcn, lstm, gru, rnn), so that checkpoints have the names people know.

import { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import { fail } from '../graph/check';
import { Dropout } from './dropout';
import { Linear } from './linear';
import { Module } from './module';
import { GRU, LSTM, RNN } from './recurrent';
import { TCN } from './tcn';

export const MODELS = ['tcn', 'lstm', 'gru', 'rnn'] as const;
export type ModelName = (typeof MODELS)[number];

export interface SequenceSettings {
  readonly model: ModelName;
  /** Channels of every level, or hidden units. */
  readonly hidden: number;
  /** Residual blocks of a TCN, or stacked recurrent layers. */
  readonly levels: number;
  /** Taps, of a TCN only. */
  readonly kernelSize?: number;
  /** Inside a TCN's blocks; between recurrent layers and before the head. */
  readonly dropout?: number;
  /** On the input. */
  readonly inputDropout?: number;
  /** Multiplies the initial weights of a TCN's convolutions, or those from the input of a recurrent model. */
  readonly gain?: number;
  /** Of an LSTM only. */
  readonly forgetBias?: number;
  /** The bias of the head at the start; see Task.prior. */
  readonly prior?: readonly number[];
}

/** [B, T, inputs] to [B, T, outputs]. */
export class SequenceModel extends Module {
  readonly linear: Linear;
  readonly generator: Generator;
  private readonly body: () => Module;
  private readonly before: Dropout;
  private readonly after: Dropout;

  constructor(inputs: number, outputs: number, settings: SequenceSettings, seed = 0) {
    super();
    const {
      model,
      hidden,
      levels,
      kernelSize = 3,
      dropout = 0,
      inputDropout = 0,
      gain,
      forgetBias,
    } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    const recurrent = { layers: levels, dropout, generator, inputGain: gain };
    const make: Record<ModelName, () => Module> = {
      tcn: () =>
        new TCN(inputs, Array<number>(levels).fill(hidden), { kernelSize, dropout, generator, gain }),
      lstm: () => new LSTM(inputs, hidden, { ...recurrent, forgetBias }),
      gru: () => new GRU(inputs, hidden, recurrent),
      rnn: () => new RNN(inputs, hidden, recurrent),
    };
    if (!make[model]) fail(`There is no model called ${model}.`, { fix: `use one of ${MODELS.join(', ')}.` });
    const body = make[model]();
    (this as unknown as Record<string, Module>)[model] = body;
    this.body = () => body;
    this.before = new Dropout(inputDropout, { generator });
    this.after = new Dropout(model === 'tcn' ? 0 : dropout, { generator });
    this.linear = new Linear(hidden, outputs, { biasValues: settings.prior });
  }

  override forward(x: Tensor): Tensor {
    return this.linear.forward(this.after.forward(this.body().forward(this.before.forward(x))));
  }
}
