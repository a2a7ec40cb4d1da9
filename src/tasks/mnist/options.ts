// How many images a run uses.

import type { Options } from '../../spec/option';

/** The options of both tasks of images. */
export const IMAGES = {
  trainImages: { kind: 'budget', help: 'train on the first so many images only; 0: on all' },
  evaluationImages: { kind: 'budget', help: 'the same in validation and test' },
} as const satisfies Options;
