// One training run from settings to an outcome: what the tables, the report and --json are made of.

import { fail } from '../graph/check';
import type { Engine } from '../gpu/engine';
import { sizeOf } from '../graph/shape';
import { run, type Measures, type RunOptions, type RunResult } from './run';
import type { Anchor, Task } from '../tasks/task';
import { allEvaluations, bestOf, type FitState, type Point } from '../train/fit';
import type { Stored } from '../train/safetensors';
import type { Settings } from './settings';
import type { TaskChoice } from './study';
import { TABLES, taskCalled, type Tables } from './tables';

/** What came of a run. */
export interface Outcome {
  readonly settings: Settings;
  /** The task in words, e.g. "Copy memory, T = 100". */
  readonly title: string;
  readonly parameters: number;
  readonly steps: number;
  readonly metric: string;
  readonly anchors: readonly Anchor[];
  /** Measures of the parameters that were best on validation. */
  readonly valid: Measures;
  readonly test: Measures;
  /** How measures were counted, by their names. */
  readonly signatures?: Readonly<Record<string, string>>;
  readonly best: Point | null;
  readonly stepsPerSecond: number;
  /** Tokens that the task counts, a second of training; of those tasks that count them. */
  readonly tokensPerSecond?: number;
  /** With compiling, validation and the test at the end; with the time before an interruption too. */
  readonly seconds: number;
  readonly adapter: string;
  /** Skipped updates, and the loss scale behind the last; absent for a run in f32. */
  readonly scaling?: RunResult['scaling'];
  readonly losses: readonly Point[];
  readonly evaluations: readonly Point[];
}

/** A run, and whom to tell of it. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly settings: Settings;
  readonly task: Task;
  /** The tables that the settings are from; default: ours. */
  readonly tables?: Tables;
  readonly onProgress?: (state: FitState, loss: number, tokens: number) => void;
  readonly onSave?: (last: Stored, best: Stored | null) => Promise<void> | void;
  readonly initial?: RunOptions['initial'];
  readonly resume?: RunOptions['resume'];
  readonly tune?: boolean;
  readonly ahead?: RunOptions['ahead'];
  readonly hold?: RunOptions['hold'];
  readonly onTuned?: () => void;
  readonly onPoint?: RunOptions['onPoint'];
  readonly onReopened?: RunOptions['onReopened'];
  readonly beforeStep?: RunOptions['beforeStep'];
  readonly signal?: RunOptions['signal'];
}

/** Trains; gives what came of it. */
export async function train(options: TrainOptions): Promise<Outcome> {
  const { engine, settings, onProgress, onSave, tables = TABLES } = options;
  const start = performance.now();
  const counter = countTokens(options.task);
  const { task } = counter;
  let earlier: number | null = null;
  const result = await run({
    ...options,
    task,
    recipe: settings,
    models: tables.models,
    onProgress(state, loss) {
      earlier ??= state.seconds - (performance.now() - start) / 1000;
      onProgress?.(state, loss, counter.tokens);
    },
    onSave: async (last, best) => onSave?.(last, best),
  });
  const { state } = result;
  return {
    settings,
    title: titleOf(settings, task, tables),
    parameters: result.parameters,
    steps: state.step,
    metric: task.metric,
    anchors: task.anchors,
    valid: result.valid,
    test: result.test,
    signatures: task.signatures,
    best: bestOf(state),
    stepsPerSecond: result.stepsPerSecond,
    tokensPerSecond: tokensPerSecond(task, counter, result),
    seconds: Math.max(0, earlier ?? state.seconds) + (performance.now() - start) / 1000,
    adapter: engine.name,
    ...(result.scaling && { scaling: result.scaling }),
    losses: state.losses,
    evaluations: allEvaluations(state),
  };
}

/** The task that settings ask for, on data that was read for it. */
export function makeTask(settings: TaskChoice, content?: unknown, tables: Tables = TABLES): Task {
  const { name, data, make } = taskCalled(settings.task, tables);
  if (data && content === undefined) fail(`${name} needs its files.`);
  return make(settings, content, tables.models);
}

function titleOf(settings: Settings, { name }: Task, tables: Tables): string {
  return taskCalled(settings.task, tables).heading?.(settings) ?? name;
}

/** Training batches so far, and the tokens in them. */
interface TokenCount {
  readonly tokens: number;
  readonly batches: number;
}

const tokensPerSecond = (
  { tokensIn }: Task,
  { tokens, batches }: TokenCount,
  { stepsPerSecond }: RunResult,
) => (tokensIn && batches ? (stepsPerSecond * tokens) / batches : undefined);

/** The task, and how many tokens its training has been given so far. */
function countTokens(task: Task): TokenCount & { task: Task } {
  const counter = { task, tokens: 0, batches: 0 };
  counter.task = {
    ...task,
    source(random) {
      const source = task.source(random);
      return {
        next() {
          const batch = source.next();
          counter.batches++;
          counter.tokens += task.tokensIn?.(batch) ?? sizeOf(batch[0].shape.slice(0, 2));
          return batch;
        },
        save: () => source.save(),
        restore: (saved) => source.restore(saved),
      };
    },
  };
  return counter;
}

/** The object that --json promises. */
export const inShort = (outcome: Outcome) => ({
  task: outcome.settings.task,
  model: outcome.settings.model,
  parameters: outcome.parameters,
  steps: outcome.steps,
  metric: outcome.metric,
  validMetric: outcome.valid[outcome.metric],
  testMetric: outcome.test[outcome.metric],
  stepsPerSecond: outcome.stepsPerSecond,
  tokensPerSecond: outcome.tokensPerSecond,
  seconds: outcome.seconds,
  adapter: outcome.adapter,
  ...(outcome.scaling && { skippedSteps: outcome.scaling.skipped, lossScale: outcome.scaling.scale }),
  seed: outcome.settings.seed,
});
