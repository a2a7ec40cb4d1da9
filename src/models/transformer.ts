// The Transformer of Vaswani et al. (2017): its decoder alone, and, of pairs of sentences, both halves.

import { fail } from '../graph/check';
import { only } from '../graph/options';
import { BODIES } from '../nn/bodies';
import { TRANSFORMER_RULES, TransformerLM } from '../nn/transformer/transformerLM';
import {
  TRANSLATION_TRANSFORMER_RULES,
  TranslationTransformer,
} from '../nn/translation/translationTransformer';
import type { Option } from '../spec/option';
import { defineModel } from './modelSpec';
import * as shared from './options';

const NONE = 'a transformer has no such thing; leave it out.';

const NONLINEARITY = {
  kind: ['relu', 'gelu'],
  help: 'what stands inside the feed-forward nets',
  absent: 'relu',
} as const satisfies Option;

/** The model as the table has it. */
export const transformer = defineModel({
  name: 'transformer',
  title: 'Transformer',
  about: 'layers of causal self-attention and feed-forward nets',
  family: 'feed-forward',
  options: {
    hidden: { ...shared.SIZE.hidden, help: 'columns, a multiple of four times the heads' },
    levels: { ...shared.SIZE.levels, help: 'layers' },
    heads: { kind: 'count', required: true, help: 'heads of attention' },
    feedForward: { kind: 'count', help: 'units of its feed-forward nets; otherwise 4 times --hidden' },
    norm: {
      kind: ['pre', 'post'],
      help: 'norms before what they are for, or behind the sum',
      absent: 'post',
    },
    positions: { kind: ['sinusoidal', 'learned'], help: 'sinusoidal or learned', absent: 'sinusoidal' },
    ...shared.DROPOUT,
  },
  body: BODIES.transformer,
  text: {
    options: {
      ...shared.TIED,
      ...shared.CUTOFFS,
      smoothing: {
        kind: 'rate',
        help: 'part of every target that is spread over all words, in training',
      },
      nonlinearity: NONLINEARITY,
      bias: { kind: 'boolean', help: 'whether products, norms and softmax have biases', absent: 'true' },
      initial: {
        kind: ['pytorch', 'gpt2'],
        help: 'where all parameters start',
        absent: 'pytorch',
      },
      scaleEmbedding: {
        kind: 'boolean',
        help: 'whether embeddings are multiplied by √hidden, as published',
        absent: 'true',
      },
    },
    make(vocabulary, { seed, ...settings }, bptt) {
      // A recipe that was written by hand may have none.
      if (!settings.heads) fail('A transformer needs heads.', { fix: 'give heads, e.g. 4.' });
      return new TransformerLM(vocabulary, only(TRANSFORMER_RULES, { ...settings, length: bptt }), seed);
    },
  },
  pairs: {
    options: { ...shared.TRANSLATION, nonlinearity: NONLINEARITY },
    make(vocabularies, { seed, ...settings }, longest) {
      if (!settings.heads) fail('A transformer needs heads.', { fix: 'give heads, e.g. 4.' });
      const own = only(TRANSLATION_TRANSFORMER_RULES, { ...settings, longest });
      return new TranslationTransformer(vocabularies, own, seed);
    },
  },
  // Columns are a multiple of 16: what fits is the width of the feed-forward nets.
  widened: (feedForward, hidden) => ({ hidden, feedForward }),
  start: {
    hidden: 64,
    levels: 2,
    heads: 4,
    norm: 'pre',
    betas: [0.9, 0.98],
    learningRate: 3e-3,
    schedule: 'warmup',
    warmup: 60,
  },
  lacks: {
    embedding: NONE,
    inputBound: NONE,
    gain: NONE,
    carry: NONE,
    inputDropout: 'its embeddings take --dropout; leave it out.',
    lead: 'only a convolutional model needs it; leave it out.',
    stable: 'a projection is known for rnn and lstm; leave it out.',
  },
});
