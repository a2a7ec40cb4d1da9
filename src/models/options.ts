// Options that several models have, each declared once.

import { AUTHOR_CODE, PAPER_V4 } from '../optim/lstmBounds';
import type { Options } from '../spec/option';

/** What every model has. */
export const SIZE = {
  hidden: { kind: 'count', required: true, help: 'hidden units, channels of a level, or columns' },
  levels: { kind: 'count', required: true, help: 'stacked layers, blocks or convolutions' },
} as const satisfies Options;

/** The taps of convolutions. */
export const TAPS = {
  kernelSize: { kind: 'count', help: 'taps of a convolution' },
} as const satisfies Options;

/** Dropout inside a model. */
export const DROPOUT = {
  dropout: {
    kind: 'rate',
    help: 'in blocks and layers, between recurrent layers, before the head, on embeddings',
    search: { kind: 'uniform', from: 0, to: 0.6 },
  },
} as const satisfies Options;

/** Dropout on the input. */
export const INPUT_DROPOUT = {
  inputDropout: { kind: 'rate', help: 'on the input', search: { kind: 'uniform', from: 0, to: 0.2 } },
} as const satisfies Options;

/** A factor of initial weights. */
export const GAIN = {
  gain: {
    kind: 'positive',
    help: 'times the initial weights of convolutions, or from the input to gates',
    absent: '1',
    search: { kind: 'log factor', from: 1 / 2, to: 2 },
  },
} as const satisfies Options;

/** The λ of a model that is kept stable. */
export const STABLE = {
  stable: { kind: 'lambda', help: 'keep it stable: how much of a difference of states a step may keep' },
} as const satisfies Options;

/** Both versions of Miller & Hardt's constants. */
export const PUBLISHED_BOUNDS = { 'author-code': AUTHOR_CODE, 'paper-v4': PAPER_V4 } as const;

/** The size of an embedding, where a model has one of its own otherwise. */
export const EMBEDDING = {
  embedding: { kind: 'count', help: 'size of an embedding' },
} as const satisfies Options;
/** The same where a model cannot be built without. */
export const WORD_EMBEDDING = {
  embedding: { ...EMBEDDING.embedding, required: true },
} as const satisfies Options;

/** Where an embedding starts. */
export const EMBEDDING_START = {
  embeddingDeviation: {
    kind: 'positive',
    help: 'standard deviation that embeddings start with; 1 for characters, which learn sooner so',
    absent: 'as published, about a tenth',
  },
} as const satisfies Options;

/** One table for embedding and softmax. */
export const TIED = {
  tied: {
    kind: 'boolean',
    help: 'whether embedding and softmax share one table',
    absent: 'false',
  },
} as const satisfies Options;

/** What models of an encoder and a decoder have besides. */
export const TRANSLATION = {
  ...TIED,
  sharedEmbedding: {
    kind: 'boolean',
    help: 'whether source and target share one embedding, of one vocabulary',
    absent: 'false',
  },
  decoderLevels: { kind: 'count', help: 'layers of the decoder; otherwise --levels' },
  truncate: {
    kind: 'count',
    help: 'the decoder sees this many of its last tokens, besides the source; otherwise all',
  },
} as const satisfies Options;

/** The clusters of an adaptive softmax. */
export const CUTOFFS = {
  cutoffs: {
    kind: 'numbers',
    help: 'adaptive softmax with so many words in its head, and where tails end; 0: full softmax',
  },
} as const satisfies Options;

/** Steps that a convolutional model is shown before a segment. */
export const LEAD = {
  lead: {
    kind: 'budget',
    help: 'steps before a training segment that it is shown and not asked about',
  },
} as const satisfies Options;

/** What a model of sound is told of a recording. */
export const CONDITIONS = ['none', 'digit', 'speaker', 'both'] as const;
/** What a model of sound is told. */
export const CONDITION = {
  condition: { kind: CONDITIONS, help: 'what the model is told of a recording', absent: 'both' },
} as const satisfies Options;
