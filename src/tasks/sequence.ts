// Tasks that map [B, T, inputs] to [B, T, outputs]: each can be trained with every sequence model.

import type { Tensor } from '../graph/tensor';
import { MODELS } from '../models/index';
import { modelOn } from '../models/modelSpec';
import { sequenceModel } from '../models/sequenceModel';
import { lastStep } from '../ops/layout/view';
import type { Task } from './task';

/** A task of sequences of vectors, which says what is asked of an answer y [B, T, outputs]. */
export interface SequenceTask extends Task {
  /** Channels per step of the input and of the output. */
  readonly inputs: number;
  readonly outputs: number;
  /** The most steps of a sequence. */
  readonly longest: number;
  /**
   * Logits that answer with the training data's frequencies whatever the input: the head's bias starts there,
   * so that no steps are spent on learning them.
   */
  readonly prior?: readonly number[];
  /** The answer counts after the last step alone: y is [B, outputs], and nothing else goes through the head. */
  readonly asksLast?: boolean;
  /** y [B, T, outputs] is the model's answer to the first array of a batch, the rest follow it. */
  loss(y: Tensor, ...rest: Tensor[]): Tensor;
  /** Measures of one batch; the first is the metric. */
  measures(y: Tensor, ...rest: Tensor[]): Readonly<Record<string, Tensor>>;
}

/** The task with its program: a sequence model that starts every batch from nothing. */
export function sequenceTask(task: Omit<SequenceTask, 'program'>): SequenceTask {
  return {
    ...task,
    program(recipe, models = MODELS) {
      const { inputs, outputs, prior, longest } = task;
      const { body } = modelOn(recipe.model, 'vectors', models);
      const model = sequenceModel(body, [inputs, outputs], { ...recipe, prior, length: longest });
      const answer = (x: Tensor) => (task.asksLast ? model.last(x) : model.forward(x));
      return {
        model,
        loss: (x, ...rest) => task.loss(answer(x), ...rest),
        measures: (x, ...rest) => task.measures(answer(x), ...rest),
      };
    },
  };
}

/** What the task's loss takes of the answers at all steps. */
export const asked = ({ asksLast }: SequenceTask, y: Tensor): Tensor => (asksLast ? lastStep(y) : y);
