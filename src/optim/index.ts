// The optimizers.

export { Adam, AdamW, type AdamOptions } from './adam';
export { Optimizer, type OptimizerOptions } from './optimizer';
export { SGD, type SGDOptions } from './sgd';
