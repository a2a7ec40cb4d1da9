// Layers in a row.

import { check } from '../graph/check';
import type { Tensor } from '../graph/tensor';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** torch.nn.Sequential; its layers are called 0, 1, 2 … It goes step by step if they all do. */
export class Sequential extends Module implements Stepwise {
  constructor(...layers: Module[]) {
    super();
    layers.forEach((layer, i) => {
      check(
        layer instanceof Module,
        `Sequential: layer ${i} is not a layer`,
        'give layers one after the other',
      );
      Reflect.set(this, i, layer);
    });
  }

  get layers(): Module[] {
    return Object.values(this).filter((value): value is Module => value instanceof Module);
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }

  stepper(memory: Memory): StepFunction {
    const steps = this.layers.map((layer, i) => stepperOf(layer, i, memory));
    return (x) => steps.reduce((value, step) => step(value), x);
  }
}

function stepperOf(layer: Module & Partial<Stepwise>, i: number, memory: Memory): StepFunction {
  // A stepper that asks for more than a memory is another one: a Transformer's.
  check(
    layer.stepper?.length === 1 || layer.stepper?.length === 0,
    `Sequential: layer ${i}, of ${layer.constructor.name}, does not go step by step`,
    'give it a stepper(memory): of a layer that sees one step alone, () => (x) => this.forward(x)',
  );
  return layer.stepper(memory);
}
