// The public names.

import { marks } from './graph/caller';

export { open, type OpenOptions } from './gpu/open';
export { half } from './gpu/half';
export { Engine, type BufferRange, type Step, type Readings } from './gpu/engine';
export { encodeStep } from './gpu/look/encodeStep';
export { checkStep } from './gpu/look/checkStep';
export { debug, type Debug } from './gpu/tell/debug';
export { profileStep, timeStep, type Profile } from './gpu/look/profile';
export { keepStates, reopen } from './gpu/reopen';
export { repeatStep } from './gpu/look/repeatStep';
export { tuneStep } from './gpu/look/tune';
export { gpuArray, type GpuArray } from './gpu/replay/gpuArray';
export { Reading } from './gpu/replay/reading';
export { SeqgpuError } from './graph/check';
export { array, type Argument, type HostArray } from './graph/host';
export type { Numbers } from './graph/numbers';
export { recompute } from './graph/recompute';
export { assign } from './graph/assign';
export { Generator } from './graph/generator';
export { gradient } from './graph/gradient';
export { explainPlan } from './plan/explain';
export { type Culprit, type StepCheck } from './plan/inspect';
export { print, type PrintOptions } from './graph/print';
export { type Summary } from './graph/summary';
export { Tuning } from './graph/tuning';
export { scope } from './graph/tape';
export { Parameter, State } from './graph/state';
export { Tensor } from './graph/tensor';
export { type Shape } from './graph/shape';
export { defineOp, type OwnOp } from './graph/own/ownOp';
export { type Op } from './graph/op';
export { type Dispatch, type OpSpec } from './graph/tensor';
export { Kernel } from './graph/own/ownKernel';
export { add, div, mul, sub } from './ops/elementwise/binary';
export {
  additiveAttention,
  additiveAttentionWeights,
  type AdditiveAttentionOptions,
} from './ops/attention/additiveAttention';
export { advance } from './ops/layout/advance';
export { bernoulli } from './ops/random/bernoulli';
export { attention, attentionWeights, type AttentionOptions } from './ops/attention/attention';
export { cachedAttention } from './ops/attention/cachedAttention';
export { causalAttention, type HeadOptions } from './ops/attention/causalAttention';
export { selfAttention, type SelfAttentionOptions } from './ops/attention/selfAttention';
export { causalConv } from './ops/conv/causalConv';
export { conv, type ConvOptions } from './ops/conv/conv';
export { causalConvRing, causalConvStep, type CausalConvStepOptions } from './ops/conv/causalConvStep';
export { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './ops/loss/binaryCrossEntropy';
export {
  accuracy,
  crossEntropy,
  type CrossEntropyOptions,
  type TargetOptions,
} from './ops/loss/crossEntropy';
export { gate, type GateForm } from './ops/elementwise/gate';
export { gru, type GRUResult } from './ops/recurrent/gru';
export { linearScan, type LinearScan } from './ops/recurrent/linearScan';
export { dropout, type DropoutOptions } from './ops/random/dropout';
export { embedding } from './ops/embedding/embedding';
export { layerNorm, type LayerNormOptions } from './ops/norm/layerNorm';
export { lstm, type LSTMInputs, type LSTMResult } from './ops/recurrent/lstm';
export { matmul } from './ops/matmul/matmul';
export { meanSquaredError } from './ops/loss/meanSquaredError';
export { mean, sum } from './ops/reduce/reduce';
export { rnn, type RNNResult } from './ops/recurrent/rnn';
export { sequences, type SequenceOptions } from './ops/recurrent/sequences';
export type { Sequences } from './ops/recurrent/order';
export { logSoftmax, softmax } from './ops/norm/softmax';
export * from './ops/elementwise/unary';
export { weightNorm } from './ops/norm/weightNorm';
export { gatherRows } from './ops/embedding/gatherRows';
export { topK, type TopK } from './ops/random/topK';
export { concat } from './ops/layout/concat';
export { readAt, type PlaceOptions } from './ops/layout/readAt';
export { rowNorm, type RowNormOptions } from './ops/norm/rowNorm';
export { sample, type DrawOptions, type SampleOptions } from './ops/random/sample';
export { shift } from './ops/layout/shift';
export { detach, lastStep, reshape, slice, transpose } from './ops/layout/view';
export { maskPadding } from './ops/layout/maskPadding';
export { writeAt } from './ops/layout/writeAt';
export { constant, zeros } from './ops/elementwise/constant';
export { stable, type StableOptions } from './train/stable';
export {
  translate,
  type BeamOptions,
  type Hypothesis,
  type LengthRule,
  type Translations,
} from './decode/beams';
export { attentionsOf, type Pair } from './decode/attentions';
export { generateFrames, type FrameOptions, type Frames } from './decode/frames';
export { generateTokens, streamTokens, type TokenOptions, type Tokens } from './decode/tokens';
export * as nn from './nn/index';
export * as optim from './optim/index';

// Where a bundle has this module's end: see callerLine.
marks.push(new Error());
