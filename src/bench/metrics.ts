// Metrics that are no times: what the host costs, and ratios of two times that only mean something together. Both
// sides of a ratio are measured in turns. Of every metric less is better.

import type { Engine } from '../gpu/engine';
import { profileStep, timeStep } from '../gpu/look/profile';
import type { Plan } from '../plan/plan';
import type { Built, Case } from './case';
import { ADAM } from './cases/adam';
import { lstmStep, ONE_SEQUENCE, tcnStep } from './cases/models';
import { inTurns } from './cases/overhead';
import { probes } from './ceiling';

/** Something that is measured and is no time of a step. */
export interface Metric {
  readonly name: string;
  /** What is measured, and how much of it is wanted. */
  readonly about: string;
  readonly unit: 'µs' | '×';
  /** Makes ready, and hands on the plan of each side that it is going to run; what it gives takes one sample. */
  prepare(engine: Engine, onPlan?: OnPlan): () => Promise<number>;
}

type OnPlan = (plan: Plan) => void;

/** A step ready to run, whose plan is handed on. */
function built(one: Pick<Case, 'build' | 'inputs'>, engine: Engine, onPlan: OnPlan = () => {}): Built {
  const made = one.build(engine, one.inputs());
  onPlan(made.step.plan(...made.args));
  return made;
}

/** Calls of one sample: the fastest counts, since nothing but the machine can make one slower. */
const CALLS = 20;

const hostPerLaunch: Metric = {
  name: 'host per launch',
  about: 'of a replay: uploads, encoding and submit, by its launches; at most 3.5 µs in Node, 0.6 in Chrome',
  unit: 'µs',
  prepare(engine, onPlan) {
    const { step, args } = built(inTurns, engine, onPlan);
    return async () => {
      let best = Infinity;
      for (let call = 0; call <= CALLS; call++) {
        await engine.idle();
        const start = performance.now();
        step(...args);
        // The first call compiles.
        if (call) best = Math.min(best, performance.now() - start);
      }
      await engine.idle();
      return (best * 1000) / step.plan(...args).dispatches.length;
    };
  },
};

/** What a step takes beyond its kernels one by one and their launches. */
const overKernels = (one: Case): Metric => ({
  name: `${one.name} / kernels`,
  about: 'its time by the sum of its kernels alone and of their launches; at most 1.10',
  unit: '×',
  prepare(engine, onPlan) {
    const { step, args } = built(one, engine, onPlan);
    const dispatch = probes(engine).find(({ name }) => name === 'dispatch')!;
    return async () => {
      const { stepMs, kernelMs } = await profileStep(step, ...args);
      const launchMs = (await timeStep(dispatch.step, LAUNCHES, ...dispatch.args)) / LAUNCHES;
      return stepMs / (kernelMs + step.plan(...args).dispatches.length * launchMs);
    };
  },
});

const LAUNCHES = 1000;

const adamAtOnce: Metric = {
  name: 'Adam / Adam by ops',
  about: 'its launch alone by elementwise ops and copies that do the same; at most 0.333',
  unit: '×',
  prepare(engine, onPlan) {
    const [one, many] = [ADAM.atOnce, ADAM.byOps].map((side) => built(side, engine, onPlan));
    return async () => {
      const atOnce = await profileStep(one.step, ...one.args);
      const byOps = await profileStep(many.step, ...many.args);
      return atOnce.rows.find(({ kernel }) => kernel === 'adam')!.ms / byOps.kernelMs;
    };
  },
};

const responsiveness: Metric = {
  name: 'gated convolutions / LSTM',
  about: 'one sequence, as many weights: published, on a GPU, at equal perplexity: 0.05 to 0.08',
  unit: '×',
  prepare(engine, onPlan) {
    const sides = [ONE_SEQUENCE.gated, ONE_SEQUENCE.lstm].map((side) => built(side, engine, onPlan));
    const time = ({ step, args }: Built) => timeStep(step, TIMES, ...args);
    return async () => (await time(sides[0])) / (await time(sides[1]));
  },
};

const TIMES = 4;

/** All metrics of the library. */
export const METRICS: readonly Metric[] = [
  hostPerLaunch,
  overKernels(lstmStep),
  overKernels(tcnStep),
  adamAtOnce,
  responsiveness,
];
