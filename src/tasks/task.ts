// A task is data, a measure, and a program: a model with a loss and measures on batches of that data, as a run
// records them. sequence.ts makes tasks of vectors in and vectors out, languageModelling.ts tasks of text.

import type { Generator } from '../graph/generator';
import type { HostArray } from '../graph/host';
import type { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { Models } from '../models/modelSpec';
import type { Module } from '../nn/module';
import type { LayerState } from '../nn/recurrent';
import type { Random } from '../random';
import type { Source } from '../train/fit';
import type { Recipe } from './recipe';

export interface Anchor {
  /** What reaches this value without learning anything, e.g. "guess 0". */
  readonly name: string;
  readonly value: number;
}

export type Split = 'valid' | 'test';

export type Measures = Readonly<Record<string, number>>;

/** What a task can train. */
export interface TaskModel extends Module {
  /** Of all its random masks. */
  readonly generator: Generator;
  /** The state before the first step; of no layers, or a failure, where nothing is carried. */
  zeroState(batch: number): LayerState[];
  /** x to y, which the loss takes, from given states; and the states after the last step. */
  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] };
}

/** A model on a task: functions to be recorded, of the arrays of a batch. */
export interface Program {
  readonly model: TaskModel;
  /** Of a training batch, []. */
  loss(...batch: Tensor[]): Tensor;
  /** Of a batch of a split: means that `weightOf` weighs. */
  measures(...batch: Tensor[]): Readonly<Record<string, Tensor>>;
  /** What training carries from step to step, by name: part of a checkpoint that a run continues from. */
  readonly carried?: Readonly<Record<string, State>>;
}

export interface Task {
  readonly name: string;
  /** The measure, e.g. "nats per step"; smaller is better. */
  readonly metric: string;
  readonly anchors: readonly Anchor[];
  /** Steps that pass once over the training data, where there is a fixed set of it. */
  readonly stepsPerEpoch?: number;
  /** Builds the model, its parameters at their initial values. `models`: the table it is from; default: ours. */
  program(recipe: Recipe, models?: Models): Program;
  /** Training batches: what the program's `loss` takes. */
  source(random: Random): Source;
  /** How much the means of a batch count. */
  weightOf(batch: readonly HostArray[]): number;
  /** The batches of a split in their order, always the same: what the program's `measures` takes. */
  batches(split: Split): Iterable<readonly HostArray[]>;
  /** What is reported, `metric` among it, from the means over a split; the means themselves unless given. */
  report?(means: Measures): Measures;
}
