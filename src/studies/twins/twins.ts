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
import type { Figure } from '../../report/figure';
import type { Budget, Cell, Context, Findings, Plan, Results, Row, Study } from '../../runs/study';
import { isSequenceTask } from '../truncatedTask';

interface Settings {
  readonly task: string;
  readonly batch: number;
  readonly hidden: number;
  /** No bound unless given. */
  readonly lambda?: number;
  readonly ks: readonly number[];
  /** Steps of a sequence that are used. */
  readonly T: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly clipNorm: number;
  /** Times the initial input weights: most inputs are zero. */
  readonly gain: number;
  readonly seed: number;
}

interface Measured {
  readonly at: readonly number[];
  /** ‖w_recurrent − w_0‖ at each of `at`. */
  readonly travelled: readonly number[];
  /** ‖w_recurrent − w_truncated‖ for each k at each of `at`. */
  readonly apart: readonly (readonly number[])[];
}

const LAMBDAS = [0.5, 0.75, 0.9, 0.99, undefined];
const SIZES: Record<Budget, Pick<Settings, 'hidden' | 'ks' | 'T' | 'steps'>> = {
  small: { hidden: 32, ks: [1, 2, 5, 10, 20], T: 48, steps: 60 },
  medium: { hidden: 64, ks: [1, 2, 5, 10, 20, 35], T: 64, steps: 400 },
  full: { hidden: 256, ks: [1, 2, 5, 10, 20, 35, 50], T: 128, steps: 2000 },
};
const POINTS = 20;

const nameOf = (lambda: number | undefined): string =>
  lambda === undefined ? 'unconstrained' : `λ = ${lambda}`;
const idOf = (lambda: number | undefined): string => `rnn/${lambda ?? 'unconstrained'}`;

function cells({ budget, seed }: Plan): Cell<Settings>[] {
  const common = { task: 'jsb', batch: 8, learningRate: 0.5, clipNorm: 1, gain: 4 };
  return LAMBDAS.map((lambda) => {
    const settings = { ...common, ...SIZES[budget], lambda, seed };
    return { id: idOf(lambda), settings };
  });
}

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

async function run({ settings }: Cell<Settings>, context: Context): Promise<Measured> {
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

const last = (values: readonly number[]): number => values[values.length - 1];

function findings(plan: Plan, results: Results<Measured>): Findings {
  const { ks, steps, hidden, T } = SIZES[plan.budget];
  const of = (lambda: number | undefined) => results.get(idOf(lambda))!;
  const share = (lambda: number | undefined, i: number) =>
    last(of(lambda).apart[i]) / last(of(lambda).travelled);
  const rows = LAMBDAS.flatMap((lambda) =>
    ks.map((k, i): Row => ({
      ...{ model: 'rnn', task: 'jsb', setting: `${nameOf(lambda)}, k = ${k}`, published: null },
      ...{ metric: `‖w − w_k‖ / ‖w − w_0‖ after ${steps} steps`, ours: share(lambda, i) },
    })),
  );
  const shade = (i: number, count: number) => (count > 1 ? i / (count - 1) : 0);
  const byK: Figure = {
    kind: 'plot',
    title: 'How far the twins end apart',
    caption: `After ${steps} steps, as a share of the way that the recurrent one has gone.`,
    x: { name: 'k, inputs that the truncated twin sees' },
    y: { name: '‖w − w_k‖ / ‖w − w_0‖', scale: 'log' },
    series: LAMBDAS.map((lambda, i) => ({
      name: nameOf(lambda),
      points: ks.map((k, j) => [k, share(lambda, j)] as const),
      shade: shade(i, LAMBDAS.length),
    })),
  };
  const courses = [0.5, 0.99, undefined].map((lambda): Figure => ({
    kind: 'plot',
    title: `During training, ${nameOf(lambda)}`,
    x: { name: 'training step' },
    y: { name: '‖w − w_k‖', scale: 'log' },
    series: ks.map((k, i) => {
      const { at, apart } = of(lambda);
      const points = at.map((step, j) => [step, apart[i][j]] as const).filter(([, value]) => value > 0);
      return { name: `k = ${k}`, points, shade: shade(i, ks.length) };
    }),
  }));
  const percent = (value: number) => `${Number((100 * value).toPrecision(2))} %`;
  const [first, end] = [0, ks.length - 1];
  const told = LAMBDAS.map(
    (lambda) => `${nameOf(lambda)}: ${percent(share(lambda, first))} to ${percent(share(lambda, end))}`,
  );
  return {
    remark: `From k = ${ks[first]} to k = ${ks[end]} the twins end apart by this share of the way: ${told.join('; ')}.`,
    rows,
    figures: [byK, ...courses],
    notes: [
      `A tanh RNN of ${hidden} units on the first ${T} steps of the JSB Chorales; all see the same batches.`,
      'Stochastic gradient descent with a constant rate; the published bound is for a rate that falls as 1/t.',
    ],
  };
}

export const twins: Study<Settings, Measured> = {
  name: 'twins',
  title: 'Recurrent and truncated twins',
  claim:
    'trained from the same start, a stable recurrent model and its truncation stay close, exponentially in k',
  source: 'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369), proposition 4 and its figure',
  tasks: () => ['jsb'],
  cells,
  run,
  words: ({ travelled, apart }) =>
    `${apart.map((one) => (last(one) / last(travelled)).toPrecision(2)).join(', ')} of the way apart`,
  findings,
};
