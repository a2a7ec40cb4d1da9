// The optimizers.

import { marks } from '../graph/caller';

export { Adam, AdamW, type AdamOptions } from './adam';
export { Constraint } from './constraint';
export { clipGates, gateNorms, type GateNormOptions, type LSTMParameters } from './gateNorms';
export {
  AUTHOR_CODE,
  boundsFor,
  contraction,
  forgetBound,
  PAPER_V4,
  type BoundsOptions,
  type LSTMBounds,
} from './lstmBounds';
export { lossScale, LossScale, type LossScaleOptions } from './lossScale';
export { Optimizer, type OptimizerOptions } from './optimizer';
export { RMSprop, type RMSpropOptions } from './rmsProp';
export { SGD, type SGDOptions } from './sgd';
export { clipSpectrum, spectralNorm, type SpectralOptions } from './spectralNorm';

// Where a bundle has this module's end: see callerLine.
marks.push(new Error());
