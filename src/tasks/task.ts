// A task is data, a measure, and a program: a model with a loss and measures on batches of that data, as a run
// records them. sequence.ts makes tasks of vectors in and vectors out, languageModelling.ts tasks of text,
// pairsProgram.ts programs of pairs.

import type { SentenceForm } from '../data/translation/form';
import type { BeamOptions } from '../decode/beams';
import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
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
import type { Said } from './said';

/** A value of the measure that takes no network. */
export interface Anchor {
  /** What reaches this value without learning anything, e.g. "guess 0". */
  readonly name: string;
  readonly value: number;
}

/** A split that is measured. */
export type Split = 'valid' | 'test';

/** Numbers by the names of what they measure. */
export type Measures = Readonly<Record<string, number>>;

/** What a task trains. */
export interface TrainedModel extends Module {
  /** What draws all its random masks. */
  readonly generator: Generator;
}

/** A model of one sequence, which can go on from a state. */
export interface TaskModel extends TrainedModel {
  /** The state before the first step; of no layers, or a failure, where nothing is carried. */
  zeroState(batch: number): LayerState[];
  /** x to y, which the loss takes, from given states; and the states after the last step. */
  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] };
}

/** The model as one of one sequence; fails where it is one of pairs, which translates. */
export function ofOneSequence(model: TrainedModel): TaskModel {
  const unrolls = (one: TrainedModel): one is TaskModel => 'unroll' in one;
  return unrolls(model) ? model : fail(`A ${model.constructor.name} is no model of one sequence.`);
}

/** A model on a task: functions to be recorded, of the arrays of a batch. */
export interface Program {
  readonly model: TrainedModel;
  /** The loss of a training batch, []. */
  loss(...batch: Tensor[]): Tensor;
  /** The measures of a batch of a split: means, which `weightOf` weighs. */
  measures(...batch: Tensor[]): Readonly<Record<string, Tensor>>;
  /** What training carries from step to step, by name: part of a checkpoint that a run continues from. */
  readonly carried?: Readonly<Record<string, State>>;
}

/** A model that was trained, and the split that it is asked about. */
export interface Asked {
  readonly engine: Engine;
  readonly model: TrainedModel;
  readonly split: Split;
  /** Ends the measuring when it is aborted: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What a run trains on: batches, a measure, and the program that a model becomes here. */
export interface Task {
  readonly name: string;
  /** The measure, e.g. "nats per step"; smaller is better. */
  readonly metric: string;
  readonly anchors: readonly Anchor[];
  /** Steps that pass once over the training data, where there is a fixed set of it. */
  readonly stepsPerEpoch?: number;
  /** Sentences as arrays and back, of a task that translates. */
  readonly sentences?: SentenceForm;
  /** Builds the model, its parameters at their initial values. `models`: the table it is from; default: ours. */
  program(recipe: Recipe, models?: Models): Program;
  /** Training batches: what the program's `loss` takes. */
  source(random: Random): Source;
  /** How much the means of a batch count. */
  weightOf(batch: readonly HostArray[]): number;
  /** The batches of a split in their order, always the same: what the program's `measures` takes. */
  batches(split: Split): Iterable<readonly HostArray[]>;
  /** Tokens of a training batch, of which a run says how many a second it takes; default: B · T of its first array. */
  tokensIn?(batch: readonly HostArray[]): number;
  /** Further measures, of a model at the end of its training: they take too long to be asked in between. */
  whenTrained?(asked: Asked): Promise<Measures>;
  /** What a model says to the sources of a split, of a task that translates. */
  said?(asked: Asked, options: BeamOptions): Promise<Said>;
  /** How measures are counted that can be counted in many ways, by their names: BLEU's signature. */
  readonly signatures?: Readonly<Record<string, string>>;
  /** What is reported, `metric` among it, from the means over a split; default: the means themselves. */
  report?(means: Measures): Measures;
}
