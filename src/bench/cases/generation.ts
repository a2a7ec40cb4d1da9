// Generation: one symbol further behind a context, by a step that remembers and naively, by running the whole model
// over the context again. The draw is in both.

import type { Engine } from '../../gpu/engine';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { GatedConvLM, type GatedConvSettings } from '../../nn/gatedConv/gatedConvLM';
import { LanguageModel } from '../../nn/languageModel';
import type { Module } from '../../nn/module';
import { RECURRENT, type LayerState, type RecurrentName } from '../../nn/recurrent';
import { Memory, type Stepwise } from '../../nn/stepwise';
import { TCNLM } from '../../nn/tcnLM';
import { TransformerLM } from '../../nn/transformer/transformerLM';
import { sample } from '../../ops/random/sample';
import { reshape, slice } from '../../ops/layout/view';
import { sampledError, symbols, weightsFor, writeWeights, type Case, type Inputs } from '../case';

const SYMBOLS = 256;
const HIDDEN = 128;
/** Symbols that are seen. */
const CONTEXT = 128;

interface TextModel extends Module, Stepwise {
  readonly decoder: Module;
  zeroState(batch: number): LayerState[];
  unroll(ids: Tensor, states: readonly LayerState[]): { y: Tensor };
}

const recurrent = (model: RecurrentName) => () =>
  new LanguageModel(SYMBOLS, { model, embedding: HIDDEN, hidden: HIDDEN, levels: 1 });

const gated: GatedConvSettings = {
  embedding: HIDDEN,
  layers: [
    [HIDDEN, 4],
    [HIDDEN, 4],
    [HIDDEN, 4],
    [HIDDEN, 4],
  ],
};

const FAMILIES: Readonly<Record<string, () => TextModel>> = {
  RNN: recurrent('rnn'),
  LSTM: recurrent('lstm'),
  GRU: recurrent('gru'),
  TCN: () => new TCNLM(SYMBOLS, { embedding: HIDDEN, channels: Array<number>(5).fill(HIDDEN) }),
  GCNN: () => new GatedConvLM(SYMBOLS, gated),
  Transformer: () => new TransformerLM(SYMBOLS, { hidden: HIDDEN, levels: 2, heads: 4, length: CONTEXT }),
};

const random = () => ({
  seed: new State([1], 'zeros', 'seed', 'u32'),
  counter: new State([1], 'zeros', 'counter', 'u32'),
});

/** Logits [1, V], and a draw from them. */
function ending(logits: Tensor): Tensor[] {
  const row = reshape(logits, [1, SYMBOLS]);
  return [row, sample(row, random())];
}

/** Against the model over the same symbols at once. */
async function errorOf(engine: Engine, model: Module, ids: Inputs[string], found: ArrayLike<number>) {
  const whole = await engine
    .record((x: Tensor) => model.forward(x))(ids)
    .read();
  const last = whole.length - SYMBOLS;
  return sampledError(found as Float32Array, (i) => whole[last + i]);
}

function casesOf(name: string, make: () => TextModel): Case[] {
  const inputs = (T: number) => (): Inputs => ({ x: symbols([1, T], 1, SYMBOLS), ...weightsFor(make()) });
  const about = `${SYMBOLS} symbols, ${HIDDEN} wide, a draw`;
  const stepwise: Case = {
    name: `next symbol, ${name}`,
    about: `${about}; the past is remembered`,
    limit: 'dispatch',
    inputs: inputs(1),
    build(engine, given) {
      const model = make();
      writeWeights(engine, model, given);
      const memory = new Memory(1);
      const next = model.stepper(memory);
      engine.record(() => memory.prepare())();
      return {
        step: engine.record((x) => ending(next(x))),
        args: [given.x],
        async error([logits]) {
          const error = await errorOf(engine, model, given.x, logits);
          // What follows is measured at the end of the context.
          engine.write(memory.position, Uint32Array.of(CONTEXT - 1));
          return error;
        },
      };
    },
  };
  const naive: Case = {
    name: `next symbol naively, ${name}`,
    about: `${about}; the whole model over ${CONTEXT} symbols again`,
    limit: 'fma',
    inputs: inputs(CONTEXT),
    build(engine, given) {
      const model = make();
      writeWeights(engine, model, given);
      return {
        step: engine.record((x) => {
          const { y } = model.unroll(x, model.zeroState(1));
          return ending(model.decoder.forward(slice(y, 1, -1)));
        }),
        args: [given.x],
        error: ([logits]) => errorOf(engine, model, given.x, logits),
      };
    },
  };
  // A recurrent model has no reason to.
  return RECURRENT.includes(name.toLowerCase() as RecurrentName) ? [stepwise] : [stepwise, naive];
}

/** Steps of generation, of each family of models. */
export const GENERATION: readonly Case[] = Object.entries(FAMILIES).flatMap(([name, make]) =>
  casesOf(name, make),
);
