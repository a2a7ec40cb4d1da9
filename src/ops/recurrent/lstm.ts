// Long short-term memory over a whole sequence, as PyTorch defines it.
//
//   i, f, g, o = σ, σ, tanh, σ of  x[b,t]·wx + bx + h[b,t-1]·wh + bh
//   c[b,t] = f · c[b,t-1] + i · g        h[b,t] = o · tanh(c[b,t])
//
// Hochreiter & Schmidhuber 1997, "Long Short-Term Memory"; with forget gates, Gers et al. 2000.
//
// Gates are interleaved: column 4·j + g of wx, wh, bx and bh belongs to unit j and gate i, f, g or o, so that
// one vec4 holds what a unit needs. x·wx + bias is one product for all steps.

import sequence from '../../../shaders/recurrent/lstmSequence.wgsl';
import sequenceDx from '../../../shaders/recurrent/lstmSequenceDx.wgsl';
import step from '../../../shaders/recurrent/lstmStep.wgsl';
import stepQuad from '../../../shaders/recurrent/lstmStepQuad.wgsl';
import stepDx from '../../../shaders/recurrent/lstmStepDx.wgsl';
import stepDxQuad from '../../../shaders/recurrent/lstmStepDxQuad.wgsl';
import { checkShapes } from '../../graph/checkShapes';
import { defineOp } from '../../graph/op';
import { checked, type Rules, tensor } from '../../graph/options';
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

/** The inputs of `lstm`. */
export interface LSTMInputs extends Recurrent {
  /** [B, H], the cells before the first step. */
  readonly c0: Tensor;
}

/** What an LSTM gives. */
export interface LSTMResult {
  /** h after every step, [B, T, H]. */
  readonly y: Tensor;
  /** h after the last step, [B, H]. */
  readonly hN: Tensor;
  /** c after the last step, [B, H]. */
  readonly cN: Tensor;
}

/** A layer of LSTM from state (h0, c0) over x [B, T, I]. `wx` [I, 4H], `wh` [H, 4H], `bx`, `bh` [4H]; see above. */
export function lstm(inputs: LSTMInputs): LSTMResult {
  const given = checked('lstm', inputs, INPUTS, 'x', 'wx', 'wh', 'h0', 'c0');
  const { x, wx, wh, bx, bh, h0, c0, sequences } = given;
  checkShapes('lstm', AXES, { x, wx, wh, bx, bh, h0, c0 });
  const xg = matmul(sequences ? sequences.enter(x) : x, wx, { bias: joinedBias('lstm', bx, bh) });
  const loop = sequences ? sequences.loop(lstmSequence) : lstmSequence;
  const { y, hN, cN } = loop({ xg, wh, h0, c0 }, {});
  return { y: sequences ? sequences.leave(y) : y, hN, cN };
}

const INPUTS: Rules<LSTMInputs> = { ...RECURRENT, c0: tensor };

const AXES = {
  x: 'B T I',
  wx: 'I 4H',
  wh: 'H 4H',
  bx: '4H',
  bh: '4H',
  h0: 'B H',
  c0: 'B H',
};

const kernels = { sequence, step, quad: stepQuad };
const kernelsDx = { sequence: sequenceDx, step: stepDx, quad: stepDxQuad };

type Inputs = 'xg' | 'wh' | 'h0' | 'c0';
type Outputs = 'y' | 'hN' | 'cN' | 'gates' | 'cells' | 'spareH' | 'spareC';

/** The loop over time. `gates`: i f g o of every step; `cells`: c before every step; both for the way back. */
const lstmSequence = defineOp<Inputs, Outputs, LoopAttrs>({
  name: 'lstmSequence',
  inputs: { xg: 'B T 4H', wh: 'H 4H', h0: 'B H', c0: 'B H' },
  outputs: {
    y: 'B T H',
    hN: 'B H',
    cN: 'B H',
    gates: 'B T 4H',
    cells: 'B T H',
    spareH: 'B H',
    spareC: 'B H',
  },
  inPlace: { gates: 'xg' },

  dispatch({ h0, c0, hN, cN, spareH, spareC }, d, _a, traits) {
    const states = { h: [h0, spareH, hN], c: [c0, spareC, cN] } as const;
    return forward(kernels, d, traits, { gates: 4, units: [1, 2, 4] }, states);
  },

  gradient({ wh, h0, y, gates, cells, dy, dhN, dcN }, _d, attrs) {
    const { dxg, dc0 } = lstmSequenceDx({ gates, wh, cells, dy, dhN, dcN, lengths: attrs.lengths }, {});
    return { xg: dxg, wh: weightGradient(y, h0, dxg, attrs), h0: hiddenGradient(dxg, wh), c0: dc0 };
  },
  flops: (_t, { B, T, H }) => B * T * H * (8 * H + 30),
});

type InputsDx = 'gates' | 'wh' | 'cells' | 'dy' | 'dhN' | 'dcN' | 'lengths';

const lstmSequenceDx = defineOp<InputsDx, 'dxg' | 'dc0' | 'whT'>({
  name: 'lstmSequenceDx',
  inputs: { gates: 'B T 4H', wh: 'H 4H', cells: 'B T H', dy: 'B T H', dhN: 'B H', dcN: 'B H', lengths: 'B' },
  outputs: { dxg: 'B T 4H', dc0: 'B H', whT: '4H H' },
  optional: ['dy', 'dhN', 'dcN', 'lengths'],
  integers: ['lengths'],
  inPlace: { dxg: 'gates' },

  dispatch: ({ wh, whT, cells, dy, dhN, dcN, lengths }, d, _a, traits) =>
    backward(kernelsDx, d, traits, { gates: 4, wh, whT, given: { dy, dhN, dcN }, lengths, other: cells }),
  flops: (_t, { B, T, H }) => B * T * H * (8 * H + 40),
});
