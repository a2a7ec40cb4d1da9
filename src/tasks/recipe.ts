// What, with the task, decides every bit of a run: the model and its options, how it is trained, how long, and the
// seed.

import type { ModelSettings } from '../models/index';
import type { TrainingSettings } from '../spec/training';

export type Recipe = TrainingSettings & ModelSettings & { readonly model: string };
