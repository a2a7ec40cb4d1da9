// A body that reads a sequence and a linear head: what every task is trained with. The body is called as in
// the published code (tcn, gcnn, lstm, gru, rnn), so that checkpoints have the names people know.

import { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import { callerLine, fail, hereStack } from '../graph/check';
import { Dropout } from './dropout';
import { GatedConv, type ConvLayer, type GatedUnit } from './gatedConv';
import { Linear } from './linear';
import { Module } from './module';
import { makeRecurrent, Recurrent, type LayerState, type RecurrentName } from './recurrent';
import { TCN } from './tcn';

export const MODELS = ['tcn', 'lstm', 'gru', 'rnn', 'gcnn'] as const satisfies readonly (
  'tcn' | 'gcnn' | RecurrentName
)[];
export type ModelName = (typeof MODELS)[number];

export interface SequenceSettings {
  readonly model: ModelName;
  /** Channels of every level, or hidden units. */
  readonly hidden: number;
  /** Residual blocks of a TCN, gated convolutions, or stacked recurrent layers. */
  readonly levels: number;
  /** Taps: of a TCN, 3 unless given; of gated convolutions, 4. */
  readonly kernelSize?: number;
  /** Of gated convolutions only: glu unless given. */
  readonly activation?: GatedUnit;
  /** Inside a TCN's blocks; before gated convolutions; between recurrent layers and before the head. */
  readonly dropout?: number;
  /** On the input. */
  readonly inputDropout?: number;
  /** Multiplies the initial weights of convolutions, or those from the input of a recurrent model. */
  readonly gain?: number;
  /** Of an LSTM only. */
  readonly forgetBias?: number;
  /** The bias of the head at the start; see Task.prior. */
  readonly prior?: readonly number[];
}

/** The gated convolutions of these settings: `levels` equal ones. */
export const gatedLayers = (
  settings: Pick<SequenceSettings, 'hidden' | 'levels' | 'kernelSize'>,
): ConvLayer[] => Array(settings.levels).fill([settings.hidden, settings.kernelSize ?? 4]);

/** [B, T, inputs] to [B, T, outputs]. */
export class SequenceModel extends Module {
  readonly linear: Linear;
  readonly generator: Generator;
  private readonly body: () => TCN | GatedConv | Recurrent;
  private readonly before: Dropout;
  private readonly after: Dropout;

  constructor(inputs: number, outputs: number, settings: SequenceSettings, seed = 0) {
    super();
    const { model, hidden, levels, kernelSize, dropout = 0, inputDropout = 0, gain, forgetBias } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    const recurrent = { layers: levels, dropout, generator, inputGain: gain, forgetBias };
    if (!MODELS.includes(model)) {
      fail(`There is no model called ${model}.`, { fix: `use one of ${MODELS.join(', ')}.` });
    }
    const { activation } = settings;
    const body =
      model === 'tcn'
        ? new TCN(inputs, Array(levels).fill(hidden), {
            kernelSize: kernelSize ?? 3,
            dropout,
            generator,
            gain,
          })
        : model === 'gcnn'
          ? new GatedConv(inputs, gatedLayers(settings), { dropout, generator, gain, activation })
          : makeRecurrent(model, inputs, hidden, recurrent);
    (this as unknown as Record<string, Module>)[model] = body;
    this.body = () => body;
    this.before = new Dropout(inputDropout, { generator });
    this.after = new Dropout(body instanceof Recurrent ? dropout : 0, { generator });
    this.linear = new Linear(hidden, outputs, { biasValues: settings.prior });
  }

  override forward(x: Tensor): Tensor {
    return this.answer(this.body().forward(this.before.forward(x)));
  }

  /** The state before the first step, of a recurrent model: zeros. */
  zeroState(batch: number): LayerState[] {
    return this.recurrent().zeroState(batch);
  }

  /** x [B, T, inputs] to y [B, T, outputs] from given states; and the states after the last step. */
  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] } {
    const { y, states: after } = this.recurrent().unroll(this.before.forward(x), states);
    return { y: this.answer(y), states: after };
  }

  private answer(h: Tensor): Tensor {
    return this.linear.forward(this.after.forward(h));
  }

  private recurrent(): Recurrent {
    const body = this.body();
    if (body instanceof Recurrent) return body;
    const name = body instanceof TCN ? 'tcn' : 'gcnn';
    return fail(`SequenceModel: a ${name} carries no state from step to step.`, {
      at: callerLine(hereStack()),
      fix: 'use forward, or one of lstm, gru, rnn.',
    });
  }
}
