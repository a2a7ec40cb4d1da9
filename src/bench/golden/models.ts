// One tiny model of every kind, its optimizer and ten batches, the same on every machine. What losses and gradients
// come of that in PyTorch is in losses.json, which test/golden/losses.py makes of the same weights and batches.

import type { Engine } from '../../gpu/engine';
import { array, type HostArray } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import * as nn from '../../nn/index';
import { torchShape } from '../../nn/layout';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { reshape } from '../../ops/layout/view';
import { Adam, AdamW, SGD, type Optimizer } from '../../optim/index';
import { noise, symbols, writeWeights } from '../case';

/** A model that is trained for a few steps. */
export interface GoldenModel {
  readonly model: nn.Module;
  readonly optimizer: Optimizer;
  /** Mean cross-entropy of a batch, [1]. */
  loss(...batch: Tensor[]): Tensor;
  /** The batch of a step, from 0. */
  batch(step: number): readonly HostArray[];
}

/** Sequences, and steps of each. */
const [B, T] = [3, 11];
/** Tokens of a source and of a target. */
const [S, U] = [7, 6];
const [WORDS, CLASSES] = [19, 5];
const V = { source: 17, target: 19 };
const LONGEST = { source: S, target: U };

/** x [B, T, 6] and classes. */
const vectors = (step: number): HostArray[] => [
  noise([B, T, 6], 10 * step + 1),
  symbols([B, T], 10 * step + 2, CLASSES),
];

const words = (step: number): HostArray[] => [1, 2].map((i) => symbols([B, T], 10 * step + i, WORDS));

/** Sources, their lengths [B], target inputs and targets. */
function pairs(step: number): HostArray[] {
  const [seed, lengths] = [10 * step, symbols([B], 10 * step + 2, S)];
  return [
    symbols([B, S], seed + 1, V.source),
    array(
      [B],
      Uint32Array.from(lengths.data, (length) => length + 1),
    ),
    symbols([B, U], seed + 3, V.target),
    symbols([B, U], seed + 4, V.target),
  ];
}

/** Codes and the next ones [B, 12], speakers [B, 1], frames [B, 3, 2]. */
const sounds = (step: number): HostArray[] => [
  ...[1, 2].map((i) => symbols([B, 12], 10 * step + i, 17)),
  symbols([B, 1], 10 * step + 3, 4),
  noise([B, 3, 2], 10 * step + 4),
];

/** A body, and classes of what it gives. */
class Tagger extends nn.Module {
  readonly head: nn.Linear;

  constructor(
    readonly rnn: nn.RNN | nn.LSTM | nn.GRU | nn.MinGRU | nn.MinLSTM,
    hidden = 9,
  ) {
    super();
    this.head = new nn.Linear(hidden, CLASSES);
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.rnn.forward(x));
  }
}

class Convolutional extends nn.TCN {
  readonly head = new nn.Linear(8, CLASSES);

  constructor() {
    super(6, [8, 8], { kernelSize: 3 });
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(super.forward(x));
  }
}

/** A WaveNet with a speaker and frames of features, which are made as long as the codes. */
class Conditioned extends nn.Module {
  readonly speaker = new nn.Embedding(4, 3);
  readonly upsample = new nn.Upsample(2, 3, 4);
  readonly wavenet = new nn.WaveNet({
    classes: 17,
    dilations: [1, 2, 4],
    residualChannels: 6,
    dilationChannels: 5,
    skipChannels: 7,
    globalChannels: 3,
    localChannels: 3,
  });

  override forward(codes: Tensor, who?: Tensor, frames?: Tensor): Tensor {
    const global = reshape(this.speaker.forward(who!), [codes.shape[0], 3]);
    return this.wavenet.forward(codes, { global, local: this.upsample.forward(frames!) });
  }
}

type Update = (model: nn.Module) => Optimizer;
const adam: Update = (model) => new Adam(model.parameters(), { learningRate: 1e-2 });
const sgd: Update = (model) =>
  new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, clipNorm: 0.25 });

