// One training run as a pure function of its recipe and seed: builds the model, records the steps, trains,
// evaluates, keeps the best parameters and measures them on the test split.

import type { Engine } from '../gpu/engine';
import { compileStep } from '../gpu/look/compileStep';
import { tuneStep } from '../gpu/look/tune';
import { fail } from '../graph/check';
import { only } from '../graph/options';
import type { Parameter } from '../graph/state';
import { seed as seedParameters } from '../nn/init';
import { torchShape } from '../nn/layout';
import { Module } from '../nn/module';
import { Adam, AdamW } from '../optim/adam';
import type { Constraint } from '../optim/constraint';
import { lossScale, lossScaleOf } from '../optim/lossScale';
import type { Optimizer } from '../optim/optimizer';
import { RMSprop } from '../optim/rmsProp';
import { SGD } from '../optim/sgd';
import { Random } from '../random';
import { BestParameters, type Resumed } from '../train/bestParameters';
import { loadCheckpoint } from '../train/checkpoint';
import { saveCheckpoint } from '../train/saveCheckpoint';
import { fit, type FitOptions, type FitState } from '../train/fit';
import { learningRateOf, SCHEDULE_RULES } from '../train/learningRate';
import type { Stored } from '../train/safetensors';
import type { Source } from '../train/source';
import { stable } from '../train/stable';
import { surviving } from '../train/survival';
import { putWeights } from '../train/torchWeights';
import { allMeasures, evaluation, type Evaluation } from './evaluation';
import { PUBLISHED_BOUNDS } from '../models/options';
import type { Models } from '../models/modelSpec';
import type { Recipe } from '../tasks/recipe';
import type { Measures, Program, Split, Task, TrainedModel } from '../tasks/task';

export type { Recipe } from '../tasks/recipe';
export type { Measures } from '../tasks/task';

