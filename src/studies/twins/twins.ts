// Study `twins`: a recurrent model and its k-step truncation, trained side by side from the same start on the same
// batches. How far their weights come apart (Miller & Hardt 2019, proposition 4).

import { check } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { truncate } from '../../lab/truncate';
import { seed as seedParameters } from '../../nn/init';
import { SequenceModel } from '../../nn/sequenceModel';
import { SGD } from '../../optim/sgd';
import { Random } from '../../random';
import { asked } from '../../tasks/sequence';
import { constraintsOf } from '../../runs/run';
import type { Cell, Context, Study } from '../../runs/study';
import { POINTS, cells, type TwinsResult, type TwinsSettings } from './twinsCells';
import { shareOf, twinsFindings } from './twinsFindings';
import { isSequenceTask } from '../truncatedTask';

/** The first T steps of every sequence. */
const cropped = (batch: readonly HostArray[], T: number): HostArray[] =>
  batch.map(({ shape: [B, long, ...rest], data }) => {
    const width = rest.reduce((product, extent) => product * extent, 1);
    const kept = Math.min(T, long);
    const cut = data.slice(0, B * kept * width);
    for (let b = 0; b < B; b++) {
      const from = b * long * width;
      cut.set(data.subarray(from, from + kept * width), b * kept * width);
    }
    return { shape: [B, kept, ...rest], data: cut } as HostArray;
  });

async function run({ settings }: Cell<TwinsSettings>, context: Context): Promise<TwinsResult> {
  const { lambda, ks, T, steps, learningRate, clipNorm, seed } = settings;
  const task = await context.task(settings);
  check(isSequenceTask(task), `study twins: ${task.name} is no task of sequences`, 'give e.g. jsb');
  const engine = await context.engine();
  const { inputs, outputs, prior } = task;
  const twins = [Infinity, ...ks].map((k) => {
    seedParameters(seed);
    const { hidden, gain } = settings;
    const model = new SequenceModel(inputs, outputs, { model: 'rnn', hidden, levels: 1, gain, prior }, seed);
    const constraints = constraintsOf(model, { model: 'rnn', stable: lambda });
    const optimizer = new SGD(model.parameters(), { learningRate, clipNorm, constraints });
    const answer = k === Infinity ? model : truncate(model, k);
    if (lambda !== undefined) engine.record(() => optimizer.project())();
    const step = engine.train((...[x, ...rest]: Tensor[]) =>
      optimizer.minimize(task.loss(asked(task, answer.forward(x)), ...rest)),
    );
    return { step, weights: optimizer.flat };
  });
  const read = async (weights: State) => (await engine.read(weights)) as Float32Array;
  const source = task.source(new Random(seed).fork('order'));
  const every = Math.max(1, Math.round(steps / POINTS));
  const at: number[] = [0];
  const travelled: number[] = [0];
  const apart: number[][] = ks.map(() => [0]);
  const start = await read(twins[0].weights);
  for (let step = 1; step <= steps; step++) {
    const batch = cropped(source.next(), T);
    const losses = twins.map((twin) => twin.step(...batch));
    const loss = await losses[0].item();
    for (const other of losses.slice(1)) await other.item();
    context.progress(step / steps, `loss ${loss.toPrecision(4)}`);
    if (step % every && step !== steps) continue;
    const [recurrent, ...cut] = await Promise.all(twins.map(({ weights }) => read(weights)));
    at.push(step);
    travelled.push(distance(recurrent, start));
    cut.forEach((weights, i) => apart[i].push(distance(recurrent, weights)));
  }
  return { at, travelled, apart };
}

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

/** The study of a model and its truncation, trained side by side. */
export const twins: Study<TwinsSettings, TwinsResult> = {
  name: 'twins',
  title: 'Recurrent and truncated twins',
  claim:
    'trained from the same start, a stable recurrent model and its truncation stay close, exponentially in k',
  source: 'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369), proposition 4 and its figure',
  tasks: () => ['jsb'],
  cells,
  run,
  words: (result) =>
    `${result.apart.map((_, i) => shareOf(result, i).toPrecision(2)).join(', ')} of the way apart`,
  findings: twinsFindings,
};