const tagger = (model: nn.Module, update: Update): GoldenModel => ({
  model,
  optimizer: update(model),
  loss: (x, targets) => crossEntropy(model.forward(x), targets),
  batch: vectors,
});

const speaker = (model: nn.Module): GoldenModel => ({
  model,
  optimizer: sgd(model),
  loss: (ids, targets) => crossEntropy(model.forward(ids), targets),
  batch: words,
});

const translator = (model: nn.TranslationModel): GoldenModel => ({
  model,
  optimizer: sgd(model),
  loss: (...[source, lengths, prefix, targets]) =>
    crossEntropy(model.decode(model.encode(source, lengths), prefix), targets),
  batch: pairs,
});

const layered = {
  hidden: 8,
  heads: 2,
  feedForward: 12,
  levels: 2,
  norm: 'pre',
  positions: 'learned',
} as const;
const GATED: readonly nn.ConvLayer[] = [
  [6, 3, 1],
  [4, 1, 0],
  [4, 3, 0],
  [8, 1, 3],
];

/** The models by name; each call makes a fresh one. */
export const GOLDEN_MODELS = {
  RNN: () => tagger(new Tagger(new nn.RNN(6, 9)), sgd),
  LSTM: () => tagger(new Tagger(new nn.LSTM(6, 9)), adam),
  GRU: () => tagger(new Tagger(new nn.GRU(6, 9)), sgd),
  MinGRU: () => tagger(new Tagger(new nn.MinGRU(6, 9, { layers: 2 })), adam),
  MinLSTM: () => tagger(new Tagger(new nn.MinLSTM(6, 9, { layers: 2 })), adam),
  TCN: () =>
    tagger(new Convolutional(), (model) => {
      return new AdamW(model.parameters(), { learningRate: 1e-2, weightDecay: 1e-2, clipNorm: 0.4 });
    }),
  'gated convolutions': () => speaker(new nn.GatedConvLM(WORDS, { embedding: 5, layers: GATED })),
  Transformer: () => speaker(new nn.TransformerLM(WORDS, { ...layered, length: T })),
  WaveNet: () => {
    const model = new Conditioned();
    const loss: GoldenModel['loss'] = (codes, next, ...others) =>
      crossEntropy(model.forward(codes, ...others), next);
    return { model, optimizer: adam(model), loss, batch: sounds };
  },
  Seq2Seq: () => translator(new nn.Seq2Seq(V, { hidden: 6, levels: 2, embedding: 5 })),
  'attention LSTM': () =>
    translator(new nn.AttentionLSTM(V, { hidden: 6, levels: 2, embedding: 6, score: 'additive' })),
  GNMT: () => translator(new nn.GNMT(V, { hidden: 5, levels: 3, embedding: 4 })),
  'translation Transformer': () =>
    translator(new nn.TranslationTransformer(V, { ...layered, decoderLevels: 1, longest: LONGEST })),
  ConvS2S: () => translator(new nn.ConvS2S(V, { embedding: 5, outputs: 3, ...CONVS2S, longest: LONGEST })),
} as const satisfies Readonly<Record<string, () => GoldenModel>>;

const CONVS2S = {
  encoder: [
    [6, 3],
    [6, 3],
    [8, 2],
  ],
  decoder: [
    [6, 3],
    [4, 2],
  ],
} as const;

/** Bounds of the weights. */
const SCALE = 0.4;

/** Gives a model weights that follow from their names in PyTorch; what multiplies alone is around 1. */
export function giveWeights(engine: Engine, model: nn.Module): void {
  const weights: Record<string, HostArray> = {};
  for (const [name, parameter] of model.namedParameters()) {
    const shape = torchShape(parameter);
    weights[name] = noise(shape, seedOf(name), SCALE);
    const gain = name.endsWith('weight_g') || (name.endsWith('weight') && shape.length === 1);
    if (gain) weights[name] = array(shape, weights[name].data.map((value) => 1 + value) as Float32Array);
  }
  writeWeights(engine, model, weights);
}

/** FNV-1a in 31 bits of a name in ASCII. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}
