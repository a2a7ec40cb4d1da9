// The decoder of ConvS2S (Gehring et al. 2017, arXiv 1705.03122), under the names of fairseq's FConvDecoder:
//
//   g = dropout(embedding of the token before + embedding of its position);   x ← linear of g
//   x ← (attention of glu(causal convolution of dropout(x)), told g, + x) · √½ in every layer
//   logits = linear of dropout(linear of x)

import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { gate } from '../../ops/elementwise/gate';
import { scale } from '../../ops/elementwise/unary';
import type { Dropout } from '../dropout';
import type { Embedding } from '../embedding';
import { Module } from '../module';
import { Positions } from '../positions';
import { FullSoftmax } from '../softmaxHead';
import type { Memory, StepFunction } from '../stepwise';
import { WeightNormConv, WeightNormLinear } from '../weightNorm';
import { ConvAttention, halved, linearFrom, whole, type By } from './convAttention';
import { convolutionsOf, EMBEDDING_DEVIATION, projectionsOf, type ConvHalf } from './convEncoder';
import type { Heard } from './crossAttention';

/** Called with what a layer asks its attention for. */
type Look = (attention: ConvAttention, h: Tensor, embedded: Tensor) => void;

/** Target ids u32 [B, T] to logits [B, T, V]. */
export class ConvDecoder extends Module {
  readonly embed_tokens: Embedding;
  readonly embed_positions: Positions;
  readonly fc1: WeightNormLinear;
  readonly projections: readonly (WeightNormLinear | null)[];
  readonly convolutions: readonly WeightNormConv[];
  readonly attention: readonly ConvAttention[];
  readonly fc2: WeightNormLinear;
  readonly fc3: WeightNormLinear | FullSoftmax;
  private readonly dropout: Dropout;

  /** `outputs`: columns before the vocabulary; none where its softmax uses the embedding. */
  constructor({ layers, embed_tokens, longest, dropout }: ConvHalf, outputs?: number) {
    super();
    const [vocabulary, embedding] = embed_tokens.weight.shape;
    this.embed_tokens = embed_tokens;
    this.embed_positions = new Positions(longest, embedding, true, EMBEDDING_DEVIATION);
    this.fc1 = linearFrom(embedding, layers[0][0], dropout.rate);
    this.projections = projectionsOf(layers);
    this.convolutions = convolutionsOf(layers, dropout.rate);
    this.attention = layers.map(([width]) => new ConvAttention(width, embedding));
    this.fc2 = linearFrom(layers.at(-1)![0], outputs ?? embedding);
    this.fc3 =
      outputs === undefined
        ? new FullSoftmax(embedding, vocabulary, { tied: embed_tokens.weight, bias: false })
        : linearFrom(outputs, vocabulary, dropout.rate);
    this.dropout = dropout;
  }

  /**
   * `heard`: keys and values of the source; default: what it was told itself. `positions` of the ids, u32 [B, T];
   * default: from 0 on.
   */
  override forward(ids: Tensor, heard?: Heard, positions?: Tensor): Tensor {
    const embedded = this.placed(ids, positions);
    return this.through(embedded, heard ?? { keys: embedded, values: embedded }, whole);
  }

  /** Step by step: past inputs of the convolutions are carried in `memory`. */
  stepper(memory: Memory, heard: Heard): StepFunction {
    memory.limit = Math.min(memory.limit, this.embed_positions.length);
    const layers = [this.fc1, ...this.convolutions, ...this.projections, this.fc2, this.fc3];
    const all = [...layers, ...this.attention.flatMap((one) => [one.in_projection, one.out_projection])];
    const steps = new Map<unknown, StepFunction>();
    for (const layer of all) {
      if (layer && !(layer instanceof FullSoftmax)) steps.set(layer, layer.stepper(memory));
    }
    const by: By = (layer) => steps.get(layer)!;
    return (ids) => this.through(this.embedded(ids, this.embed_positions.at(memory.position)), heard, by);
  }

  /** The weights of its attention, [B, T, S]: the mean over its layers. `positions`: see `forward`. */
  weights(ids: Tensor, heard: Heard, positions?: Tensor): Tensor {
    const all: Tensor[] = [];
    const embedded = this.placed(ids, positions);
    this.through(embedded, heard, whole, (attention, h, told) => all.push(attention.weights(h, told, heard)));
    return scale(
      all.reduce((a, b) => add(a, b)),
      1 / all.length,
    );
  }

  private placed(ids: Tensor, positions?: Tensor): Tensor {
    const { embed_positions: places } = this;
    return this.embedded(ids, positions ? places.at(positions) : places.forward(ids));
  }

  private embedded(ids: Tensor, positions: Tensor): Tensor {
    return this.dropout.forward(add(this.embed_tokens.forward(ids), positions));
  }

  private through(embedded: Tensor, heard: Heard, by: By, look?: Look): Tensor {
    const y = this.convolutions.reduce((x, layer, l) => {
      const projection = this.projections[l];
      const residual = projection ? by(projection)(x) : x;
      const h = gate(by(layer)(this.dropout.forward(x)));
      look?.(this.attention[l], h, embedded);
      return halved(this.attention[l].listen(h, embedded, heard, by), residual);
    }, by(this.fc1)(embedded));
    const hidden = this.dropout.forward(by(this.fc2)(y));
    return this.fc3 instanceof FullSoftmax ? this.fc3.forward(hidden) : by(this.fc3)(hidden);
  }
}
