// Study `lags`: how far back a trained recurrent model reaches. The gradient of the loss with respect to earlier states
// and the sensitivity of the output to earlier inputs, by lag, before, during and after training; and how much of a
// difference between two states one step keeps, on the data.

import type { Engine } from '../../gpu/engine';
import type { HostArray } from '../../graph/host';
import { gradientByLag, sensitivityByLag } from '../../lab/byLag';
import { contractionOnData } from '../../lab/contraction';
import { singularValues } from '../../lab/matrix';
import { readWeights } from '../../lab/weights';
import { seed as seedParameters } from '../../nn/init';
import { binaryCrossEntropy } from '../../ops/loss/binaryCrossEntropy';
import { SGD } from '../../optim/sgd';
import { constraintsOf, run, type Recipe } from '../../runs/run';
import { ofOneSequence, type Task, type TaskModel } from '../../tasks/task';
import { loadCheckpoint } from '../../train/checkpoint';
import { lagsFindings } from './lagsFindings';
import { LAMBDA, MODELS, SIZES, idOf, type LagsResult, type Moment, type LagsSettings } from './lagsCells';
import type { Cell, Context, Setup, Study } from '../../runs/study';
import { recipeOf, type Training } from '../../runs/training';

function cells({ budget, seed }: Setup): Cell<LagsSettings>[] {
  const { hidden, epochs, lags, pieces } = SIZES[budget];
  return MODELS.flatMap((model) =>
    [false, true].map((stable) => {
      const training: Training = {
        task: 'jsb',
        batch: 8,
        model,
        levels: 1,
        hidden,
        epochs,
        seed,
        gain: 4,
        dropout: 0.3,
        inputDropout: 0.05,
        clipNorm: 0.4,
        optimizer: 'adam',
        schedule: 'linear',
        ...(model === 'lstm' ? { learningRate: 2e-2, forgetBias: 1 } : { learningRate: 5e-3 }),
        ...(stable ? { stable: LAMBDA } : {}),
      };
      return { id: idOf(model, stable), settings: { training, lags, pieces } };
    }),
  );
}

/** Positions at which gradients are measured, in every piece. */
const PLACES = 16;

/** The beginnings of the first pieces that are long enough, and what is to be predicted. */
function probe(task: Task, { lags, pieces }: LagsSettings): { x: HostArray; targets: HostArray } {
  const T = lags + PLACES;
  const picked: { x: Float32Array; targets: Float32Array }[] = [];
  let width = 0;
  for (const [x, targets, weights] of task.batches('test')) {
    const [B, long] = x.shape;
    width = x.shape[2];
    for (let b = 0; b < B && picked.length < pieces; b++) {
      // Behind its end a piece is padded with steps that weigh nothing.
      if (long < T || !weights.data[b * long + T - 1]) continue;
      const piece = ({ data }: HostArray) =>
        Float32Array.from(data.subarray(b * long * width, (b * long + T) * width));
      picked.push({ x: piece(x), targets: piece(targets) });
    }
  }
  const joined = (name: 'x' | 'targets'): HostArray => {
    const data = new Float32Array(picked.length * T * width);
    picked.forEach((piece, i) => data.set(piece[name], i * T * width));
    return { shape: [picked.length, T, width], data };
  };
  return { x: joined('x'), targets: joined('targets') };
}

/** Everything that is measured at a moment. It may be done again and again while the model is trained. */
function instruments(engine: Engine, model: TaskModel, lags: number) {
  const gradients = gradientByLag(engine, model, {
    loss: (y, targets) => binaryCrossEntropy(y, targets),
    lags,
  });
  const sensitivities = sensitivityByLag(engine, model, { lags, probes: 4 });
  const contractions = contractionOnData(engine, model);
  return async (step: number, x: HostArray, targets: HostArray): Promise<Moment> => {
    const { median, p99, worst } = (await contractions(x)).visited;
    const { layers } = await readWeights(engine, model);
    return {
      step,
      gradient: await gradients(x, targets),
      sensitivity: await sensitivities(x),
      contraction: { median, p99, worst },
      singular: singularValues(layers[0].recurrent),
    };
  };
}

/** What a model that is kept stable begins with. */
function projectOnce(engine: Engine, model: TaskModel, recipe: Recipe): void {
  const constraints = constraintsOf(model, recipe);
  const optimizer = new SGD(model.parameters(), { learningRate: 1, constraints });
  engine.record(() => optimizer.project())();
  optimizer.destroy();
}

async function runCell({ settings }: Cell<LagsSettings>, context: Context): Promise<LagsResult> {
  const { training, lags } = settings;
  const task = await context.task(training);
  const engine = await context.engine();
  const full = recipeOf(training, task);
  const recipe = { ...full, evaluateEvery: Math.ceil(full.steps / 4) };
  seedParameters(recipe.seed);
  const model = ofOneSequence(task.program(recipe).model);
  if (training.stable !== undefined) projectOnce(engine, model, recipe);
  const measure = instruments(engine, model, lags);
  const { x, targets } = probe(task, settings);
  const moments = [await measure(0, x, targets)];
  const { state, test } = await run({
    engine,
    task,
    recipe,
    onProgress: ({ step }, loss) => context.progress(step / recipe.steps, `loss ${loss.toPrecision(4)}`),
    async onSave(last) {
      loadCheckpoint(engine, last, 'the run', { model });
      moments.push(await measure(Math.min(recipe.steps, moments.length * recipe.evaluateEvery), x, targets));
    },
  });
  const value = test[task.metric];
  return { test: Number.isFinite(value) && state.step ? value : null, moments };
}

/** The study of how far back a trained model reaches. */
export const lags: Study<LagsSettings, LagsResult> = {
  name: 'lags',
  title: 'How far back a recurrent model reaches',
  claim:
    'gradients and sensitivities fall fast with the lag, before and after training, with the projection or without',
  source: 'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369), section 5',
  tasks: () => ['jsb'],
  cells,
  run: runCell,
  words: ({ test }) => `test ${test?.toPrecision(4) ?? 'diverged'}`,
  findings: lagsFindings,
};
