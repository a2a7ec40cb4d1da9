// One run in a worker: what `npx seqgpu train` does, with a gate before every step, a look at the model now and then, and
// a place in this browser where it is kept. It may be made ready before anybody starts it.

import type { Engine } from '../../../src/gpu/engine';
import { keepStates } from '../../../src/gpu/reopen';
import { makeTask, train, type Outcome } from '../../../src/runs/outcome';
import type { Settings } from '../../../src/runs/settings';
import { TABLES, taskCalled } from '../../../src/runs/tables';
import { kebabCase } from '../../../src/spec/option';
import type { Program, Task } from '../../../src/tasks/task';
import { saveCheckpoint } from '../../../src/train/saveCheckpoint';
import { Beginning } from './beginning';
import { Curve, pointsOf } from './curve';
import { filesRead } from './files';
import { Gate, Keeping, Looks } from './gate';
import { KeptPlace, type Continued } from './kept';
import { lookCalled } from './looks/index';
import type { Look } from './looks/look';
import { onAnyDevice, watchDevice } from './loss';
import type { Answer, Keep, LookWish, Order } from './messages';
import { commandOf, headingOf, ready, wordsOf, type Ready } from './plan';
import { READY } from './ready';
import { weightsFile } from './weights';

type Train = Extract<Order, { do: 'train' }>;
/** What a run is, whether or not it is started. */
type Wished = Pick<Train, 'wish' | 'look'>;

/** A run, as far as a page can change it. */
export interface Job {
  /** Has it take its first step, or go on from where it was kept. Before that nothing is told of it. */
  start(order: Train): void;
  /** Hears what the page says while it runs. */
  hear(order: Order): void;
  /** Gives up what was not started: `done` fails. */
  cancel(): void;
  readonly done: Promise<void>;
}

/** Makes all ready for the first step of a run; `tell` hears of it once it is started. */
export const makeJob = (opening: Promise<Engine>, wished: Wished, tell: (answer: Answer) => void): Job =>
  new Run(opening, wished, tell);

/** What a run is made of, when its worker has all of it. */
interface Stage extends Ready {
  readonly engine: Engine;
  readonly task: Task;
  readonly before?: Continued;
  program(): Program;
}

class Run implements Job {
  readonly done: Promise<void>;
  private stage?: Stage;
  private place?: KeptPlace;
  private look?: Look;
  /** From its start on. */
  private gate!: Gate;
  private controls: LookWish['controls'] = {};
  private step = 0;
  private begun = false;
  private ended = false;
  private readonly looks = new Looks(() => this.see());
  private readonly beginning = new Beginning<Train>();

  constructor(
    opening: Promise<Engine>,
    private readonly wished: Wished,
    private readonly tell: (answer: Answer) => void,
  ) {
    this.done = this.run(opening);
  }

  start(order: Train): void {
    this.controls = order.look?.controls ?? {};
    this.gate = new Gate(order.paused ?? false, this.looks, order.keep && new Keeping());
    this.beginning.start(order);
  }

  cancel(): void {
    this.beginning.cancel();
  }

  hear(said: Order): void {
    if (said.do === 'pause' || said.do === 'go' || said.do === 'step') this.gate[said.do]();
    else if (said.do === 'export') this.between(() => this.handOut());
    else if (said.do === 'look') {
      this.controls = said.controls;
      // While it runs, the newest controls alone count.
      if (this.ended || this.gate.waits) this.between(() => this.looks.now());
      else this.looks.ask();
    }
  }

  /** Does something that changes nothing of the run: between two steps, or behind its end. */
  private between(task: () => Promise<void>): void {
    const { engine } = this.stage ?? {};
    const done = this.ended ? onAnyDevice(engine!, this.tell, task) : this.gate.between(task);
    done?.catch((error: unknown) => {
      // A run that waits opens its device again when it goes on.
      if (!engine?.isLost) this.tell({ at: 'failed', message: wordsOf(error) });
    });
  }

  private async run(opening: Promise<Engine>): Promise<void> {
    const { tell } = this;
    const engine = await opening;
    const stage = (this.stage = await this.prepare(engine));
    this.beginning.signal.throwIfAborted();
    const curve = new Curve(stage.settings.steps, tell);
    const outcome = await this.train(stage, curve);
    // What is looked at and handed out behind the end are the best parameters, on another device too.
    await keepStates(engine);
    this.begin();
    this.ended = true;
    this.step = outcome.steps;
    curve.tell(outcome.steps, outcome.losses.at(-1)?.value ?? NaN, outcome.stepsPerSecond);
    await onAnyDevice(engine, tell, () => this.looks.now());
    tell({ at: 'ended', ended: inShort(outcome) });
    this.gate.left().forEach((task) => this.between(task));
  }

