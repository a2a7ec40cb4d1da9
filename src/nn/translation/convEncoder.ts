// The encoder of ConvS2S (Gehring et al. 2017, arXiv 1705.03122, sections 3.1 to 3.4), under the names of fairseq's
// FConvEncoder:
//
//   e = dropout(embedding of the token + embedding of its position)
//   x ← linear of e;   x ← (glu(convolution of dropout(x)) + x) · √½ in every layer;   z = linear of x
//   keys z, values (z + e) · √½ · √m       m: tokens of the source

import type { Tensor } from '../../graph/tensor';
import { conv } from '../../ops/conv/conv';
import { add, mul } from '../../ops/elementwise/binary';
import { constant } from '../../ops/elementwise/constant';
import { gate } from '../../ops/elementwise/gate';
import { scaleGradient } from '../../ops/elementwise/scaleGradient';
import { sqrt } from '../../ops/elementwise/unary';
import { maskPadding } from '../../ops/layout/maskPadding';
import { weightNorm } from '../../ops/norm/weightNorm';
import { sum } from '../../ops/reduce/reduce';
import type { Dropout } from '../dropout';
import type { Embedding } from '../embedding';
import { Module } from '../module';
import { Positions } from '../positions';
import type { WeightNormConv, WeightNormLinear } from '../weightNorm';
import { convFrom, halved, linearFrom } from './convAttention';
import type { Heard } from './crossAttention';

/** Channels and taps of a layer. */
export type ConvS2SLayer = readonly [width: number, kernelSize: number];

/** The deviation that embeddings of tokens and of positions start with. */
export const EMBEDDING_DEVIATION = 0.1;

/** What both halves of a ConvS2S are made of. */
export interface ConvHalf {
  readonly layers: readonly ConvS2SLayer[];
  readonly embed_tokens: Embedding;
  /** The most tokens of a sentence. */
  readonly longest: number;
  readonly dropout: Dropout;
}

/** Linear layers for residuals between layers of different widths; null where they are alike. */
export const projectionsOf = (layers: readonly ConvS2SLayer[]): (WeightNormLinear | null)[] =>
  layers.map(([width], l) => {
    const before = layers[Math.max(0, l - 1)][0];
    return before === width ? null : linearFrom(before, width);
  });

/** Convolutions of these layers, each in front of a GLU. */
export const convolutionsOf = (layers: readonly ConvS2SLayer[], dropout: number): WeightNormConv[] =>
  layers.map(([width, taps], l) => convFrom(layers[Math.max(0, l - 1)][0], width, taps, dropout));

/** Source ids u32 [B, S] to keys and values. */
export class ConvEncoder extends Module {
  readonly embed_tokens: Embedding;
  readonly embed_positions: Positions;
  readonly fc1: WeightNormLinear;
  readonly projections: readonly (WeightNormLinear | null)[];
  readonly convolutions: readonly WeightNormConv[];
  readonly fc2: WeightNormLinear;
  private readonly dropout: Dropout;

  /** `listeners`: layers of the decoder, each of which sends a gradient back. */
  constructor(
    { layers, embed_tokens, longest, dropout }: ConvHalf,
    private readonly listeners: number,
  ) {
    super();
    const [, embedding] = embed_tokens.weight.shape;
    this.embed_tokens = embed_tokens;
    this.embed_positions = new Positions(longest, embedding, true, EMBEDDING_DEVIATION);
    this.fc1 = linearFrom(embedding, layers[0][0], dropout.rate);
    this.projections = projectionsOf(layers);
    this.convolutions = convolutionsOf(layers, dropout.rate);
    this.fc2 = linearFrom(layers.at(-1)![0], embedding);
    this.dropout = dropout;
  }

  /** Keys and values [B, S, E] of ids u32 [B, S], of which the first `lengths`, u32 [B], are tokens; default: all. */
  heard(ids: Tensor, lengths?: Tensor): Heard {
    const tokens = this.embed_tokens.forward(ids);
    const embedded = this.dropout.forward(add(tokens, this.embed_positions.forward(ids)));
    const outer = this.convolutions.reduce((x, layer, l) => {
      // What is convolved must not see padding.
      const here = lengths ? maskPadding(x, lengths) : x;
      const projection = this.projections[l];
      const residual = projection ? projection.forward(here) : here;
      return halved(gate(same(this.dropout.forward(here), layer)), residual);
    }, this.fc1.forward(embedded));
    const keys = scaleGradient(this.fc2.forward(outer), 1 / (2 * this.listeners));
    const values = halved(keys, embedded);
    const root = lengths ? rootOf(lengths, ids.shape) : Math.sqrt(ids.shape[1]);
    return { keys, values: mul(values, root), lengths };
  }

  /** Ids, of which none is padding, to keys. */
  override forward(ids: Tensor): Tensor {
    return this.heard(ids).keys;
  }
}

/** A convolution that looks ahead as far as it looks back. */
const same = (x: Tensor, { weight_v, weight_g, bias }: WeightNormConv): Tensor =>
  conv(x, weightNorm(weight_v, weight_g), { bias });

/** √lengths [B, 1, 1]: with weights that are all alike, the mean of m values varies as 1/√m of one of them. */
function rootOf(lengths: Tensor, [B, S]: readonly number[]): Tensor {
  return sqrt(sum(maskPadding(constant([B, S, 1], 1), lengths), 1, { keep: true }));
}
