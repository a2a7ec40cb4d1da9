// A layer is an object with parameters in its fields and a forward written in ops. A parameter's name is the
// path of fields to it, so fields are called what PyTorch calls them and checkpoints fit both.

import { fail } from '../graph/check';
import { dispose, type Destroyable } from '../graph/dispose';
import { Parameter, State, type Tensor } from '../graph/tensor';

export abstract class Module implements Destroyable {
  /** Adds the layer to the graph. */
  abstract forward(x: Tensor): Tensor;

  /** Every parameter by its path, e.g. `network.0.conv1.weight_v`. */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    collect(this, '', found);
    for (const [name, parameter] of found) parameter.name = name;
    return found;
  }

  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Number of trainable values. */
  get size(): number {
    return this.parameters().reduce((sum, { size }) => sum + size, 0);
  }

  /** Frees its parameters and every other state in its fields: nothing that shares them can be used any more. */
  destroy(): void {
    for (const state of statesIn(this)) state.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}

function statesIn(holder: object): State[] {
  return Object.values(holder).flatMap((value: unknown) => {
    if (value instanceof State) return [value];
    return value instanceof Module || Array.isArray(value) ? statesIn(value) : [];
  });
}

function collect(holder: object, prefix: string, found: Map<string, Parameter>): void {
  for (const [field, value] of Object.entries(holder)) {
    if (value instanceof Parameter) {
      if (found.has(prefix + field)) fail(`Two parameters are called ${prefix + field}.`);
      if (![...found.values()].includes(value)) found.set(prefix + field, value);
    } else if (value instanceof Module || Array.isArray(value)) {
      collect(value, `${prefix}${field}.`, found);
    }
  }
}