  private train({ engine, settings, task, initial, before }: Stage, curve: Curve): Promise<Outcome> {
    const { tell } = this;
    const { signal } = this.beginning;
    return train({
      ...{ engine, settings, task, initial, resume: before?.resume, ahead: true, signal },
      hold: (more) => this.hold(more),
      onPoint: curve.add,
      onProgress: (state, loss) => {
        this.step = state.step;
        curve.tell(state.step, loss, state.step / state.seconds);
        this.looks.begin();
      },
      onSave: (last, best) => this.keep((place) => place.save(last, best)),
      onReopened: ({ message }, step) => {
        const [what] = message.split('\n');
        tell({ at: 'lost', message: `${what} It is open again; the run goes on from step ${step}.` });
        watchDevice(engine, tell);
      },
      beforeStep: (next, save) => {
        this.step = next - 1;
        this.begin();
        return this.gate.before(save);
      },
    });
  }

  private async prepare(engine: Engine): Promise<Stage> {
    const { wish } = this.wished;
    const { settings: wished, data, initial } = await ready(wish);
    // What goes on is started when it is made.
    const keep = this.beginning.order?.keep;
    if (keep?.resume) this.place = await KeptPlace.take(keep);
    const before = await this.place?.load(wish, data?.facts);
    const settings = before?.settings ?? wished;
    const { task, program } = watched(makeTask(settings, data?.content));
    return { engine, settings, data, initial, before, task, program };
  }

  /** Before the first step: waits until somebody starts it, and compiles meanwhile what it needs later. */
  private async hold(more: () => Promise<void>): Promise<void> {
    const { keep } = await this.beginning.wait(async () => {
      await more();
      performance.mark(READY);
    });
    if (keep && !keep.resume) await this.keepNew(keep, this.stage!.settings);
  }

  private async keepNew(keep: Keep, settings: Settings): Promise<void> {
    try {
      this.place = await KeptPlace.take(keep);
      const { wish } = this.wished;
      const files = filesRead(wish.files, taskCalled(wish.task, TABLES));
      await this.place.begin({ ...wish, files }, settings, headingOf(settings));
    } catch (error) {
      this.lose(error);
    }
  }

  /** Does something with the place of the run, which is none where that fails: the run goes on without. */
  private async keep(work: (place: KeptPlace) => Promise<number>): Promise<void> {
    if (!this.place) return;
    try {
      this.tell({ at: 'kept', what: await work(this.place) });
    } catch (error) {
      this.lose(error);
    }
  }

  private lose(error: unknown): void {
    this.place = undefined;
    this.tell({ at: 'kept', what: wordsOf(error) });
  }

  /** Tells what the run is, once its model is there. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    const { engine, settings, data, task, program, before } = this.stage!;
    const made = program();
    const { look, wish } = this.wished;
    if (look) this.look = lookCalled(look.name)({ engine, task, program: made, settings, data });
    const { metric, anchors } = task;
    const heading = headingOf(settings);
    const command = commandOf(settings, data?.facts, wish);
    const texts = Object.entries<unknown>(settings).map(([name, value]) => [kebabCase(name), String(value)]);
    const points = before ? pointsOf(before.state) : [];
    const what = { command, heading, metric, anchors, points, settings: Object.fromEntries(texts) };
    this.tell({ at: 'begun', begun: { ...what, parameters: made.model.size, steps: settings.steps } });
    if (!before) return;
    const { step, losses, seconds } = before.state;
    const progress = { step, steps: settings.steps, loss: losses.at(-1)?.value ?? NaN };
    this.tell({ at: 'progress', progress: { ...progress, stepsPerSecond: step / seconds }, points: [] });
  }

  private async see(): Promise<void> {
    const { look, step, controls } = this;
    if (look) this.tell({ at: 'picture', picture: await look(step, controls) });
  }

  /** The weights as they are, for the page to save. */
  private async handOut(): Promise<void> {
    const { engine, settings, data, program } = this.stage!;
    const weights = await saveCheckpoint(engine, { model: program().model });
    const bytes = await weightsFile(weights, settings, data?.content).arrayBuffer();
    const { task, model, seed } = settings;
    this.tell({ at: 'exported', name: `${task}-${model}-s${seed}-${this.step}.safetensors`, bytes });
  }
}

/** The task, and the program that a run makes of it. */
function watched(task: Task): { task: Task; program: () => Program } {
  let made: Program | undefined;
  const program = (...given: Parameters<Task['program']>) => (made = task.program(...given));
  return { task: { ...task, program }, program: () => made! };
}

const inShort = ({ steps, metric, valid, test }: Outcome) => ({
  ...{ step: steps, metric, measures: test },
  ...{ valid: valid[metric], test: test[metric] },
});