/** A run, and whom to tell of it. */
export interface RunOptions {
  readonly engine: Engine;
  readonly task: Task;
  readonly recipe: Recipe;
  /** The table that the recipe's model is from; default: ours. */
  readonly models?: Models;
  readonly onProgress?: (state: FitState, loss: number) => void;
  readonly onPoint?: FitOptions['onPoint'];
  readonly onReopened?: FitOptions['onReopened'];
  readonly beforeStep?: FitOptions['beforeStep'];
  /** `last` continues the run; `best`, when there is a new one, holds the best parameters. */
  readonly onSave?: (last: Stored, best: Stored | null) => Promise<void>;
  /** Measures first which kernels suit the adapter: see Step.tune. */
  readonly tune?: boolean;
  /** Compiles the kernels of steps and validation side by side and without blocking, as a page needs it. */
  readonly ahead?: boolean;
  /**
   * Called when all is ready for the first step, which waits for what it gives; the time of the training counts from
   * then on. Meanwhile `more` may compile what the run needs later. Where it fails, the run gives back its step.
   */
  readonly hold?: (more: () => Promise<void>) => Promise<void>;
  /** When it has measured, before the first step. */
  readonly onTuned?: () => void;
  /** Weights to start from, which the recipe's `init` names: PyTorch's, or a checkpoint's of a model like this one. */
  readonly initial?: Stored;
  readonly resume?: Resumed;
  /** Ends the run when it is aborted: `onSave` gets the last finished step, and the signal's reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What came of a run, its model at the best parameters. */
export interface RunResult {
  readonly model: TrainedModel;
  readonly state: FitState;
  readonly parameters: number;
  /** Measures of the best parameters. */
  readonly valid: Measures;
  readonly test: Measures;
  readonly stepsPerSecond: number;
  /** What became of the loss scale; absent for a run in f32. */
  readonly scaling?: Scaling;
}

/** What became of a run's loss scale. */
export interface Scaling {
  /** Updates that were skipped, because gradients left the range of f16. */
  readonly skipped: number;
  /** The scale behind the last step. */
  readonly scale: number;
}

/** Trains, keeps the best parameters, and measures them on the validation and test splits. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { engine, task, recipe, models, initial, resume, signal, onProgress, onPoint, onReopened } = options;
  refuseOtherPrecision(engine, recipe);
  seedParameters(recipe.seed);
  const program = task.program(recipe, models);
  const { model, carried } = program;
  const optimizer = makeOptimizer(model, recipe);
  const scaled = recipe.precision === 'f16' ? lossScale(optimizer) : optimizer;
  const step = engine.train((...batch) => scaled.minimize(program.loss(...batch)));
  const evaluate = evaluation(engine, task, program, options);
  if (!resume) startFrom(engine, model, recipe, initial);
  if (recipe.stable !== undefined) await projected(options, optimizer);
  if (resume) loadCheckpoint(engine, resume.last, 'the checkpoint', { model, optimizer, carried });
  const best = new BestParameters(resume, recipe.steps);
  const source = () => task.source(new Random(recipe.seed).fork('order'));
  await beforehand(options, step, source, evaluate);
  const state = await fit({
    engine,
    optimizer,
    step,
    source: source(),
    steps: recipe.steps,
    learningRate: learningRateOf(only(SCHEDULE_RULES, recipe)),
    evaluate: async () => (await evaluate('valid'))[task.metric],
    evaluateEvery: recipe.evaluateEvery,
    patience: recipe.patience,
    others: [model.generator],
    resume: best.started,
    signal,
    onProgress,
    onPoint,
    onReopened,
    onDeviceLoss: recipe.onDeviceLoss,
    beforeStep: options.beforeStep,
    onSave: savingTo(options.onSave, engine, { model, optimizer, carried }, best),
  });
  const measures = allMeasures({ engine, task, model, signal }, evaluate);
  const measure = () => measuring(options, best, model, measures);
  const [valid, test] = await surviving(engine, recipe.onDeviceLoss, measure);
  const how = { stepsPerSecond: state.step / state.seconds, scaling: await scalingOf(engine, optimizer) };
  return { model, state, parameters: model.size, valid, test, ...how };
}

async function scalingOf(engine: Engine, optimizer: Optimizer): Promise<Scaling | undefined> {
  const by = lossScaleOf(optimizer);
  if (!by) return undefined;
  const [[skipped], [scale]] = await Promise.all([engine.read(optimizer.skips), engine.read(by.scale)]);
  return { skipped, scale };
}

/** Initial values that satisfy the constraints. */
async function projected({ engine, ahead }: RunOptions, optimizer: Optimizer): Promise<void> {
  const project = engine.record(() => optimizer.project());
  if (ahead) await project.prepare();
  project();
}

/** What is to be done with the recorded step before its first batch: its kernels are measured, or compiled. */
async function beforehand(
  { tune, ahead, hold, onTuned, signal }: RunOptions,
  step: FitOptions['step'],
  source: () => Source,
  { prepare }: Evaluation,
): Promise<void> {
  if (tune) {
    await tuneStep(step, ...source().next());
    onTuned?.();
  }
  try {
    if (ahead) await compileStep(step, source().next(), () => signal?.aborted ?? false);
    await hold?.(prepare);
  } catch (error) {
    step.destroy();
    throw error;
  }
}

/** The measures of the best parameters, which the model has from then on. */
async function measuring(
  { engine }: RunOptions,
  { chosen }: BestParameters,
  model: TrainedModel,
  measures: (split: Split) => Promise<Measures>,
): Promise<readonly [valid: Measures, test: Measures]> {
  if (chosen) loadCheckpoint(engine, chosen, 'the best checkpoint', { model });
  return [await measures('valid'), await measures('test')];
}

/** What `fit` calls when a run is to be kept: hands on all of it, and the best parameters where they are new. */
function savingTo(
  keep: RunOptions['onSave'],
  engine: Engine,
  { model, optimizer, carried }: Pick<Program, 'model' | 'carried'> & { readonly optimizer: Optimizer },
  best: BestParameters,
): NonNullable<FitOptions['onSave']> {
  return async (progress, improved) => {
    best.note(improved ? await saveCheckpoint(engine, { model, progress }) : null, progress);
    const last = await saveCheckpoint(engine, { model, optimizer, carried, progress, ...best.kept });
    await keep?.(last, best.unsaved(improved));
  };
}

/** Puts in the weights that a recipe names, which are to be read by who runs it. */
function startFrom(engine: Engine, model: Module, { init }: Recipe, initial?: Stored): void {
  if (initial) putWeights(engine, initial, model, init ?? 'the weights to start from');
  else if (init !== undefined) fail(`run: the weights of ${init} were not read.`, { fix: 'leave init out.' });
}

/** An engine stores all that it computes in one precision. */
function refuseOtherPrecision({ traits }: Engine, { precision = 'f32' }: Recipe): void {
  const has = traits.half ? 'f16' : 'f32';
  if (has === precision) return;
  fail(`run: precision ${precision} was asked for, and the engine was opened for ${has}.`, {
    fix: precision === 'f16' ? 'give half(engine).' : 'give one that half was not asked of.',
  });
}

/** Whether a parameter has two axes or more, as PyTorch has it. */
const isMatrix = (parameter: Parameter): boolean => torchShape(parameter).length > 1;

/** The optimizer of all parameters of the model. */
function makeOptimizer(model: Module, recipe: Recipe): Optimizer {
  const { learningRate, clipNorm, weightDecay, decays, momentum, nesterov, betas } = recipe;
  const constraints = constraintsOf(model, recipe);
  const options = {
    learningRate,
    clipNorm,
    constraints,
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(decays === 'matrices' && { decays: isMatrix }),
  };
  if (recipe.optimizer === 'sgd') return new SGD(model.parameters(), { ...options, momentum, nesterov });
  if (recipe.optimizer === 'rmsprop') return new RMSprop(model.parameters(), { ...options, momentum });
  return new (recipe.optimizer === 'adam' ? Adam : AdamW)(model.parameters(), { ...options, betas });
}

/**
 * The constraints that keep a recipe's model stable; none of one that is free. The recurrent layers are the field of
 * their name, of the model or of a part of it.
 */
export function constraintsOf(
  model: Module,
  { model: name, stable: lambda, bounds }: Pick<Recipe, 'model' | 'stable' | 'bounds'>,
): Constraint[] {
  if (lambda === undefined) return [];
  const layer = partCalled(name, model)!;
  return stable(layer, { lambda, bounds: bounds && PUBLISHED_BOUNDS[bounds] });
}

function partCalled(name: string, model: Module): Module | undefined {
  const parts = Object.entries(model).filter(
    (field): field is [string, Module] => field[1] instanceof Module,
  );
  const own = parts.find(([field]) => field === name)?.[1];
  return own ?? parts.map(([, part]) => partCalled(name, part)).find((found) => found);
}
