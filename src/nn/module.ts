// A layer is an object with parameters in its fields and a forward written in ops. A parameter's name is the
// path of fields to it, so fields are called what PyTorch calls them and checkpoints fit both.

import { dispose, type Destroyable } from '../graph/dispose';
import { Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';

/**
 * A layer, or a model of layers: parameters by path, and a forward pass. Parameters and layers are found in its fields,
 * and in lists there: not in private ones (`#layer`), nor in other objects, as a Map.
 */
export abstract class Module implements Destroyable {
  /** Adds the layer to the graph. */
  abstract forward(x: Tensor): Tensor;

  /** Every parameter by its path, e.g. `network.0.conv1.weight_v`; one that has several by the first of them. */
  namedParameters(): Map<string, Parameter> {
    const first = new Map<Parameter, string>();
    for (const [name, one] of collect(this, '')) if (!first.has(one)) first.set(one, name);
    for (const [parameter, name] of first) parameter.name = name;
    return new Map([...first].map(([parameter, name]) => [name, parameter]));
  }

  /** The other paths of parameters that have several, e.g. `decoder.weight` of one that is tied to `encoder.weight`. */
  tiedParameters(): Map<string, Parameter> {
    const first = this.namedParameters();
    return new Map(collect(this, '').filter(([name]) => !first.has(name)));
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

function collect(holder: object, prefix: string): [name: string, parameter: Parameter][] {
  return Object.entries(holder).flatMap(([field, value]) => {
    if (value instanceof Parameter) return [[prefix + field, value] as [string, Parameter]];
    return value instanceof Module || Array.isArray(value) ? collect(value, `${prefix}${field}.`) : [];
  });
}
