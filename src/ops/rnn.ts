// The plain recurrent layer over a whole sequence, as PyTorch defines it.
//
//   h[b,t] = tanh( x[b,t]·wx + bx + h[b,t-1]·wh + bh )
//
// Elman 1990, "Finding Structure in Time". x·wx + bias is one product for all steps.

import sequenceKernel from '../../shaders/rnnSequence.wgsl';
import sequenceDxKernel from '../../shaders/rnnSequenceDx.wgsl';
import stepKernel from '../../shaders/rnnStep.wgsl';
import stepDxKernel from '../../shaders/rnnStepDx.wgsl';
import { defineOp, type Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import { add } from './binary';
import { matmul } from './matmul';
import {
  hiddenGradient,
  passOn,
  stepBlock,
  turnWeights,
  weightGradient,
  wholeSequence,
  type Recurrent,
} from './recurrent';

export interface RNNResult {
  /** h after every step, [B, T, H]. */
  readonly y: Tensor;
  /** h after the last step, [B, H]. */
  readonly hN: Tensor;
}

/** A layer of tanh RNN from state h0 over x [B, T, I]. `wx` [I, H], `wh` [H, H], `bx`, `bh` [H]. */
export function rnn({ x, wx, wh, bx, bh, h0 }: Recurrent): RNNResult {
  const xg = matmul(x, wx, { bias: add(bx, bh) });
  const { y, hN } = rnnSequence({ xg, wh, h0 }, {});
  return { y, hN };
}

/** The loop over time. */
const rnnSequence = defineOp<'xg' | 'wh' | 'h0', 'y' | 'hN' | 'spare'>({
  name: 'rnnSequence',
  inputs: { xg: 'B T H', wh: 'H H', h0: 'B H' },
  outputs: { y: 'B T H', hN: 'B H', spare: 'B H' },
  inPlace: { y: 'xg' },

  dispatch({ h0, hN, spare }, { B, T, H }, _a, traits) {
    const whole = wholeSequence(B, H, traits);
    if (whole) return { kernel: sequenceKernel.with(whole.constants), workgroups: whole.workgroups };
    const { rows, units, WORKGROUP, threads } = stepBlock(B, H, 1, [4, 8], traits);
    const kernel = stepKernel.with({ TB: rows, TJ: units, WORKGROUP, ALIGNED: H % 4 === 0 });
    return Array.from({ length: T }, (_, t): Dispatch => {
      const h = passOn(t, T, [h0, spare, hN]);
      return { kernel, bind: { hIn: h.before, hOut: h.after }, params: { t }, threads };
    });
  },

  gradient({ wh, h0, y, dy, dhN }) {
    const { dxg } = rnnSequenceDx({ wh, y, dy, dhN }, {});
    return { xg: dxg, wh: weightGradient(y, h0, dxg), h0: hiddenGradient(dxg, wh) };
  },
  flops: (_t, { B, T, H }) => B * T * H * (2 * H + 6),
});

const rnnSequenceDx = defineOp<'wh' | 'y' | 'dy' | 'dhN', 'dxg' | 'whT'>({
  name: 'rnnSequenceDx',
  inputs: { wh: 'H H', y: 'B T H', dy: 'B T H', dhN: 'B H' },
  outputs: { dxg: 'B T H', whT: 'H H' },
  optional: ['dy', 'dhN'],

  dispatch({ wh, whT, y, dy, dhN }, { B, T, H }, _a, traits) {
    const bind = { dy: dy ?? y, dhN: dhN ?? y };
    const given = { DY: !!dy, DHN: !!dhN };
    const whole = wholeSequence(B, H, traits);
    if (whole) {
      const kernel = sequenceDxKernel.with({ ...whole.constants, ...given });
      return [turnWeights(wh, whT), { kernel, bind, workgroups: whole.workgroups }];
    }
    const { rows, units, WORKGROUP, threads } = stepBlock(B, H, 1, [4, 8], traits);
    const block = { TB: rows, TK: units, WORKGROUP, ALIGNED: H % 4 === 0 };
    const last = stepDxKernel.with({ ...block, ...given, LAST: true });
    const other = stepDxKernel.with({ ...block, DY: !!dy });
    return Array.from({ length: T }, (_, s): Dispatch => {
      return { kernel: s ? other : last, bind, params: { t: T - 1 - s }, threads };
    });
  },
  flops: (_t, { B, T, H }) => B * T * H * (2 * H + 4),
});
