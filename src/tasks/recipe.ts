// What, with the task, decides every bit of a run: the model and its options, how it is trained, how long, and the
// seed.

import type { ModelSettings } from '../models/index';
import type { TrainingSettings } from '../spec/training';

/** The settings of a run, but for those of its task and its data. */
export type Recipe = TrainingSettings & ModelSettings & { readonly model: string };
