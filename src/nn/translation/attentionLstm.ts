// Translation by LSTMs with attention (Bahdanau, Cho & Bengio 2015, arXiv 1409.0473): a bidirectional encoder leaves an
// annotation of every source word, and the decoder looks at all of them before every word that it writes.
//
//   source → embedding → bidirectional LSTM layers, hidden / 2 units each way → annotations; the states of every layer
//   target → embedding → LSTM layers from those states → query → context, the weighted mean of annotations
//   tanh(W [context, query] + b) → dropout → softmax
//
// Attention is asked by what the top layer gives at a position, and its answer goes to the softmax, not back into the
// layers: Luong, Pham & Manning 2015 (arXiv 1508.04025), section 3.1, without input feeding. In Bahdanau's paper the
// question is the state at the position before, and the answer an input of the next step. Here the layers run over the
// whole target first, and attention is asked for all positions at once.

import { check } from '../../graph/check';
import { oneOf, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { attention, attentionWeights } from '../../ops/attention/attention';
import { tanh } from '../../ops/elementwise/unary';
import { concat } from '../../ops/layout/concat';
import { Bidirectional } from '../bidirectional';
import { Linear } from '../linear';
import { LSTM } from '../recurrent';
import { reshape } from '../../ops/layout/view';
import type { LayerState } from '../recurrent';
import type { Memory, StepFunction } from '../stepwise';
import { AdditiveScores } from './additiveScores';
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

/** How a query and an annotation make a score. */
export const SCORES = ['additive', 'general', 'dot'] as const;

/** The settings of AttentionLSTM. */
export interface AttentionLSTMSettings extends RecurrentTranslatorSettings {
  /** v · tanh(W_q q + W_k k) as Bahdanau's, or Luong's q · W k or q · k; default: additive. */
  readonly score?: (typeof SCORES)[number];
}

/** What settings may be. */
export const ATTENTION_LSTM_RULES: Rules<AttentionLSTMSettings> = {
  ...RECURRENT_TRANSLATOR_RULES,
  score: oneOf(SCORES),
};

/** Bahdanau's size, with 30,000 words of each language; and Luong's, with 50,000. */
export const ATTENTION_LSTMS = {
  bahdanau: { hidden: 1000, levels: 1, embedding: 620 },
  luong: { hidden: 1000, levels: 4, score: 'general', dropout: 0.2 },
} as const satisfies Readonly<Record<string, AttentionLSTMSettings>>;

/** What scores queries against annotations, and takes their means. */
interface Scores {
  heard(annotations: Tensor): Encoding;
  forward(queries: Tensor, encoding: Encoding): Tensor;
  weights(queries: Tensor, encoding: Encoding): Tensor;
}

/** LSTMs with attention. */
export class AttentionLSTM extends RecurrentTranslator {
  readonly encoder: Bidirectional;
  readonly decoder: LSTM;
  readonly attention: AdditiveScores | Linear | null;
  readonly combined: Linear;

  constructor(vocabularies: Vocabularies, settings: AttentionLSTMSettings, seed = 0) {
    checkTranslator('AttentionLSTM', vocabularies, settings, ATTENTION_LSTM_RULES);
    super(vocabularies, settings, seed);
    const { hidden, levels, embedding = hidden, dropout, score = 'additive' } = settings;
    const text = `AttentionLSTM: hidden ${hidden} cannot be halved for the two ways of the encoder`;
    check(hidden % 2 === 0, text, 'give an even number');
    const options = { layers: levels, dropout, generator: this.generator };
    this.encoder = new Bidirectional(LSTM, embedding, hidden / 2, options);
    this.decoder = new LSTM(embedding, hidden, options);
    const general = () => new Linear(hidden, hidden, { bias: false });
    this.attention =
      score === 'additive'
        ? new AdditiveScores(hidden, hidden, hidden, false)
        : score === 'general'
          ? general()
          : null;
    this.combined = new Linear(2 * hidden, hidden);
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    const none = this.encoder.zeroState(source.shape[0]);
    const { y, states } = this.encoder.unroll(this.read(source), none, { lengths });
    return { lengths, ...this.scores.heard(y), ...encodedStates(bothWays(states)) };
  }

  override decode(encoding: Encoding, target: Tensor): Tensor {
    const first = statesOf(encoding, this.decoder.layers);
    return this.answered(this.decoder.unroll(this.written(target), first).y, encoding);
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    const { states: before, keep } = carriedStates(memory, encoding, this.decoder.layers);
    return (ids) => {
      const { y, states } = this.decoder.unroll(this.written(ids), before);
      keep(states);
      return this.answered(y, encoding);
    };
  }

  override attentionOf(encoding: Encoding, target: Tensor): Tensor {
    const first = statesOf(encoding, this.decoder.layers);
    return this.scores.weights(this.decoder.unroll(this.written(target), first).y, encoding);
  }

  private answered(queries: Tensor, encoding: Encoding): Tensor {
    const context = this.scores.forward(queries, encoding);
    return this.said(tanh(this.combined.forward(concat([context, queries], 2))));
  }

  private get scores(): Scores {
    return this.attention instanceof AdditiveScores ? this.attention : productScores(this.attention);
  }
}

/** Scores that are products: of queries with annotations, or with what `projection` makes of them. */
const productScores = (projection: Linear | null): Scores => ({
  heard: (annotations) => ({
    annotations,
    keys: projection ? projection.forward(annotations) : annotations,
  }),
  forward: (queries, { keys, annotations, lengths }) =>
    attention(queries, keys, annotations, { scale: 1, lengths }),
  weights(queries, { keys, lengths }) {
    const [B, T] = queries.shape;
    return reshape(attentionWeights(queries, keys, { scale: 1, lengths }), [B, T, -1]);
  },
});

/** States of a layer from its two ways, which come by turns. */
function bothWays(states: readonly LayerState[]): LayerState[] {
  return Array.from({ length: states.length / 2 }, (_, l) => {
    const [ahead, back] = states.slice(2 * l, 2 * l + 2);
    return { h: concat([ahead.h, back.h], 1), c: concat([ahead.c!, back.c!], 1) };
  });
}
