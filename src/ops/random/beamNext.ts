// What every beam of a search goes on with: the best continuations of all beams of a sentence together.

import kernel from '../../../shaders/random/beamNext.wgsl';
import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';

/** What `beamNext` is given. */
export interface Beams {
  /** Sums of logarithms of probabilities of K beams for each of B sentences, [B, K]. */
  readonly scores: Tensor;
  /** For every beam M logarithms of probabilities, the largest first, and whose they are: [B · K, M], see topK. */
  readonly values: Tensor;
  readonly ids: Tensor;
}

/** What comes of one step of all beams. */
export interface NextBeams {
  /** The best 2 · K continuations of a sentence, best first: beam · V + id, u32 [B, 2 · K]; and their scores. */
  readonly found: Tensor;
  readonly sums: Tensor;
  /** The K beams that go on, best first: their scores [B, K], last ids u32 [B · K], and rows that they come from. */
  readonly nextScores: Tensor;
  readonly tokens: Tensor;
  readonly parents: Tensor;
}

interface Attrs {
  /** Ids that there are. */
  readonly V: number;
  /** Is never chosen. */
  readonly pad: number;
  /** Ends a sentence: a beam that chooses it does not go on. */
  readonly end: number;
}

/**
 * The best continuations of the beams of each sentence. Of equal scores that of the lower beam is first, in one beam
 * the likelier, then the one with the lower id; NaN is larger than any number. M is at least 2 · K + 1, or V.
 */
export const beamNext = (beams: Beams, attrs: Attrs): NextBeams => beamNextOp({ ...beams }, attrs);

const beamNextOp = defineOp<keyof Beams, keyof NextBeams, Attrs>({
  name: 'beamNext',
  inputs: { scores: 'B K', values: 'N M', ids: 'N M' },
  outputs: { found: '*', sums: '*', nextScores: 'B K', tokens: 'N', parents: 'N' },
  integers: ['ids', 'found', 'tokens', 'parents'],
  rules({ B, K, N, M }, { V }) {
    check(N === B * K, `${B} sentences of ${K} beams have not ${N} rows`, `give ${B * K} rows of values`);
    check(
      M >= Math.min(2 * K + 1, V) && M > 2,
      `of every beam there are ${M} continuations`,
      `give ${2 * K + 1}`,
    );
  },
  shape: ({ scores: [B, K], values: [N] }) => ({
    found: [B, 2 * K],
    sums: [B, 2 * K],
    nextScores: [B, K],
    tokens: [N],
    parents: [N],
  }),
  dispatch: (_t, { B, K, M }, { V, pad, end }) => ({
    kernel: kernel.with({ K }),
    params: { M, V, pad, end },
    threads: [B],
  }),
});
