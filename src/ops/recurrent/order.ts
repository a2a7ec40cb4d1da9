// What the recurrent layers ask of how they go through sequences; sequences.ts answers.

import type { Tensor } from '../../graph/tensor';

/** How layers go through their sequences: made by `sequences`. */
export interface Sequences {
  /** The same between layers of a stack, which all go through the steps in the order of the first. */
  readonly within: Sequences;
  /** x [B, T, N] in the order in which a layer takes its steps; 0 behind the end. */
  enter(x: Tensor): Tensor;
  /** The time loop of a layer, keeping the state beyond the end of a sequence. */
  loop<L extends (...given: never[]) => Readonly<Record<string, Tensor>>>(loop: L): L;
  /** Outputs in the places of their inputs. */
  leave(y: Tensor): Tensor;
}
