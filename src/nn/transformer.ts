// The Transformer of Vaswani et al. 2017 (arXiv 1706.03762), the half of it that reads and writes one sequence: layers
// of causal self-attention and of a feed-forward net, under the names of torch.nn.TransformerEncoder.
//
//   post   x ← norm(x + dropout(f(x)))          as published
//   pre    x ← x + dropout(f(norm(x)))          and a norm behind the last layer (Xiong et al. 2020, arXiv 2002.04745)

import { callerLine, check, inContext, hereStack, shapeText } from '../graph/check';
import type { Generator } from '../graph/generator';
import { checked, checkSizes, count, object, oneOf, part, type Rules } from '../graph/options';
import type { Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/elementwise/binary';
import { cachedAttention } from '../ops/attention/cachedAttention';
import { causalAttention } from '../ops/attention/causalAttention';
import { matmul } from '../ops/matmul/matmul';
import { relu } from '../ops/elementwise/unary';
import { reshape, slice } from '../ops/layout/view';
import { writeAt } from '../ops/layout/writeAt';
import { Dropout } from './dropout';
import { fill, parameter, transposed, uniform } from './init';
import { checkInput } from './input';
import { LayerNorm } from './layerNorm';
import { Linear } from './linear';
import { Module } from './module';
import type { Memory, StepFunction } from './stepwise';

/**
 * torch.nn.MultiheadAttention of a sequence to itself, causal: [B, T, C] to [B, T, C]. The projections to queries, keys
 * and values are one product.
 */
export class SelfAttention extends Module {
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter;
  readonly out_proj: Linear;

  constructor(
    readonly width: number,
    readonly heads: number,
  ) {
    super();
    checkSizes('SelfAttention', { width, heads });
    const text = `SelfAttention: ${heads} heads of ${width} columns have ${width / heads} each`;
    check(width % (4 * heads) === 0, text, 'give heads that cut the columns into multiples of 4');
    this.in_proj_weight = transposed(width, 3 * width, uniform(Math.sqrt(6 / (4 * width))));
    this.in_proj_bias = parameter([3 * width], fill(0));
    this.out_proj = new Linear(width, width, { biasValues: Array<number>(width).fill(0) });
  }

  override forward(x: Tensor): Tensor {
    return this.out_proj.forward(causalAttention(this.project(x), { heads: this.heads }));
  }

  /** One position further: x [B, 1, C] at `position`, u32 [1]; `kept` [B, length, 2·C] is a ring of keys and values. */
  step(x: Tensor, kept: State, position: Tensor): Tensor {
    const { width, heads } = this;
    const qkv = this.project(x);
    const own = reshape(slice(qkv, -1, width), [x.shape[0], 2 * width]);
    const sofar = writeAt(kept, position, own);
    return this.out_proj.forward(cachedAttention(slice(qkv, -1, 0, width), sofar, position, { heads }));
  }

  private project(x: Tensor): Tensor {
    return matmul(x, this.in_proj_weight, { bias: this.in_proj_bias });
  }
}

export interface TransformerOptions {
  /** Each has width / heads columns: a multiple of 4, at most 128. */
  readonly heads: number;
  readonly layers: number;
  /** Units between the two products of the feed-forward net; 4 · width unless given. */
  readonly feedForward?: number;
  /** Of what attention and feed-forward net give, before it is added. */
  readonly dropout?: number;
  /** Where norms stand, see above; behind the sum unless given. */
  readonly norm?: 'pre' | 'post';
  readonly generator?: Generator;
}

export const OPTIONS: Rules<TransformerOptions> = {
  ...{ heads: count, layers: count, feedForward: count, dropout: part },
  ...{ norm: oneOf(['pre', 'post']), generator: object },
};

/** torch.nn.TransformerEncoderLayer, causal, with ReLU; dropout is the paper's: not on weights, nor inside the net. */
export class TransformerLayer extends Module {
  readonly self_attn: SelfAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  private readonly dropout: Dropout;
  private readonly pre: boolean;

  constructor(width: number, options: TransformerOptions) {
    super();
    checked('TransformerLayer', options, OPTIONS, 'heads');
    const { heads, feedForward, dropout = 0, norm, generator } = options;
    const inner = feedForward ?? 4 * width;
    this.self_attn = new SelfAttention(width, heads);
    this.linear1 = new Linear(width, inner);
    this.linear2 = new Linear(inner, width);
    this.norm1 = new LayerNorm(width);
    this.norm2 = new LayerNorm(width);
    this.dropout = new Dropout(dropout, { generator });
    this.pre = norm === 'pre';
  }

  override forward(x: Tensor): Tensor {
    return this.through(x, (value) => this.self_attn.forward(value));
  }

  /** One position further, see SelfAttention. */
  step(x: Tensor, kept: State, position: Tensor): Tensor {
    return this.through(x, (value) => this.self_attn.step(value, kept, position));
  }

  private through(x: Tensor, attend: (x: Tensor) => Tensor): Tensor {
    const feed = (value: Tensor) => this.linear2.forward(relu(this.linear1.forward(value)));
    return this.around(this.around(x, attend, this.norm1), feed, this.norm2);
  }

  private around(x: Tensor, f: (x: Tensor) => Tensor, norm: LayerNorm): Tensor {
    if (this.pre) return add(x, this.dropout.forward(f(norm.forward(x))));
    return norm.forward(add(x, this.dropout.forward(f(x))));
  }
}

/** torch.nn.TransformerEncoder, causal: [B, T, width] to [B, T, width]. It knows no positions: see Positions. */
export class Transformer extends Module {
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm | null;

  constructor(
    readonly width: number,
    options: TransformerOptions,
  ) {
    super();
    checked('Transformer', options, OPTIONS, 'heads', 'layers');
    this.layers = Array.from({ length: options.layers }, () => new TransformerLayer(width, options));
    this.norm = options.norm === 'pre' ? new LayerNorm(width) : null;
  }

  override forward(x: Tensor): Tensor {
    checkInput('Transformer', x, ['batch', 'time', this.width]);
    const y = this.layers.reduce((value, layer) => layer.forward(value), x);
    return this.norm ? this.norm.forward(y) : y;
  }

  /** Step by step, with keys and values in `memory`, which then goes `length` steps from a beginning, not more. */
  stepper(memory: Memory, length: number): StepFunction {
    memory.limit = Math.min(memory.limit, length);
    const shape = [memory.batch, length, 2 * this.width];
    const kept = this.layers.map((_, l) => memory.carry(shape, `kept_${l}`));
    return (x) => {
      const stack = hereStack();
      inContext(
        'Transformer.stepper',
        () => `x ${shapeText(x.shape)}`,
        () => callerLine(stack),
        () => check(x.shape[1] === 1, 'one step at a time', `give x [B, 1, ${this.width}]`),
      );
      const step = (value: Tensor, layer: TransformerLayer, l: number) =>
        layer.step(value, kept[l], memory.position);
      const y = this.layers.reduce(step, x);
      return this.norm ? this.norm.forward(y) : y;
    };
  }
}
