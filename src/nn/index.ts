// The layers.

import { marks } from '../graph/caller';

export { AdaptiveSoftmax, type AdaptiveSoftmaxOptions } from './adaptiveSoftmax';
export { Bidirectional, type RecurrentKind } from './bidirectional';
export { CausalConv, Upsample, type CausalConvSettings } from './conv';
export { ConvLanguageModel, type ConvBody, type ConvParts } from './convLanguageModel';
export { Dropout, type DropoutOptions } from './dropout';
export { Embedding } from './embedding';
export {
  GATED_UNITS,
  GatedConv,
  receptiveFieldOf,
  type ConvLayer,
  type GatedConvOptions,
  type GatedUnit,
} from './gatedConv/gatedConv';
export { GatedConvLM, type GatedConvSettings } from './gatedConv/gatedConvLM';
export { GCNN } from './gatedConv/gatedConvPresets';
export { seed, waves } from './init';
export { LanguageModel, type LanguageSettings } from './languageModel';
export { CANDIDATES, MinGRU, MinLSTM, type Candidate, type MinRecurrentOptions } from './minRecurrent';
export { GRU, LSTM, RNN, type LayerState, type LSTMOptions, type RecurrentOptions } from './recurrent';
export { RecurrentOutput } from './recurrentOutput';
export { FullSoftmax, type SoftmaxHead } from './softmaxHead';
export { LayerNorm } from './layerNorm';
export { Linear, type LinearOptions } from './linear';
export { Module } from './module';
export { reorder } from './reorder';
export { Sequential } from './sequential';
export { Memory, type StepFunction, type Stepwise } from './stepwise';
export { OneHotConv } from './waveNet/oneHotConv';
export { Positions, sinusoids } from './positions';
export { TCN, TemporalBlock, type TCNOptions } from './tcn';
export { TCNLM, tcnChannels, type TCNLMSettings } from './tcnLM';
export {
  ATTENTION_LSTMS,
  AttentionLSTM,
  SCORES,
  type AttentionLSTMSettings,
} from './translation/attentionLstm';
export { CONVS2S, ConvS2S, contextOf, type ConvS2SLayer, type ConvS2SSettings } from './translation/convS2S';
export { CrossAttention, type Heard } from './translation/crossAttention';
export { GNMT, GNMTS, type GNMTSettings } from './translation/gnmt';
export type { RecurrentTranslatorSettings } from './translation/recurrentTranslator';
export { SEQ2SEQ, Seq2Seq, type Seq2SeqSettings } from './translation/seq2seq';
export {
  TRANSLATION_TRANSFORMERS,
  TranslationTransformer,
  type TranslationTransformerSettings,
} from './translation/translationTransformer';
export { TranslationModel, type Encoding, type Longest, type Vocabularies } from './translation/translator';
export { SelfAttention } from './transformer/selfAttention';
export { Transformer, TransformerLayer, type TransformerOptions } from './transformer/transformer';
export { TRANSFORMER_BASE, TransformerLM, type TransformerSettings } from './transformer/transformerLM';
export { WaveNet, WaveNetLayer, type Conditions, type StepConditions } from './waveNet/waveNet';
export { dilationStacks, waveNetField, type WaveNetSettings } from './waveNet/waveNetSettings';
export { WAVENET } from './waveNet/waveNetPresets';
export { WeightNormConv, WeightNormLinear, type WeightNormStart } from './weightNorm';
export { WaveNetLM, type WaveNetLMSettings } from './waveNet/waveNetLM';
export { WaveNetBody, type WaveNetBodySettings } from './waveNet/waveNetBody';
export { MODELS, fieldOf, gatedLayers, type BodySettings, type ModelName } from './bodies';
export { SequenceModel, type SequenceSettings } from './sequenceModel';
export { SequenceTransformer, type SequenceTransformerOptions } from './transformer/sequenceTransformer';

// Where a bundle has this module's end: see callerLine.
marks.push(new Error());
