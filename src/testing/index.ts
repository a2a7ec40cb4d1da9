// The public names of seqgpu/testing: for tests of ops of one's own.

export { checkGradient } from './checkGradient';
export type {
  GradientBody,
  GradientInput,
  GradientInputs,
  GradientOptions,
  GradientReport,
  WorstElement,
} from './checkGradient';
