// The public names of seqgpu/lab: how recurrent a recurrent model is, and the feed-forward model in it.

import { marks } from '../graph/caller';

export {
  gradientByLag,
  sensitivityByLag,
  type GradientByLagOptions,
  type Loss,
  type SensitivityOptions,
} from './byLag';
export { boundedK, truncationBound, type BoundOptions, type Quantity, type TruncationBound } from './bound';
export {
  lstmCertificate,
  rnnCertificate,
  type Certificate,
  type Condition,
  type LSTMCertificate,
} from './certificate';
export { contractionOnData, type Contraction, type ContractionOptions } from './contraction';
export { howLargeMustKBe, type HowLarge, type HowLargeOptions } from './howLargeMustKBe';
export { largestRowSum, matrix, singularValues, spectralNorm, type HostMatrix } from './matrix';
export type { Recurrence, RecurrentModel } from './recurrence';
export { segmentGradientByLag, type SegmentByLagOptions } from './segmentByLag';
export { spread, type Spread } from './spread';
export {
  carriedState,
  segment,
  segmentLoss,
  type CarriedState,
  type GradientCut,
  type Switches,
} from './tbptt';
export { truncate, type Truncated, type TruncateOptions } from './truncate';
export { truncationError, type TruncationError, type TruncationErrorOptions } from './truncationError';
export { readWeights, type CellKind, type LayerWeights, type RecurrentWeights } from './weights';
export {
  AUTHOR_CODE,
  boundsFor,
  contraction,
  forgetBound,
  PAPER_V4,
  type LSTMBounds,
} from '../optim/lstmBounds';

// Where a bundle has this module's end: see callerLine.
marks.push(new Error());
