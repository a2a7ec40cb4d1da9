// The half of the Transformer that writes (Vaswani et al. 2017, arXiv 1706.03762, section 3.1): between the attention
// of a layer to its own sequence, which is causal, and its feed-forward net stands attention to the source.

import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { LayerNorm } from '../layerNorm';
import { Module } from '../module';
import type { Memory } from '../stepwise';
import { TransformerLayer, type TransformerOptions } from '../transformer/transformer';
import { CrossAttention, type Heard } from './crossAttention';

/** A layer of the decoder. */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly encoder_attn: CrossAttention;
  readonly encoder_attn_layer_norm: LayerNorm;

  constructor(width: number, options: TransformerOptions) {
    super(width, { ...options, causal: true });
    const { heads, bias } = options;
    this.encoder_attn = new CrossAttention(width, heads, { bias });
    this.encoder_attn_layer_norm = new LayerNorm(width, { bias });
  }

  /** From what its positions see of each other to what it gives. */
  listen(x: Tensor, heard: Heard): Tensor {
    const listened = this.around(
      x,
      (value) => this.encoder_attn.forward(value, heard),
      this.encoder_attn_layer_norm,
    );
    return this.feed(listened);
  }

  /** The weights of its attention to the source, [B, T, S], where x is what its positions see of each other. */
  weights(x: Tensor, heard: Heard): Tensor {
    return this.encoder_attn.weights(this.pre ? this.encoder_attn_layer_norm.forward(x) : x, heard);
  }
}

/** Its layers, each with what it has heard: [B, T, width] to [B, T, width]. It knows no positions. */
export class TransformerDecoder extends Module {
  readonly layers: readonly TransformerDecoderLayer[];
  readonly norm: LayerNorm | null;

  constructor(
    readonly width: number,
    options: TransformerOptions,
  ) {
    super();
    this.layers = Array.from({ length: options.layers }, () => new TransformerDecoderLayer(width, options));
    this.norm = options.norm === 'pre' ? new LayerNorm(width, { bias: options.bias ?? true }) : null;
  }

  /** `heard`: of each layer; default: x itself. */
  override forward(x: Tensor, heard?: readonly Heard[]): Tensor {
    return this.through(x, heard ?? this.layers.map((layer) => layer.encoder_attn.heard(x)));
  }

  /**
   * Step by step, with keys and values of its own sequence in `memory`, which then goes `length` steps from a
   * beginning, not more.
   */
  stepper(memory: Memory, length: number, heard: readonly Heard[]): (x: Tensor) => Tensor {
    memory.limit = Math.min(memory.limit, length);
    const shape = [memory.batch, length, 2 * this.width];
    const kept = this.layers.map((_, l) => memory.carry(shape, `kept_${l}`));
    return (x) => this.through(x, heard, { kept, position: memory.position });
  }

  /** The weights of one layer's attention to the source, [B, T, S]. */
  weights(x: Tensor, heard: readonly Heard[], shown: number): Tensor {
    const before = this.layers
      .slice(0, shown)
      .reduce((value, layer, l) => layer.listen(layer.attend(value), heard[l]), x);
    const layer = this.layers[shown];
    return layer.weights(layer.attend(before), heard[shown]);
  }

  private through(
    x: Tensor,
    heard: readonly Heard[],
    step?: { kept: readonly State[]; position: Tensor },
  ): Tensor {
    const y = this.layers.reduce((value, layer, l) => {
      const seen = step ? layer.attendStep(value, step.kept[l], step.position) : layer.attend(value);
      return layer.listen(seen, heard[l]);
    }, x);
    return this.norm ? this.norm.forward(y) : y;
  }
}
