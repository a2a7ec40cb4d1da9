// The data of a task as a run has it.

import type { Mnist } from '../data/mnist';
import type { Music } from '../data/music';
import type { SpokenDigits } from '../data/spokenDigits';
import type { Corpus } from '../data/text';
import type { DataFacts } from './settings';

/** What a task reads, and what its settings must know of it. */
export interface TaskData {
  readonly content: Music | Corpus | SpokenDigits | Mnist;
  readonly facts: DataFacts;
}
