// The benchmark: cases, ceilings, and how they are measured. Runs wherever the engine runs.

import type { Case } from './case';
import { CONVOLUTIONS } from './cases/causalConv';
import { MATMULS } from './cases/matmul';
import { MEMORY } from './cases/memory';
import { MODELS } from './cases/models';
import { OVERHEADS } from './cases/overhead';

export const CASES: readonly Case[] = [...MATMULS, ...CONVOLUTIONS, ...MODELS, ...MEMORY, ...OVERHEADS];

export { type Case } from './case';
export { type Ceiling } from './ceiling';
export { measure, type Measured, type Row } from './measure';
