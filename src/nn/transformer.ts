// The Transformer of Vaswani et al. 2017 (arXiv 1706.03762), the half of it that reads and writes one sequence: layers
// of causal self-attention and of a feed-forward net, under the names of torch.nn.TransformerEncoder.
//
//   post   x ← norm(x + dropout(f(x)))          as published
//   pre    x ← x + dropout(f(norm(x)))          and a norm behind the last layer (Xiong et al. 2020, arXiv 2002.04745)

import { callerLine, check, inContext, hereStack, shapeText } from '../graph/check';
import type { Generator } from '../graph/generator';
import { checked, checkSizes, count, flag, object, oneOf, part, type Rules } from '../graph/options';
import type { Initial, Parameter, State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/elementwise/binary';
import { cachedAttention } from '../ops/attention/cachedAttention';
import { causalAttention } from '../ops/attention/causalAttention';
import { matmul } from '../ops/matmul/matmul';
import { gelu, relu } from '../ops/elementwise/unary';
import { reshape, slice } from '../ops/layout/view';
import { writeAt } from '../ops/layout/writeAt';
import { Dropout } from './dropout';
import { fill, normal, parameter, transposed, uniform } from './init';
import { checkInput } from './input';
import { LayerNorm } from './layerNorm';
import { Linear, type LinearOptions } from './linear';
import { Module } from './module';
import type { Memory, StepFunction } from './stepwise';

/** The deviation that GPT-2 draws all matrices with (Radford et al. 2019). */
export const GPT2_DEVIATION = 0.02;

/** What a layer's matrices and biases are made with. */
export interface LayerStart {
  /** Whether there are biases; default: true. */
  readonly bias?: boolean;
  /**
   * GPT-2's start: matrices N(0, 0.02²), those before a sum N(0, 0.02² / (2 · layers)), biases 0. Here is the number of
   * layers; PyTorch's start where it is left out.
   */
  readonly gpt2Layers?: number;
}

/** The start of a matrix whose product is added to a sum of 2 · layers others; undefined: PyTorch's. */
const beforeSum = ({ gpt2Layers }: LayerStart): Initial | undefined =>
  gpt2Layers ? normal(GPT2_DEVIATION / Math.sqrt(2 * gpt2Layers)) : undefined;

/** The start of every other matrix. */
const elsewhere = ({ gpt2Layers }: LayerStart): Initial | undefined =>
  gpt2Layers ? normal(GPT2_DEVIATION) : undefined;

const zeros = (size: number): number[] => Array<number>(size).fill(0);

/**
 * torch.nn.MultiheadAttention of a sequence to itself, causal: [B, T, C] to [B, T, C]. The projections to queries, keys
 * and values are one product.
 */
export class SelfAttention extends Module {
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | null;
  readonly out_proj: Linear;

  constructor(
    readonly width: number,
    readonly heads: number,
    start: LayerStart = {},
  ) {
    super();
    checkSizes('SelfAttention', { width, heads });
    const text = `SelfAttention: ${heads} heads of ${width} columns have ${width / heads} each`;
    check(width % (4 * heads) === 0, text, 'give heads that cut the columns into multiples of 4');
    const { bias = true } = start;
    const glorotOfAll = () => uniform(Math.sqrt(6 / (4 * width)));
    this.in_proj_weight = transposed(width, 3 * width, elsewhere(start) ?? glorotOfAll());
    this.in_proj_bias = bias ? parameter([3 * width], fill(0)) : null;
    const biasValues = bias ? zeros(width) : undefined;
    this.out_proj = new Linear(width, width, { bias, biasValues, weight: beforeSum(start) });
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
    return matmul(x, this.in_proj_weight, { bias: this.in_proj_bias ?? undefined });
  }
}

/** The options of a Transformer's layers. */
export interface TransformerOptions {
  /** Each has width / heads columns: a multiple of 4, at most 128. */
  readonly heads: number;
  readonly layers: number;
  /** Units between the two products of the feed-forward net; default: 4 · width. */
  readonly feedForward?: number;
  /** Dropout of what attention and feed-forward net give, before it is added. */
  readonly dropout?: number;
  /** Where norms stand, see above; default: behind the sum. */
  readonly norm?: 'pre' | 'post';
  /** What stands between the two products of the feed-forward net; default: relu, as published. */
  readonly nonlinearity?: 'relu' | 'gelu';
  /** Whether products and norms have biases; default: true. */
  readonly bias?: boolean;
  /** Where matrices and biases start; default: pytorch. gpt2: see LayerStart. */
  readonly initial?: 'pytorch' | 'gpt2';
  readonly generator?: Generator;
}

/** The rules of TransformerOptions, see graph/options. */
export const OPTIONS: Rules<TransformerOptions> = {
  heads: count,
  layers: count,
  feedForward: count,
  dropout: part,
  norm: oneOf(['pre', 'post']),
  nonlinearity: oneOf(['relu', 'gelu']),
  bias: flag,
  initial: oneOf(['pytorch', 'gpt2']),
  generator: object,
};

/** torch.nn.TransformerEncoderLayer, causal; dropout is the paper's: not on weights, nor inside the net. */
export class TransformerLayer extends Module {
  readonly self_attn: SelfAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  private readonly dropout: Dropout;
  private readonly pre: boolean;
  private readonly nonlinearity: (x: Tensor) => Tensor;

  constructor(width: number, options: TransformerOptions) {
    super();
    checked('TransformerLayer', options, OPTIONS, 'heads');
    const { heads, feedForward, dropout = 0, norm, nonlinearity, bias = true, generator } = options;
    const inner = feedForward ?? 4 * width;
    const start: LayerStart = {
      bias,
      gpt2Layers: options.initial === 'gpt2' ? (options.layers ?? 1) : undefined,
    };
    this.self_attn = new SelfAttention(width, heads, start);
    this.linear1 = new Linear(width, inner, { ...biasOf(start, inner), weight: elsewhere(start) });
    this.linear2 = new Linear(inner, width, { ...biasOf(start, width), weight: beforeSum(start) });
    this.norm1 = new LayerNorm(width, { bias });
    this.norm2 = new LayerNorm(width, { bias });
    this.dropout = new Dropout(dropout, { generator });
    this.pre = norm === 'pre';
    this.nonlinearity = nonlinearity === 'gelu' ? gelu : relu;
  }

  override forward(x: Tensor): Tensor {
    return this.through(x, (value) => this.self_attn.forward(value));
  }

  /** One position further, see SelfAttention. */
  step(x: Tensor, kept: State, position: Tensor): Tensor {
    return this.through(x, (value) => this.self_attn.step(value, kept, position));
  }

  private through(x: Tensor, attend: (x: Tensor) => Tensor): Tensor {
    const feed = (value: Tensor) => this.linear2.forward(this.nonlinearity(this.linear1.forward(value)));
    return this.around(this.around(x, attend, this.norm1), feed, this.norm2);
  }

  private around(x: Tensor, f: (x: Tensor) => Tensor, norm: LayerNorm): Tensor {
    if (this.pre) return add(x, this.dropout.forward(f(norm.forward(x))));
    return norm.forward(add(x, this.dropout.forward(f(x))));
  }
}

/** Options of a Linear for its bias: at PyTorch's start, at GPT-2's, or none. */
const biasOf = ({ bias, gpt2Layers }: LayerStart, size: number): LinearOptions =>
  bias && gpt2Layers ? { bias, biasValues: zeros(size) } : { bias };

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
    this.norm = options.norm === 'pre' ? new LayerNorm(width, { bias: options.bias ?? true }) : null;
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
