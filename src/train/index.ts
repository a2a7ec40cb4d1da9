// The public names of seqgpu/train: the training loop, learning rates, and models as files.

export { allEvaluations, bestOf, fit } from './fit';
export type { CurvePoint, FitOptions, FitState, Point, Resumable, Source } from './fit';
export { learningRateOf, type Schedule, type ScheduleOptions } from './learningRate';
export { load, save } from './save';
export { loadWeights } from './torchWeights';
export type { Saved } from './checkpoint';
export { decodeSafetensors, encodeSafetensors, type Stored, type StoredTensor } from './safetensors';
