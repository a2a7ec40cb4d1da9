// How recordings of digits are used.

import type { Options } from '../../spec/option';
import { LENGTH } from '../options';
import { SPEAKER_CHOICES } from './digitsTask';

/** The options of the task. */
export const DIGITS = {
  length: { ...LENGTH.length, help: 'samples of a piece' },
  speaker: { kind: SPEAKER_CHOICES, help: 'whose recordings', absent: 'both' },
  features: {
    kind: 'switch',
    help: 'tell it spectrum, pitch and voicing beside every sample (the local condition of the paper)',
  },
  evaluationPieces: {
    kind: 'budget',
    help: 'validate and test on so many pieces, not on whole recordings; 0: on those',
  },
} as const satisfies Options;
