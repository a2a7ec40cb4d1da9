// The public names.

export { open, type OpenOptions } from './gpu/open';
export { Engine, type Step, type Readings } from './gpu/engine';
export { Reading } from './gpu/reading';
export { SeqgpuError } from './graph/check';
export { array, type HostArray } from './graph/host';
export { assign } from './graph/copy';
export { gradient } from './graph/gradient';
export { Parameter, State, Tensor, type Shape } from './graph/tensor';
export { defineOp, type Dispatch, type OpSpec } from './graph/op';
export { add, div, mul, sub } from './ops/binary';
export { accuracy, crossEntropy, type TargetOptions } from './ops/crossEntropy';
export { lstm, type LSTMInputs, type LSTMResult } from './ops/lstm';
export { matmul } from './ops/matmul';
export { mean, sum } from './ops/reduce';
export { rnn, type RNNResult } from './ops/rnn';
export { exp, gelu, log, negate, relu, scale, sigmoid, sqrt, square, tanh } from './ops/unary';
export { reshape } from './ops/view';
export { constant, zeros } from './ops/constant';
export * as nn from './nn/index';
export * as optim from './optim/index';
