// The plain recurrent layer over a whole sequence, as PyTorch defines it.
//
//   h[b,t] = tanh( x[b,t]·wx + bx + h[b,t-1]·wh + bh )
//
// Elman 1990, "Finding Structure in Time". x·wx + bias is one product for all steps.

import sequence from '../../../shaders/recurrent/rnnSequence.wgsl';
import sequenceDx from '../../../shaders/recurrent/rnnSequenceDx.wgsl';
import step from '../../../shaders/recurrent/rnnStep.wgsl';
import stepQuad from '../../../shaders/recurrent/rnnStepQuad.wgsl';
import stepDx from '../../../shaders/recurrent/rnnStepDx.wgsl';
import stepDxQuad from '../../../shaders/recurrent/rnnStepDxQuad.wgsl';
import { checkShapes } from '../../graph/checkShapes';
import { defineOp } from '../../graph/op';
import { checked } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { matmul } from '../matmul/matmul';
import {
  RECURRENT,
  backward,
  forward,
  hiddenGradient,
  joinedBias,
  weightGradient,
  type LoopAttrs,
  type Recurrent,
} from './recurrent';

/** What an RNN gives. */
export interface RNNResult {
  /** h after every step, [B, T, H]. */
  readonly y: Tensor;
  /** h after the last step, [B, H]. */
  readonly hN: Tensor;
}

/** A layer of tanh RNN from state h0 over x [B, T, I]. `wx` [I, H], `wh` [H, H], `bx`, `bh` [H]. */
export function rnn(inputs: Recurrent): RNNResult {
  const given = checked('rnn', inputs, RECURRENT, 'x', 'wx', 'wh', 'h0');
  const { x, wx, wh, bx, bh, h0, sequences } = given;
  checkShapes('rnn', AXES, { x, wx, wh, bx, bh, h0 });
  const xg = matmul(sequences ? sequences.enter(x) : x, wx, { bias: joinedBias('rnn', bx, bh) });
  const loop = sequences ? sequences.loop(rnnSequence) : rnnSequence;
  const { y, hN } = loop({ xg, wh, h0 }, {});
  return { y: sequences ? sequences.leave(y) : y, hN };
}

const AXES = {
  x: 'B T I',
  wx: 'I H',
  wh: 'H H',
  bx: 'H',
  bh: 'H',
  h0: 'B H',
};

const kernels = { sequence, step, quad: stepQuad };
const kernelsDx = { sequence: sequenceDx, step: stepDx, quad: stepDxQuad };

/** The loop over time. */
const rnnSequence = defineOp<'xg' | 'wh' | 'h0', 'y' | 'hN' | 'spare', LoopAttrs>({
  name: 'rnnSequence',
  inputs: { xg: 'B T H', wh: 'H H', h0: 'B H' },
  outputs: { y: 'B T H', hN: 'B H', spare: 'B H' },
  inPlace: { y: 'xg' },

  dispatch: ({ h0, hN, spare }, d, _a, traits) =>
    forward(kernels, d, traits, { gates: 1, units: [4, 8, 16] }, { h: [h0, spare, hN] }),

  gradient({ wh, h0, y, dy, dhN }, _d, attrs) {
    const { dxg } = rnnSequenceDx({ wh, y, dy, dhN, lengths: attrs.lengths }, {});
    return { xg: dxg, wh: weightGradient(y, h0, dxg, attrs), h0: hiddenGradient(dxg, wh) };
  },
  flops: (_t, { B, T, H }) => B * T * H * (2 * H + 6),
});

const rnnSequenceDx = defineOp<'wh' | 'y' | 'dy' | 'dhN' | 'lengths', 'dxg' | 'whT'>({
  name: 'rnnSequenceDx',
  inputs: { wh: 'H H', y: 'B T H', dy: 'B T H', dhN: 'B H', lengths: 'B' },
  outputs: { dxg: 'B T H', whT: 'H H' },
  optional: ['dy', 'dhN', 'lengths'],
  integers: ['lengths'],

  dispatch({ wh, whT, y, dy, dhN, lengths }, d, _a, traits) {
    const constants = { ALIGNED: d.H % 4 === 0 };
    return backward(kernelsDx, d, traits, {
      gates: 1,
      wh,
      whT,
      given: { dy, dhN },
      lengths,
      other: y,
      constants,
    });
  },
  flops: (_t, { B, T, H }) => B * T * H * (2 * H + 4),
});
