// The public names of seqgpu/train: the training loop, learning rates, models as files, and scores of translations.

export { allEvaluations, bestOf, fit } from './fit';
export type { CurvePoint, FitOptions, FitState, Point, Resumable, Source } from './fit';
export { learningRateOf, type Schedule, type ScheduleOptions } from './learningRate';
export { load, save } from './save';
export { loadWeights } from './torchWeights';
export type { Saved } from './checkpoint';
export { decodeSafetensors, encodeSafetensors, type Stored, type StoredTensor } from './safetensors';
export { bleu, type Bleu, type BleuTokeniser } from '../score/bleu';
export { chrF, type ChrF } from '../score/chrF';
export type { References } from '../score/segments';
