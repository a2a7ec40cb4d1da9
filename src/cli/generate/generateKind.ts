// What every kind of output of `seqgpu generate` is made from and gives. A kind is one module with a `Kind`; its row
// stands in generate.node.ts.

import { fail } from '../../graph/check';
import type { Engine } from '../../gpu/engine';
import type { Module } from '../../nn/module';
import { goesStepwise, type Stepwise } from '../../nn/stepwise';
import { kebabCase, type Value } from '../../spec/option';
import type { Settings } from '../../runs/settings';
import type { Sample } from '../../tasks/taskSpec';

/** Flags that every kind has a use for. */
const COMMON = ['length', 'temperature', 'seed', 'out', 'overwrite', 'data', 'from', 'json'];

/** What a sample is made from: the run, its data and the flags. */
export interface GenerateJob {
  readonly settings: Settings;
  /** What a trained model of this task makes. */
  readonly sample: Sample;
  /** The data of the task. */
  readonly content: unknown;
  /** The folder of the run. */
  readonly folder: string;
  /** The flags that were given, in camelCase. */
  readonly given: Readonly<Record<string, Value>>;
}

/** What was made: facts for the line at the end, and what --json says besides. */
export interface Generated {
  readonly stepsPerSecond: number;
  readonly seconds: number;
  readonly length: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A kind of sample: the flags that it takes, and how it is made. */
export interface Kind {
  /** Flags that only it takes, in camelCase. */
  readonly flags: readonly string[];
  /** Checks all that can be checked before the GPU is opened; the result makes the output and writes it. */
  prepare(job: GenerateJob): (engine: Engine, model: Module) => Promise<Generated>;
}

/** Refuses flags that the kind has no use for: nothing that was asked for may be ignored in silence. */
export function checkKindFlags(kind: Kind, { given, settings }: GenerateJob): void {
  for (const name of Object.keys(given)) {
    if (COMMON.includes(name) || kind.flags.includes(name)) continue;
    fail(`generate: --${kebabCase(name)} does not go with ${settings.task}.`, { fix: 'leave it out.' });
  }
}

/** The model as one that goes step by step. */
export function stepwise<M extends Module>(model: M): M & Stepwise {
  return goesStepwise(model)
    ? model
    : fail(`generate: a ${model.constructor.name} does not go step by step.`);
}
