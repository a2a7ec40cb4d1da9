// A plan is a training step as data: the launches in order, what each binds, and the sizes of all buffers.
// The replayer needs nothing else.

import type { State } from '../graph/state';
import type { Call, Tensor } from '../graph/tensor';
import type { PlannedDispatch } from './launch';
import type { Memory } from './memory';

/** A training step as data. */
export interface Plan {
  /** In order; a dispatch is of one of them. */
  readonly calls: readonly Call[];
  readonly dispatches: readonly PlannedDispatch[];
  readonly memory: Memory;
  /** Params of all launches, each block at a multiple of 256 bytes. */
  readonly params: Uint8Array;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Asked of the host at every replay. */
  readonly feeds: readonly Tensor[];
}

/** What a recording asks for: results, and effects on states. */
export interface Wanted {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly effects: readonly Call[];
}

/** The states that a plan overwrites, flat buffers counted once. */
export function statesWritten({ dispatches }: Pick<Plan, 'dispatches'>): Set<State> {
  const bindings = dispatches.flatMap((dispatch) => dispatch.bindings);
  return new Set(
    bindings.flatMap(({ writes, place }) =>
      writes && place.home.kind === 'state' ? [place.home.state] : [],
    ),
  );
}
