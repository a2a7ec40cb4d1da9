// A body that reads a sequence and a linear head: what every task is trained with. The body is called as in
// the published code (tcn, gcnn, lstm, gru, rnn), so that checkpoints have the names people know.

import { Generator } from '../graph/generator';
import type { Initial } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { callerLine, fail, hereStack } from '../graph/check';
import { checked, finite, initial, listOf, oneOf, part, type Rules } from '../graph/options';
import { lastStep } from '../ops/layout/view';
import {
  BODY_RULES,
  MODELS,
  bodyCalled,
  widthOfBody,
  type Body,
  type BodySettings,
  type ModelName,
} from './bodies';
import { Dropout } from './dropout';
import { Linear } from './linear';
import { Module } from './module';
import { Recurrent, type LayerState } from './recurrent';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { TCN } from './tcn';

/** The settings of a SequenceModel. */
export interface SequenceSettings extends BodySettings {
  /** One of MODELS; or any name, where a body is given. */
  readonly model: ModelName | (string & {});
  /** On the input. */
  readonly inputDropout?: number;
  /** The bias of the head at the start; see Task.prior. */
  readonly prior?: readonly number[];
  /** Where the weight of the head starts, as Linear stores it. */
  readonly head?: Initial;
}

/** What settings may be. */
export const SEQUENCE_RULES: Rules<SequenceSettings> = {
  ...BODY_RULES,
  model: oneOf(MODELS),
  inputDropout: part,
  prior: listOf(finite),
  head: initial,
};

/** [B, T, inputs] to [B, T, outputs]. Dropout of a recurrent model acts before the head too. */
export class SequenceModel extends Module implements Stepwise {
  readonly linear: Linear;
  readonly generator: Generator;
  private readonly body: () => Module & Stepwise;
  private readonly name: string;
  private readonly before: Dropout;
  private readonly after: Dropout;

  /** `given`: a body of one's own in place of the one called `model`, with settings of its own. */
  constructor(inputs: number, outputs: number, settings: SequenceSettings, seed = 0, given?: Body) {
    super();
    if (!given) checked('SequenceModel', settings, SEQUENCE_RULES, 'model', 'hidden', 'levels');
    const { model, dropout = 0, inputDropout = 0, prior, head } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    const body = (given ?? bodyCalled(model)).make(inputs, settings, generator);
    Reflect.set(this, model, body);
    this.body = () => body;
    this.name = model;
    this.before = new Dropout(inputDropout, { generator });
    this.after = new Dropout(body instanceof Recurrent ? dropout : 0, { generator });
    this.linear = new Linear(widthOfBody(settings, given), outputs, { biasValues: prior, weight: head });
  }

  override forward(x: Tensor): Tensor {
    return this.answer(this.body().forward(this.before.forward(x)));
  }

  /** `forward` at the last step alone, [B, outputs]; of a TCN at less cost. */
  last(x: Tensor): Tensor {
    const body = this.body();
    const h = this.before.forward(x);
    return this.answer(body instanceof TCN ? body.last(h) : lastStep(body.forward(h)));
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

  stepper(memory: Memory): StepFunction {
    const step = this.body().stepper(memory);
    return (x) => this.answer(step(this.before.forward(x)));
  }

  private answer(h: Tensor): Tensor {
    return this.linear.forward(this.after.forward(h));
  }

  private recurrent(): Recurrent {
    const body = this.body();
    if (body instanceof Recurrent) return body;
    return fail(`SequenceModel: a ${this.name} carries no state from step to step.`, {
      at: callerLine(hereStack()),
      fix: 'use forward, or one of lstm, gru, rnn.',
    });
  }
}
