// The benchmark: cases, ceilings, how they are measured, and the report. Runs wherever the engine runs.

import type { Case } from './case';
import { ADAM } from './cases/adam';
import { ATTENTIONS } from './cases/attention';
import { BEAM_STEPS } from './cases/beams';
import { CONVOLUTIONS } from './cases/causalConv';
import { GENERATION } from './cases/generation';
import { MATMULS } from './cases/matmul';
import { MEMORY } from './cases/memory';
import { MODELS } from './cases/models';
import { OVERHEADS } from './cases/overhead';
import { PROJECTION } from './cases/projection';
import { TRANSLATION } from './cases/translation';

/** All cases of the library. */
export const CASES: readonly Case[] = [
  ...MATMULS,
  ...CONVOLUTIONS,
  ...ATTENTIONS,
  ...MODELS,
  ...TRANSLATION,
  PROJECTION,
  ...MEMORY,
  ADAM.atOnce,
  ADAM.byOps,
  ...GENERATION,
  ...BEAM_STEPS,
  ...OVERHEADS,
];

export { type Case } from './case';
export { caseOf, type OwnCase } from './own';
export { benchKernel, type BenchKernelOptions, type KernelReport } from './kernel/benchKernel';
export { kernelCase, type OwnKernel, type ReferenceValues } from './kernel/kernelCase';
export { type Agreement, type Difference } from './kernel/agreement';
export { declaredIn, type Declared } from './kernel/declared';
export { type Fill, type KernelBuffer } from './kernel/values';
export { type Ceiling } from './ceiling';
export { beyondCeiling, compare, compareTable, remarksOn } from './compare';
export { METRICS, type Metric } from './metrics';
export { measure, type Measured, type Row } from './measure';
export {
  readReport,
  sizeRow,
  withRivals,
  BUNDLE_SIZE,
  FIRST_RESULT,
  type Report,
  type ReportRow,
} from './report';
export { bench, choose, ROUNDS, type BenchOptions, type Chosen } from './run';
export { amount, ceilingLine, kibibytes, markdown, rivalTable, short, tableOf, type Words } from './table';
export { GPUS, peakOf, type Gpu } from './trace/gpus';
export { type Allowance, type Roof } from './trace/allowance';
export { SUBGROUPS, type LaunchTrace, type Levels, type RequestCost, type SiteTrace } from './trace/summary';
export { traceCase, traceStep, type Trace, type TraceOptions } from './trace/trace';
export { partsOf, type Lanes, type Part } from './trace/words';
