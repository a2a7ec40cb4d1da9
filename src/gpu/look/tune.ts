// Measures other ways for the launches of a step, as they follow each other in it.

import { TRIALS } from '../../graph/tuning';
import type { Tensor } from '../../graph/tensor';
import { useTool, type Arguments, type Step } from '../step';
import type { Patience } from './sweep';
import { measureWays } from './ways';

const PATIENCE: Patience = { rounds: [5, 5], enough: 0, misses: TRIALS, left: () => Infinity };

/**
 * Measures other ways for a step's launches to do the same work. From then on the step takes the fastest, as does every
 * recording that its engine makes later. Takes as long as compiling a few more kernels for each launch. Changes no
 * state, no count and no random draw.
 */
export async function tuneStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  ...args: Arguments<P>
): Promise<void> {
  return useTool('tuneStep', step, async (recordings) => {
    const { args: checked, recording } = recordings.asked(args);
    await measureWays(recordings.place, { wanted: recording.wanted, args: checked, most: TRIALS }, PATIENCE);
    recordings.replan();
  });
}
