// One run in a worker: what `npx seqgpu train` does, with a gate before every step, and a look at the model now and
// then.

import type { Engine } from '../../../src/gpu/engine';
import { makeTask, train, type Outcome } from '../../../src/runs/outcome';
import type { CurvePoint as Kept } from '../../../src/train/fit';
import type { Program, Task } from '../../../src/tasks/task';
import { Gate, Looks } from './gate';
import { lookCalled } from './looks/index';
import type { Look } from './looks/look';
import type { Answer, CurvePoint, LookWish, Order, Progress } from './messages';
import { commandOf, ready } from './plan';

type Train = Extract<Order, { do: 'train' }>;

/** A run, as far as a page can change it. */
export interface Job {
  /** Hears what the page says while it runs. */
  hear(order: Order): void;
  readonly done: Promise<void>;
}

/** Begins a run; `tell` hears of it. */
export function beginJob(opening: Promise<Engine>, order: Train, tell: (answer: Answer) => void): Job {
  let look: Look | undefined;
  let step = 0;
  let controls: LookWish['controls'] = order.look?.controls ?? {};
  const looks = new Looks(async () => {
    if (look) tell({ at: 'picture', picture: await look(step, controls) });
  });
  const gate = new Gate(order.paused ?? false, looks);
  const hear = (said: Order): void => {
    if (said.do === 'pause' || said.do === 'go' || said.do === 'step') gate[said.do]();
    if (said.do !== 'look') return;
    ({ controls } = said);
    if (ended) void looks.now();
    else gate.ask();
  };
  let ended = false;
  const run = async () => {
    const engine = await opening;
    const { settings, data } = await ready(order.wish);
    const { task, program } = watched(makeTask(settings, data?.content));
    const curve = new Curve(settings.steps, tell);
    const outcome = await train({
      ...{ engine, settings, task },
      onPoint: curve.add,
      onProgress: (state, loss) => {
        ({ step } = state);
        curve.tell(state.step, loss, state.step / state.seconds);
      },
      beforeStep(next) {
        step = next - 1;
        if (step === 0 && !look) {
          const made = program();
          if (order.look) look = lookCalled(order.look.name)({ engine, task, program: made, settings, data });
          const { metric, anchors } = task;
          const command = commandOf(settings, data?.facts, order.wish);
          const begun = { command, metric, anchors, parameters: made.model.size, steps: settings.steps };
          tell({ at: 'begun', begun: { ...begun, heading: task.name } });
        }
        return gate.before();
      },
    });
    ended = true;
    curve.tell(outcome.steps, outcome.losses.at(-1)?.value ?? NaN, outcome.stepsPerSecond);
    step = outcome.steps;
    await looks.now();
    tell({ at: 'ended', ended: inShort(outcome) });
  };
  return { hear, done: run() };
}

/** The task, and the program that a run makes of it. */
function watched(task: Task): { task: Task; program: () => Program } {
  let made: Program | undefined;
  const program = (...given: Parameters<Task['program']>) => (made = task.program(...given));
  return { task: { ...task, program }, program: () => made! };
}

/** Gathers the points of a curve, and tells them with the progress. */
class Curve {
  private points: CurvePoint[] = [];

  constructor(
    private readonly steps: number,
    private readonly say: (answer: Answer) => void,
  ) {}

  readonly add = (point: Kept): void => {
    const { step } = point;
    this.points.push('loss' in point ? { step, loss: point.loss } : { step, validation: point.validation });
  };

  tell(step: number, loss: number, stepsPerSecond: number): void {
    const progress: Progress = { step, steps: this.steps, loss, stepsPerSecond };
    this.say({ at: 'progress', progress, points: this.points });
    this.points = [];
  }
}

const inShort = ({ steps, metric, valid, test }: Outcome) => ({
  ...{ step: steps, metric, measures: test },
  ...{ valid: valid[metric], test: test[metric] },
});
