// A model of sound, sample by sample, that may be told which digit is spoken and by whom: a WaveNet, where the
// condition goes into every layer; or any sequence model on embedded codes, where it is added to the embeddings.

import { CODES } from '../data/muLaw';
import { DIGITS, SPEAKERS } from '../data/spokenDigits';
import { callerLine, fail, hereStack } from '../graph/check';
import { Generator } from '../graph/generator';
import type { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { bodyCalled, waveNetLayers, widthOfBody, type Body, type BodySettings } from '../nn/bodies';
import { Embedding } from '../nn/embedding';
import { glorot, waves } from '../nn/init';
import { Linear } from '../nn/linear';
import { Module } from '../nn/module';
import type { LayerState } from '../nn/recurrent';
import type { SequenceModel } from '../nn/sequenceModel';
import type { Memory, StepFunction, Stepwise } from '../nn/stepwise';
import { WaveNet } from '../nn/waveNet/waveNet';
import type { WaveNetSettings } from '../nn/waveNet/waveNetSettings';
import { add } from '../ops/elementwise/binary';
import { readAt } from '../ops/layout/readAt';
import { reshape } from '../ops/layout/view';
import type { Made } from './made';
import type { CONDITIONS } from './options';
import { sequenceModel } from './sequenceModel';

type ConditionName = (typeof CONDITIONS)[number];

/** What a model of sound is made from: the settings of its body, and these. */
export type SoundSettings = Made &
  BodySettings & {
    /** What it is told of a recording; default: both. */
    readonly condition?: ConditionName;
    /** Size of the embedding of a code, but of a WaveNet; default: 64. */
    readonly embedding?: number;
    readonly inputDropout?: number;
  };

/** What a task of sound says of a model of it. */
export interface SoundOptions {
  /** The most samples that a Transformer reads at once. */
  readonly longest?: number;
  /** Logits that answer with the frequencies of the codes, whatever the input. */
  readonly prior?: readonly number[];
  /** How many speakers and digits there are to be told of, 0: none; default: those of the spoken digits. */
  readonly told?: { readonly speakers: number; readonly digits: number };
  /** Numbers that are told beside every sample; default: none. */
  readonly features?: number;
  /** In place of the one of nn that has the model's name. */
  readonly body?: Body;
}

/** What a model is told of B sounds that it makes sample by sample: what its `forward` is told of them. */
export interface ToldOfSounds {
  /** u32 [B] */
  readonly speakers?: State;
  /** u32 [B] */
  readonly digits?: State;
  /** f32 [B, N, features] of all N places of the sounds. */
  readonly features?: State;
}

/** Channels of a WaveNet's global condition, as in ibab's tensorflow-wavenet. */
const CONDITION_CHANNELS = 32;
const EMBEDDING = 64;
const DIGIT_COUNTS = { speakers: SPEAKERS.length, digits: DIGITS };

/** The WaveNet of a recipe; `features`: numbers that it is told beside every sample. */
export const soundSettings = (recipe: SoundSettings, features = 0): WaveNetSettings => ({
  ...waveNetLayers(recipe),
  classes: CODES,
  localChannels: features,
  globalChannels: recipe.condition === 'none' ? 0 : CONDITION_CHANNELS,
});

/**
 * u32 codes [B, T], with speakers and digits u32 [B], and features f32 [B, T, features] of what comes, to logits
 * [B, T, 256] of the code after each.
 */
export class SoundModel extends Module implements Stepwise {
  readonly generator: Generator;
  readonly digit: Embedding | null;
  readonly speaker: Embedding | null;
  /** Either this … */
  readonly wavenet: WaveNet | null = null;
  /** … or these. */
  readonly encoder: Embedding | null = null;
  readonly sequence: SequenceModel | null = null;
  /** … and this, of the features that are told beside: added to the embeddings. */
  readonly features: Linear | null = null;

  constructor(recipe: SoundSettings, options: SoundOptions = {}) {
    super();
    const {
      longest,
      prior,
      body = bodyCalled(recipe.model),
      told: counts = DIGIT_COUNTS,
      features,
    } = options;
    const { model, condition = 'both', embedding = EMBEDDING, seed } = recipe;
    const size = model === 'wavenet' ? CONDITION_CHANNELS : embedding;
    // Larger, as an embedding of words starts, they would saturate the gates of every layer.
    const told = (about: ConditionName, count: number) =>
      count && (condition === about || condition === 'both')
        ? new Embedding(count, size, glorot(count, size))
        : null;
    this.digit = told('digit', counts.digits);
    this.speaker = told('speaker', counts.speakers);
    if (model === 'wavenet') {
      this.wavenet = new WaveNet({ ...soundSettings(recipe, features), prior, ordered: true });
      this.generator = new Generator(seed);
      return;
    }
    // Codes that are near start near, as in the WaveNet.
    this.encoder = new Embedding(CODES, embedding, waves(CODES, 1));
    if (features) this.features = new Linear(features, embedding);
    const head = waves(CODES, Math.sqrt(1 / widthOfBody(recipe, body)), true);
    const settings = { ...recipe, prior, head, length: longest };
    this.sequence = sequenceModel(body, [embedding, CODES], settings);
    this.generator = this.sequence.generator;
  }

  override forward(codes: Tensor, speakers?: Tensor, digits?: Tensor, features?: Tensor): Tensor {
    const condition = this.condition(speakers, digits);
    if (this.wavenet) return this.wavenet.forward(codes, { global: condition, local: features });
    const x = this.embedded(codes, condition);
    return this.sequence!.forward(features ? add(x, this.features!.forward(features)) : x);
  }

  /** [B, size], the sum of what is said of who speaks and of what is spoken; undefined where nothing is. */
  condition(speakers?: Tensor, digits?: Tensor): Tensor | undefined {
    const who = this.speaker?.forward(speakers ?? missing('speakers'));
    const what = this.digit?.forward(digits ?? missing('digits'));
    return who && what ? add(who, what) : (who ?? what);
  }

  zeroState(batch: number): LayerState[] {
    return this.sequence ? this.sequence.zeroState(batch) : [];
  }

  /** Codes to logits, and the states after the last step, of a recurrent model; the others carry nothing. */
  unroll(codes: Tensor, states: readonly LayerState[], speakers?: Tensor, digits?: Tensor) {
    if (!this.sequence) return { y: this.forward(codes, speakers, digits), states: [] };
    return this.sequence.unroll(this.embedded(codes, this.condition(speakers, digits)), states);
  }

  /** One sample further: codes u32 [B, 1] to logits [B, 1, 256] of the code after each. */
  stepper(memory: Memory, { speakers, digits, features }: ToldOfSounds = {}): StepFunction {
    const isTold = Boolean(this.speaker ?? this.digit);
    const tell = () => this.condition(speakers, digits)!;
    if (this.wavenet)
      return this.wavenet.stepper(memory, { global: isTold ? tell : undefined, local: features });
    const { weight } = this.encoder!;
    const told = isTold && memory.once([memory.batch, weight.shape[1]], 'condition', tell);
    const next = this.sequence!.stepper(memory);
    return (codes) => {
      const x = this.embedded(codes, told || undefined); // [B, 1, E]
      if (!features) return next(x);
      const beside = this.features!.forward(readAt(features, memory.place)); // [B, E]
      return next(add(x, reshape(beside, x.shape)));
    };
  }

  private embedded(codes: Tensor, condition: Tensor | undefined): Tensor {
    const x = this.encoder!.forward(codes); // [B, T, E]
    return condition ? add(x, reshape(condition, [codes.shape[0], 1, -1])) : x;
  }
}

const missing = (what: string): never =>
  fail(`SoundModel: it is told ${what} of a sound, and they are missing.`, {
    at: callerLine(hereStack()),
    fix: 'give them, or make the model with condition none.',
  });
