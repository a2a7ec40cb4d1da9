// Layers in a row.

import type { Tensor } from '../graph/tensor';
import { Module } from './module';

/** torch.nn.Sequential; its layers are called 0, 1, 2 … */
export class Sequential extends Module {
  constructor(...layers: Module[]) {
    super();
    layers.forEach((layer, i) => ((this as unknown as Record<string, Module>)[i] = layer));
  }

  get layers(): Module[] {
    return Object.values(this).filter((value): value is Module => value instanceof Module);
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}
