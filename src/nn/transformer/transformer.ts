// The Transformer of Vaswani et al. 2017 (arXiv 1706.03762), the half of it that looks at one sequence: layers of
// self-attention and of a feed-forward net, under the names of torch.nn.TransformerEncoder. Causal, it is a language
// model; otherwise the encoder of a model that translates (translation/).
//
//   post   x ← norm(x + dropout(f(x)))          as published
//   pre    x ← x + dropout(f(norm(x)))          and a norm behind the last layer (Xiong et al. 2020, arXiv 2002.04745)

import { callerLine, check, inContext, hereStack, shapeText } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { checked, count, flag, object, oneOf, part, type Rules } from '../../graph/options';
import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { gelu, relu } from '../../ops/elementwise/unary';
import { Dropout } from '../dropout';
import { checkInput } from '../input';
import { LayerNorm } from '../layerNorm';
import { Linear } from '../linear';
import { Module } from '../module';
import { beforeSum, biasOf, elsewhere, SelfAttention, type LayerStart } from './selfAttention';
import type { Memory, StepFunction } from '../stepwise';

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
  /** Whether a position sees none behind itself; default: true. */
  readonly causal?: boolean;
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
  causal: flag,
  generator: object,
};

/** torch.nn.TransformerEncoderLayer; dropout is the paper's: not on weights, nor inside the net. */
export class TransformerLayer extends Module {
  readonly self_attn: SelfAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  private readonly dropout: Dropout;
  /** Whether norms stand before what they are for. */
  protected readonly pre: boolean;
  private readonly nonlinearity: (x: Tensor) => Tensor;

  constructor(width: number, options: TransformerOptions) {
    super();
    checked('TransformerLayer', options, OPTIONS, 'heads');
    const { heads, feedForward, dropout = 0, norm, nonlinearity, bias = true, causal, generator } = options;
    const inner = feedForward ?? 4 * width;
    const start: LayerStart = {
      bias,
      gpt2Layers: options.initial === 'gpt2' ? (options.layers ?? 1) : undefined,
    };
    this.self_attn = new SelfAttention(width, heads, { ...start, causal });
    this.linear1 = new Linear(width, inner, { ...biasOf(start, inner), weight: elsewhere(start) });
    this.linear2 = new Linear(inner, width, { ...biasOf(start, width), weight: beforeSum(start) });
    this.norm1 = new LayerNorm(width, { bias });
    this.norm2 = new LayerNorm(width, { bias });
    this.dropout = new Dropout(dropout, { generator });
    this.pre = norm === 'pre';
    this.nonlinearity = nonlinearity === 'gelu' ? gelu : relu;
  }

  override forward(x: Tensor, lengths?: Tensor): Tensor {
    return this.feed(this.attend(x, lengths));
  }

  /** One position further, see SelfAttention. */
  step(x: Tensor, kept: State, position: Tensor): Tensor {
    return this.feed(this.attendStep(x, kept, position));
  }

  /** Its first half: what the positions see of each other. */
  attend(x: Tensor, lengths?: Tensor): Tensor {
    return this.around(x, (value) => this.self_attn.forward(value, lengths), this.norm1);
  }

  /** The same of one position more. */
  attendStep(x: Tensor, kept: State, position: Tensor): Tensor {
    return this.around(x, (value) => this.self_attn.step(value, kept, position), this.norm1);
  }

  /** Its last half: the feed-forward net, at every position by itself. */
  feed(x: Tensor): Tensor {
    const net = (value: Tensor) => this.linear2.forward(this.nonlinearity(this.linear1.forward(value)));
    return this.around(x, net, this.norm2);
  }

  /** x and, through dropout, f of it, with a norm before or behind. */
  around(x: Tensor, f: (x: Tensor) => Tensor, norm: LayerNorm): Tensor {
    if (this.pre) return add(x, this.dropout.forward(f(norm.forward(x))));
    return norm.forward(add(x, this.dropout.forward(f(x))));
  }
}

/** torch.nn.TransformerEncoder: [B, T, width] to [B, T, width]. It knows no positions: see Positions. */
export class Transformer extends Module {
  readonly layers: readonly TransformerLayer[];
  readonly norm: LayerNorm | null;

  private readonly causal: boolean;

  constructor(
    readonly width: number,
    options: TransformerOptions,
  ) {
    super();
    checked('Transformer', options, OPTIONS, 'heads', 'layers');
    this.causal = options.causal ?? true;
    this.layers = Array.from({ length: options.layers }, () => new TransformerLayer(width, options));
    this.norm = options.norm === 'pre' ? new LayerNorm(width, { bias: options.bias ?? true }) : null;
  }

  /** `lengths`, u32 [B]: how many positions of a row there are, where others are padding. */
  override forward(x: Tensor, lengths?: Tensor): Tensor {
    checkInput('Transformer', x, ['batch', 'time', this.width]);
    const y = this.layers.reduce((value, layer) => layer.forward(value, lengths), x);
    return this.norm ? this.norm.forward(y) : y;
  }

  /** Step by step, with keys and values in `memory`, which then goes `length` steps from a beginning, not more. */
  stepper(memory: Memory, length: number): StepFunction {
    const fix = 'leave causal out, or give it whole sequences';
    check(this.causal, 'Transformer.stepper: its positions see those behind them', fix);
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
