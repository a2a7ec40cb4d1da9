// Gated recurrent units over a whole sequence, as PyTorch (and cuDNN) define them: the reset gate acts behind
// the product, on h·wh + bh.
//
//   r, z = σ, σ of  x[b,t]·wx + bx + h[b,t-1]·wh + bh
//   n    = tanh( x[b,t]·wx + bx + r · (h[b,t-1]·wh + bh) )
//   h[b,t] = (1 - z) · n + z · h[b,t-1]
//
// Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"; this form is their v3.
//
// Gates stand in blocks, r then z then n: column g·H + j of wx, wh, bx and bh belongs to gate g and unit j, so
// that one vec4 holds a gate of four units. x·wx + bx is one product for all steps.

import sequence from '../../../shaders/recurrent/gruSequence.wgsl';
import sequenceDx from '../../../shaders/recurrent/gruSequenceDx.wgsl';
import step from '../../../shaders/recurrent/gruStep.wgsl';
import stepQuad from '../../../shaders/recurrent/gruStepQuad.wgsl';
import stepDx from '../../../shaders/recurrent/gruStepDx.wgsl';
import stepDxQuad from '../../../shaders/recurrent/gruStepDxQuad.wgsl';
import { checkShapes } from '../../graph/checkShapes';
import { defineOp } from '../../graph/op';
import { checked } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { add } from '../elementwise/binary';
import { zeros } from '../elementwise/constant';
import { matmul } from '../matmul/matmul';
import { sumRows } from '../reduce/sumMiddle';
import {
  RECURRENT,
  backward,
  checkBiases,
  forward,
  hiddenGradient,
  weightGradient,
  type LoopAttrs,
  type Recurrent,
} from './recurrent';

/** What a GRU gives. */
export interface GRUResult {
  /** h after every step, [B, T, H]. */
  readonly y: Tensor;
  /** h after the last step, [B, H]. */
  readonly hN: Tensor;
}

/** A layer of GRU from state h0 over x [B, T, I]. `wx` [I, 3H], `wh` [H, 3H], `bx` and `bh` [3H]; see above. */
export function gru(inputs: Recurrent): GRUResult {
  const given = checked('gru', inputs, RECURRENT, 'x', 'wx', 'wh', 'h0');
  const { x, wx, wh, bx, bh, h0, sequences } = given;
  checkShapes('gru', AXES, { x, wx, wh, bx, bh, h0 });
  checkBiases('gru', bx, bh);
  const xg = matmul(sequences ? sequences.enter(x) : x, wx, { bias: bx });
  const loop = sequences ? sequences.loop(gruSequence) : gruSequence;
  const { y, hN } = loop({ xg, wh, bh: bh ?? zeros([wh.shape[1]]), h0 }, {});
  return { y: sequences ? sequences.leave(y) : y, hN };
}

const AXES = {
  x: 'B T I',
  wx: 'I 3H',
  wh: 'H 3H',
  bx: '3H',
  bh: '3H',
  h0: 'B H',
};

const kernels = { sequence, step, quad: stepQuad };
const kernelsDx = { sequence: sequenceDx, step: stepDx, quad: stepDxQuad };

type Outputs = 'y' | 'hN' | 'gates' | 'inner' | 'spare';

/** The loop over time. `gates`: r z n of every step; `inner`: what r is multiplied with; both for the way back. */
const gruSequence = defineOp<'xg' | 'wh' | 'bh' | 'h0', Outputs, LoopAttrs>({
  name: 'gruSequence',
  inputs: { xg: 'B T 3H', wh: 'H 3H', bh: '3H', h0: 'B H' },
  outputs: { y: 'B T H', hN: 'B H', gates: 'B T 3H', inner: 'B T H', spare: 'B H' },
  inPlace: { gates: 'xg' },

  dispatch: ({ h0, hN, spare }, d, _a, traits) =>
    forward(kernels, d, traits, { gates: 3, units: [4] }, { h: [h0, spare, hN] }),

  gradient({ wh, h0, y, gates, inner, dy, dhN }, _d, attrs) {
    const { dxg, dhg, kept } = gruSequenceDx({ gates, wh, inner, y, dy, dhN, lengths: attrs.lengths }, {});
    const dh0 = add(kept, hiddenGradient(dhg, wh));
    return { xg: dxg, wh: weightGradient(y, h0, dhg, attrs), bh: sumRows(dhg), h0: dh0 };
  },
  flops: (_t, { B, T, H }) => B * T * H * (6 * H + 24),
});

type InputsDx = 'gates' | 'wh' | 'inner' | 'y' | 'dy' | 'dhN' | 'lengths';

const gruSequenceDx = defineOp<InputsDx, 'dxg' | 'dhg' | 'kept' | 'whT'>({
  name: 'gruSequenceDx',
  inputs: { gates: 'B T 3H', wh: 'H 3H', inner: 'B T H', y: 'B T H', dy: 'B T H', dhN: 'B H', lengths: 'B' },
  outputs: { dxg: 'B T 3H', dhg: 'B T 3H', kept: 'B H', whT: '3H H' },
  optional: ['dy', 'dhN', 'lengths'],
  integers: ['lengths'],
  inPlace: { dxg: 'gates' },

  dispatch({ wh, whT, y, dy, dhN, lengths }, d, _a, traits) {
    const constants = { ALIGNED: d.H % 4 === 0 };
    return backward(kernelsDx, d, traits, {
      gates: 3,
      wh,
      whT,
      given: { dy, dhN },
      lengths,
      other: y,
      constants,
    });
  },
  flops: (_t, { B, T, H }) => B * T * H * (6 * H + 24),
});
