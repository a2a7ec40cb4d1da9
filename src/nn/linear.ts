// y = x·weight + bias, over the last axis.

import { check } from '../graph/check';
import { checked, checkSizes, finite, flag, initial, listOf, type Rules } from '../graph/options';
import { matmul } from '../ops/matmul/matmul';
import type { Initial, Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { parameter, transposed, uniform } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { StepFunction, Stepwise } from './stepwise';

/** The options of Linear. */
export interface LinearOptions {
  readonly bias?: boolean;
  /** Where the bias starts, e.g. at the log-odds of the classes; default: U(±1/√inputs). */
  readonly biasValues?: readonly number[];
  /** Where the weight starts, stored [inputs, outputs]; default: U(±1/√inputs). */
  readonly weight?: Initial;
}

const OPTIONS: Rules<LinearOptions> = { bias: flag, biasValues: listOf(finite), weight: initial };

/** torch.nn.Linear: [..., inputs] to [..., outputs]. Starts at U(±1/√inputs). */
export class Linear extends Module implements Stepwise {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkSizes('Linear', { inputs, outputs });
    const { bias = true, biasValues, weight } = checked('Linear', options, OPTIONS);
    checkBiasValues(outputs, bias, biasValues);
    const bound = 1 / Math.sqrt(inputs);
    this.weight = transposed(inputs, outputs, weight ?? uniform(bound));
    const start = biasValues ? () => Float32Array.from(biasValues) : uniform(bound);
    this.bias = bias ? parameter([outputs], start) : null;
  }

  override forward(x: Tensor): Tensor {
    checkInput('Linear', x, ['...', this.weight.shape[0]]);
    return matmul(x, this.weight, { bias: this.bias ?? undefined });
  }

  /** It looks at one step alone. */
  stepper(): StepFunction {
    return (x) => this.forward(x);
  }
}

function checkBiasValues(outputs: number, bias: boolean, values: readonly number[] | undefined): void {
  if (!values) return;
  check(bias, 'Linear: biasValues are given for no bias', 'leave out one of biasValues and bias: false');
  const text = `Linear: biasValues has ${values.length} values for ${outputs} outputs`;
  check(values.length === outputs, text, 'give one for each');
}
