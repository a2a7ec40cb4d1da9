// Translation by two LSTMs (Sutskever, Vinyals & Le 2014, arXiv 1409.3215): one reads the source, from its last word to
// its first, and leaves its state; another goes on from there and writes the target. All that the second knows
// of the source is that state.
//
//   source → embedding → dropout → LSTM layers, from the end → the state of every layer
//   target → embedding → dropout → LSTM layers, from those states → dropout → softmax

import { flag, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { sequences } from '../../ops/recurrent/sequences';
import { LSTM } from '../recurrent';
import type { Memory, StepFunction } from '../stepwise';
import {
  RECURRENT_TRANSLATOR_RULES,
  RecurrentTranslator,
  carriedStates,
  checkTranslator,
  encodedStates,
  statesOf,
  type RecurrentTranslatorSettings,
} from './recurrentTranslator';
import type { Encoding, Vocabularies } from './translator';

/** The settings of Seq2Seq. */
export interface Seq2SeqSettings extends RecurrentTranslatorSettings {
  /** Whether the source is read from its end, as published; default: true. */
  readonly backwards?: boolean;
}

/** What settings may be. */
export const SEQ2SEQ_RULES: Rules<Seq2SeqSettings> = { ...RECURRENT_TRANSLATOR_RULES, backwards: flag };

/** The published model, with 160,000 English and 80,000 French words: section 3.4, 384 million parameters. */
export const SEQ2SEQ = { hidden: 1000, levels: 4, backwards: true } as const satisfies Seq2SeqSettings;

/** The encoder-decoder without attention. */
export class Seq2Seq extends RecurrentTranslator {
  readonly encoder: LSTM;
  readonly decoder: LSTM;
  private readonly backwards: boolean;

  constructor(vocabularies: Vocabularies, settings: Seq2SeqSettings, seed = 0) {
    checkTranslator('Seq2Seq', vocabularies, settings, SEQ2SEQ_RULES);
    super(vocabularies, settings, seed);
    const { hidden, levels, embedding = hidden, dropout, backwards = true } = settings;
    const options = { layers: levels, dropout, generator: this.generator };
    this.encoder = new LSTM(embedding, hidden, options);
    this.decoder = new LSTM(embedding, hidden, options);
    this.backwards = backwards;
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    const order = sequences({ lengths, reverse: this.backwards });
    const none = this.encoder.zeroState(source.shape[0]);
    return { lengths, ...encodedStates(this.encoder.unroll(this.read(source), none, order).states) };
  }

  override decode(encoding: Encoding, target: Tensor): Tensor {
    const first = statesOf(encoding, this.decoder.layers);
    return this.said(this.decoder.unroll(this.written(target), first).y);
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    const { states: before, keep } = carriedStates(memory, encoding, this.decoder.layers);
    return (ids) => {
      const { y, states } = this.decoder.unroll(this.written(ids), before);
      keep(states);
      return this.said(y);
    };
  }
}
