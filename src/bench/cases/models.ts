// Whole models: the LSTM forward, and training steps as a program calls them.

import type { Engine } from '../../gpu/engine';
import { Embedding } from '../../nn/embedding';
import { GatedConv, type ConvLayer } from '../../nn/gatedConv/gatedConv';
import { Linear } from '../../nn/linear';
import type { Module } from '../../nn/module';
import { LSTM } from '../../nn/recurrent';
import { Sequential } from '../../nn/sequential';
import { TCN } from '../../nn/tcn';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { Adam } from '../../optim/adam';
import type { TypedArray } from '../../graph/shape';
import { noise, sampledError, symbols, weightsFor, writeWeights, type Case, type Inputs } from '../case';

const B = 32;
const T = 64;
const I = 128;
const H = 256;
const SYMBOLS = 64;

const lstmForward: Case = {
  name: 'LSTM forward',
  about: `x [${B}, ${T}, ${I}], ${H} units`,
  limit: 'fma',
  inputs: () => ({ x: noise([B, T, I], 1), ...weightsFor(new LSTM(I, H)) }),
  build(engine, inputs) {
    const model = new LSTM(I, H);
    writeWeights(engine, model, inputs);
    const expected = firstLSTMRow(inputs);
    return {
      step: engine.record((x) => model.forward(x)),
      args: [inputs.x],
      error: ([y]) => sampledError(y.subarray(0, T * H), (i) => expected[i]),
    };
  },
};

/** The states of the first sequence, in doubles. */
function firstLSTMRow(inputs: Inputs): Float64Array {
  const [wx, wh, bx, bh] = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map(
    (name) => inputs[name].data,
  );
  const states = new Float64Array(T * H);
  const c = new Float64Array(H);
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  for (let t = 0; t < T; t++) {
    const gates = Float64Array.from({ length: 4 * H }, (_, g) => {
      let sum = bx[g] + bh[g];
      for (let i = 0; i < I; i++) sum += inputs.x.data[t * I + i] * wx[g * I + i];
      for (let j = 0; t > 0 && j < H; j++) sum += states[(t - 1) * H + j] * wh[g * H + j];
      return sum;
    });
    for (let j = 0; j < H; j++) {
      c[j] = sigmoid(gates[H + j]) * c[j] + sigmoid(gates[j]) * Math.tanh(gates[2 * H + j]);
      states[t * H + j] = sigmoid(gates[3 * H + j]) * Math.tanh(c[j]);
    }
  }
  return states;
}

/** Cross-entropy and one update by Adam. `model` gives logits over `classes`. */
const trainingStep = (
  { name, about, classes }: { name: string; about: string; classes: number },
  make: () => Module,
  data: () => Inputs,
): Case => ({
  name,
  about,
  limit: 'fma',
  step: true,
  inputs: () => ({ ...data(), ...weightsFor(make()) }),
  build(engine: Engine, inputs: Inputs) {
    const model = make();
    writeWeights(engine, model, inputs);
    const adam = new Adam(model.parameters(), { learningRate: 1e-3 });
    return {
      step: engine.train((x, targets) => adam.minimize(crossEntropy(model.forward(x), targets))),
      args: [inputs.x, inputs.targets],
      // Nothing has been learned at the first step, and the small weights make all classes about equally likely.
      error: ([loss]: readonly TypedArray[]) => Math.abs(loss[0] / Math.log(classes) - 1) / 100,
    };
  },
});

/** A training step of an LSTM. */
export const lstmStep = trainingStep(
  {
    name: 'LSTM training step',
    about: `characters: ${SYMBOLS} → ${I}, LSTM ${H}, linear ${SYMBOLS}; B ${B}, T ${T}; cross-entropy, Adam`,
    classes: SYMBOLS,
  },
  () => new Sequential(new Embedding(SYMBOLS, I), new LSTM(I, H), new Linear(H, SYMBOLS)),
  () => ({ x: symbols([B, T], 1, SYMBOLS), targets: symbols([B, T], 2, SYMBOLS) }),
);

const LEVELS = { B: 16, T: 256, C: 64, count: 4, classes: 10 };

/** A training step of a TCN. */
export const tcnStep = trainingStep(
  {
    name: 'TCN training step',
    about: `${LEVELS.count} levels of ${LEVELS.C}, 3 taps; B ${LEVELS.B}, T ${LEVELS.T}; cross-entropy, Adam`,
    classes: LEVELS.classes,
  },
  () => {
    const channels = Array<number>(LEVELS.count).fill(LEVELS.C);
    return new Sequential(
      new TCN(LEVELS.C, channels, { kernelSize: 3 }),
      new Linear(LEVELS.C, LEVELS.classes),
    );
  },
  () => ({
    x: noise([LEVELS.B, LEVELS.T, LEVELS.C], 1),
    targets: symbols([LEVELS.B, LEVELS.T], 2, LEVELS.classes),
  }),
);

const WHOLE = { length: 256, width: 128, units: 256 };

/**
 * The loss of every symbol of one sequence, read in order: what Dauphin et al. 2017 (arXiv 1612.08083) call
 * responsiveness. A recurrent net takes a step after the other, a convolutional one all at once.
 */
const oneSequence = (name: string, about: string, make: () => Module): Case => ({
  name: `${name}, one sequence`,
  about: `${about}; B 1, T ${WHOLE.length}, ${SYMBOLS} symbols; forward, with the loss`,
  limit: 'fma',
  inputs: () => ({
    x: symbols([1, WHOLE.length], 1, SYMBOLS),
    targets: symbols([1, WHOLE.length], 2, SYMBOLS),
    ...weightsFor(make()),
  }),
  build(engine, inputs) {
    const model = make();
    writeWeights(engine, model, inputs);
    return {
      step: engine.record((x, targets) => crossEntropy(model.forward(x), targets)),
      args: [inputs.x, inputs.targets],
      error: ([loss]) => Math.abs(loss[0] / Math.log(SYMBOLS) - 1) / 100,
    };
  },
});

const { width: WIDTH, units: UNITS } = WHOLE;

/** As many weights in the one as in the other: 4·256·(128 + 256) and 3 layers of 4·128·256. */
export const ONE_SEQUENCE = {
  lstm: oneSequence(
    'LSTM',
    `${WIDTH} → ${UNITS}`,
    () => new Sequential(new Embedding(SYMBOLS, WIDTH), new LSTM(WIDTH, UNITS), new Linear(UNITS, SYMBOLS)),
  ),
  gated: oneSequence(
    'gated convolutions',
    `3 layers of ${WIDTH}, 4 taps`,
    () =>
      new Sequential(
        new Embedding(SYMBOLS, WIDTH),
        new GatedConv(WIDTH, Array<ConvLayer>(3).fill([WIDTH, 4])),
        new Linear(WIDTH, SYMBOLS),
      ),
  ),
};

/** Whole models, forward and in training. */
export const MODELS: readonly Case[] = [
  lstmForward,
  lstmStep,
  tcnStep,
  ONE_SEQUENCE.lstm,
  ONE_SEQUENCE.gated,
];
