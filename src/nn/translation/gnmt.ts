// Google's neural machine translation system (Wu et al. 2016, arXiv 1609.08144), in the form in which there is code of
// it, tensorflow/nmt's and NVIDIA's gnmt_v2:
//
//   source → embedding → bidirectional LSTM, both ways side by side → LSTM → LSTM + residual → … → annotations
//   target → embedding → LSTM → attention to annotations → LSTM of both → LSTM of both + residual → … → softmax
//
// with dropout before every layer, and residual sums from the third layer up. Attention is asked by what the bottom
// layer of the decoder gives at a position, and all layers above are given its answer there; in the paper the
// question is the output at the position before. So the bottom layer runs over the whole target before attention is
// asked, and no step waits for another but inside the LSTMs.

import { check } from '../../graph/check';
import { flag, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { concat } from '../../ops/layout/concat';
import { sequences } from '../../ops/recurrent/sequences';
import { Bidirectional } from '../bidirectional';
import { LSTM, type LayerState } from '../recurrent';
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

/** The published sizes, with one vocabulary of 32,000 pieces: 8 layers, and the 4 of tensorflow/nmt and NVIDIA. */
export const GNMTS = {
  'gnmt-8': { hidden: 1024, levels: 8, dropout: 0.2, sharedEmbedding: true },
  'gnmt-4': { hidden: 1024, levels: 4, dropout: 0.2, sharedEmbedding: true },
} as const satisfies Readonly<Record<string, RecurrentTranslatorSettings>>;

/** The settings of a GNMT. */
export interface GNMTSettings extends RecurrentTranslatorSettings {
  /**
   * Whether the scores' vector has a length of its own, g · v / ‖v‖, as in gnmt_v2, where g starts at 1/√hidden; the
   * paper has a plain network of one hidden layer. Default: true.
   */
  readonly normed?: boolean;
  /**
   * Whether every layer of the decoder starts from the state in which that of the encoder ended, the bottom one from
   * that of the way from the end: tensorflow/nmt's `pass_hidden_state`. gnmt_v2 starts from zeros; the paper does not
   * say. Default: false.
   */
  readonly passState?: boolean;
  /** Whether a layer from the third up is added to what it is given; a plain stack is not. Default: true. */
  readonly residual?: boolean;
}

/** What settings may be. */
export const GNMT_RULES: Rules<GNMTSettings> = {
  ...RECURRENT_TRANSLATOR_RULES,
  normed: flag,
  passState: flag,
  residual: flag,
};

/** The model of deep LSTMs with attention and residual sums. */
export class GNMT extends RecurrentTranslator {
  readonly encoder_bottom: Bidirectional;
  readonly encoder: readonly LSTM[];
  readonly decoder: readonly LSTM[];
  readonly attention: AdditiveScores;
  private readonly passState: boolean;
  private readonly residual: boolean;

  constructor(vocabularies: Vocabularies, settings: GNMTSettings, seed = 0) {
    checkTranslator('GNMT', vocabularies, settings, GNMT_RULES);
    super(vocabularies, settings, seed);
    const {
      hidden,
      levels,
      embedding = hidden,
      normed = true,
      passState = false,
      residual = true,
    } = settings;
    check(levels > 1, `GNMT: levels is ${levels}`, 'give at least 2: the bottom layers are of another kind');
    this.encoder_bottom = new Bidirectional(LSTM, embedding, hidden);
    const upper = Array.from({ length: levels - 1 });
    this.encoder = upper.map((_, l) => new LSTM(l ? hidden : 2 * hidden, hidden));
    this.decoder = [new LSTM(embedding, hidden), ...upper.map(() => new LSTM(2 * hidden, hidden))];
    this.attention = new AdditiveScores(hidden, hidden, hidden, normed);
    this.passState = passState;
    this.residual = residual;
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    const B = source.shape[0];
    const { encoder_bottom: both, encoder } = this;
    const bottom = both.unroll(this.read(source), both.zeroState(B), { lengths });
    const states = [bottom.states[1]];
    const annotations = encoder.reduce((x, layer, l) => {
      const { y, states: after } = layer.unroll(
        this.dropout.forward(x),
        layer.zeroState(B),
        sequences({ lengths }),
      );
      states.push(...after);
      return this.above(l, y, x);
    }, bottom.y);
    const first = this.passState ? states : this.decoder.flatMap((layer) => layer.zeroState(B));
    return { lengths, ...this.attention.heard(annotations), ...encodedStates(first) };
  }

  override decode(encoding: Encoding, target: Tensor): Tensor {
    return this.through(target, encoding, statesOf(encoding, this.decoder.length)).y;
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    const { states: before, keep } = carriedStates(memory, encoding, this.decoder.length);
    return (ids) => {
      const { y, states } = this.through(ids, encoding, before);
      keep(states);
      return y;
    };
  }

  override attentionOf(encoding: Encoding, target: Tensor): Tensor {
    const { y } = this.decoder[0].unroll(this.written(target), statesOf(encoding, 1));
    return this.attention.weights(y, encoding);
  }

  /** What layer l above the bottom one hands on, of what it gives and what it was given. */
  private above(l: number, given: Tensor, x: Tensor): Tensor {
    return l && this.residual ? add(given, x) : given;
  }

  /** Logits, from given states of the decoder's layers; and their states after the last step. */
  private through(
    target: Tensor,
    encoding: Encoding,
    before: readonly LayerState[],
  ): { y: Tensor; states: LayerState[] } {
    const [bottom, ...upper] = this.decoder;
    const { y: asked, states } = bottom.unroll(this.written(target), [before[0]]);
    const context = this.attention.forward(asked, encoding);
    const y = upper.reduce((x, layer, l) => {
      const input = this.dropout.forward(concat([x, context], 2));
      const { y: value, states: after } = layer.unroll(input, [before[l + 1]]);
      states.push(...after);
      return this.above(l, value, x);
    }, asked);
    return { y: this.softmax.forward(y), states };
  }
}
