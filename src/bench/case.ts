// A case is one thing to be measured: its inputs, which every engine gets, and how ours does it.

import type { Engine, Step } from '../gpu/engine';
import { array, type HostArray } from '../graph/host';
import { sizeOf, type Shape, type TypedArray } from '../graph/shape';
import type { Tensor } from '../graph/tensor';
import type { Module } from '../nn/module';
import { fromTorch, torchShape } from '../nn/layout';
import { reshape } from '../ops/layout/view';

/** What limits a case on an ideal adapter. */
export type Limit = (typeof LIMITS)[number];

/** All that can limit a case. */
export const LIMITS = ['fma', 'copy', 'dispatch'] as const;

/** The inputs of a case by name. */
export type Inputs = Readonly<Record<string, HostArray>>;

/** Something that is measured. */
export interface Case {
  readonly name: string;
  /** Shapes and settings in words. */
  readonly about: string;
  readonly limit: Limit;
  /** A step is timed as a program calls it, upload and submit included; anything else many times in one submit. */
  readonly step?: boolean;
  /** Bytes that must be moved at least; where not given, those that the launches bind. */
  readonly bytes?: number;
  /** The largest error that is allowed, relative to the largest value; default: what rounding explains. */
  readonly tolerance?: number;
  /** Whoever measures it has written it: where it is wrong, that is not the adapter's fault. */
  readonly own?: boolean;
  /** The same values on every machine and for every engine. Weights are in PyTorch's layout. */
  inputs(): Inputs;
  build(engine: Engine, inputs: Inputs): Built;
}

/** A step, whatever it returns. */
export type Runnable = Step<unknown> | Step<void>;

/** A case on an engine, ready to run. */
export interface Built {
  readonly step: Runnable;
  readonly args: readonly HostArray[];
  /** How wrong the results of the first run are: the largest error relative to the largest value. */
  error(results: readonly TypedArray[]): number | Promise<number>;
  /** What is wrong with these results, with where and by how much; null: nothing. Default: that error says it. */
  wrong?(): string | null;
}

/** x behind views: elementwise ops before and after are not joined to one launch. */
export const apart = (x: Tensor): Tensor => reshape(reshape(x, [1, x.size]), x.shape);

/** Uniform in ±scale, cheaply made: a product of random matrices neither vanishes nor explodes. */
export function noise(shape: Shape, seed: number, scale = 1): HostArray {
  const data = new Float32Array(sizeOf(shape));
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = (state / 2 ** 31) * scale;
  }
  return array(shape, data);
}

/** Whole numbers below `count`. */
export function symbols(shape: Shape, seed: number, count: number): HostArray {
  const { data } = noise(shape, seed);
  return array(
    shape,
    Uint32Array.from(data, (value) => Math.floor(((value + 1) / 2) * count) % count),
  );
}

/** Values for every parameter of a model, by PyTorch's names, as large as PyTorch starts them. */
export function weightsFor(model: Module): Record<string, HostArray> {
  const weights: Record<string, HostArray> = {};
  for (const [name, parameter] of model.namedParameters()) {
    const shape = torchShape(parameter);
    const fan = sizeOf(shape.length > 1 ? shape.slice(1) : shape);
    weights[name] = noise(shape, Object.keys(weights).length + 100, 1 / Math.sqrt(fan));
    if (name.endsWith('weight_g')) weights[name].data.fill(1);
  }
  return weights;
}

/** Gives a model the weights in `inputs`, by PyTorch's names and in its layout. */
export function writeWeights(engine: Engine, model: Module, inputs: Inputs): void {
  for (const [name, parameter] of model.namedParameters()) {
    engine.write(parameter, fromTorch(parameter, inputs[name].data as Float32Array));
  }
}

/** The error of some of the values, where `expected` computes in doubles what element `i` should be. */
export function sampledError(values: TypedArray, expected: (i: number) => number, samples = 64): number {
  let largest = 0;
  let error = 0;
  for (let s = 0; s < samples; s++) {
    const i = Math.floor(((s * 0.6180339887498949 + 0.37) % 1) * values.length);
    const wanted = expected(i);
    largest = Math.max(largest, Math.abs(wanted));
    error = Math.max(error, Number.isFinite(values[i]) ? Math.abs(values[i] - wanted) : Infinity);
  }
  return error / Math.max(largest, 1e-30);
}
