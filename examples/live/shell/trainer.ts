// A run as the page sees it: a worker that trains, and signals of how far it is. To stop is to end the worker, with its
// device and all its memory.

import { computed, signal } from '@preact/signals';
import type {
  Adapter,
  Answer,
  Begun,
  Card,
  CurvePoint,
  Ended,
  Keep,
  KeptRun,
  LookWish,
  Order,
  Plan,
} from '../work/messages';
import type { Progress, TaskCard, Wish } from '../work/messages';
import type { Picture } from '../work/pictures';

/** A worker, typed. */
export class Desk {
  private readonly worker = new Worker(new URL('../work/worker.ts', import.meta.url), { type: 'module' });

  constructor(hear: (answer: Answer) => void) {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
    this.worker.onerror = (event) =>
      hear({ at: 'failed', message: event.message || 'The worker did not load: load the page again.' });
  }

  tell(order: Order): void {
    this.worker.postMessage(order);
  }

  end(): void {
    this.worker.terminate();
  }
}

/** Where a run stands. */
export type State = 'idle' | 'opening' | 'running' | 'paused' | 'ended' | 'failed';

/** How a run is begun: at once, held before its first step, or not at all yet, but made ready. */
export type How = 'go' | 'paused' | 'ahead';

/** Points of a curve, by their kind, in the order of their steps. */
export interface Curve {
  readonly loss: { readonly steps: number[]; readonly values: number[] };
  readonly validation: { readonly steps: number[]; readonly values: number[] };
}

const noCurve = (): Curve => ({ loss: { steps: [], values: [] }, validation: { steps: [], values: [] } });

/** A run that can be started, paused, stepped and stopped, again and again. */
export class Trainer {
  readonly state = signal<State>('idle');
  readonly progress = signal<Progress | null>(null);
  readonly begun = signal<Begun | null>(null);
  readonly curve = signal<Curve>(noCurve());
  readonly picture = signal<Picture | null>(null);
  readonly ended = signal<Ended | null>(null);
  readonly failure = signal('');
  /** What happened to the GPU. */
  readonly notice = signal('');
  /** The step up to which the run is kept in this browser; or why it is not. */
  readonly kept = signal<number | string | null>(null);
  /** The weights that were asked for last. */
  readonly exported = signal<{ readonly name: string; readonly bytes: ArrayBuffer } | null>(null);
  readonly active = computed(() => ['opening', 'running', 'paused'].includes(this.state.value));
  private desk: Desk | null = null;
  /** A worker for the next run, in which that is made ready. */
  private ready: Desk | null = null;
  /** What the run of `desk` is. */
  private wished = '';

  /** Begins anew, or goes on with a run that is kept. What is made ready changes nothing of the run that was. */
  start(wish: Wish, look: LookWish | undefined, how: How, keep?: Keep): void {
    const wished = JSON.stringify(wish);
    if (how === 'ahead' && this.desk && wished === this.wished) return;
    const next = (this.ready ??= new Desk((answer) => this.hear(answer)));
    if (how === 'ahead') return next.tell({ do: 'ahead', wish, look });
    this.ready = null;
    this.stop();
    this.desk = next;
    this.wished = wished;
    const paused = how === 'paused';
    this.state.value = paused ? 'paused' : 'opening';
    next.tell({ do: 'train', wish, look, paused, keep });
  }

  /** Asks for the weights as they are: see `exported`. */
  export(): void {
    this.desk?.tell({ do: 'export' });
  }

  pause(): void {
    this.say('pause');
  }

  go(): void {
    this.say('go');
  }

  /** One step, and waits. */
  step(): void {
    this.say('step');
  }

  /** Looks with other controls at the model as it is. */
  look(controls: LookWish['controls']): void {
    this.desk?.tell({ do: 'look', controls });
  }

  /** Ends the run, and forgets it. */
  stop(): void {
    this.desk?.end();
    this.ready?.end();
    this.desk = this.ready = null;
    this.state.value = 'idle';
    this.progress.value = this.begun.value = this.ended.value = null;
    this.kept.value = this.exported.value = null;
    this.curve.value = noCurve();
    this.failure.value = this.notice.value = '';
  }

  private say(what: 'pause' | 'go' | 'step'): void {
    this.desk?.tell({ do: what });
    if (this.active.value) this.state.value = what === 'go' ? 'running' : 'paused';
  }

  private hear(answer: Answer): void {
    if (answer.at === 'begun') {
      this.begun.value = answer.begun;
      if (answer.begun.points.length) this.curve.value = grown(noCurve(), answer.begun.points);
      if (this.state.value === 'opening') this.state.value = 'running';
    } else if (answer.at === 'progress') {
      this.progress.value = answer.progress;
      if (answer.points.length) this.curve.value = grown(this.curve.value, answer.points);
    } else if (answer.at === 'picture') this.picture.value = answer.picture;
    else if (answer.at === 'ended') {
      this.ended.value = answer.ended;
      this.state.value = 'ended';
    } else if (answer.at === 'failed') {
      this.failure.value = answer.message;
      this.state.value = 'failed';
    } else if (answer.at === 'lost') this.notice.value = answer.message;
    else if (answer.at === 'kept') this.kept.value = answer.what;
    else if (answer.at === 'exported') this.exported.value = answer;
  }
}

function grown({ loss, validation }: Curve, points: readonly CurvePoint[]): Curve {
  for (const point of points) {
    const curve = point.loss === undefined ? validation : loss;
    curve.steps.push(point.step);
    curve.values.push((point.loss ?? point.validation)!);
  }
  return { loss, validation };
}

/** The two tables, when the first worker has told them. */
export const tables = signal<{ tasks: readonly TaskCard[]; models: readonly Card[] } | null>(null);
/** The adapter, when it was found. */
export const adapter = signal<Adapter | null>(null);
/** Why there is none. */
export const noAdapter = signal('');
/** Runs that this browser keeps, the newest first, when they were asked for. */
export const keptRuns = signal<readonly KeptRun[]>([]);

const waiting = new Map<number, (plan: Plan) => void>();
let planned = 0;
const desk = new Desk((answer) => {
  if (answer.at === 'tables') tables.value = answer;
  else if (answer.at === 'adapter') adapter.value = answer.adapter;
  else if (answer.at === 'failed') noAdapter.value = answer.message;
  else if (answer.at === 'runs') keptRuns.value = answer.runs;
  else if (answer.at === 'planned') {
    waiting.get(answer.id)?.(answer.plan);
    waiting.delete(answer.id);
  }
});
if ('gpu' in navigator) desk.tell({ do: 'introduce' });
else noAdapter.value = 'navigator.gpu is missing.';

/** Asks which runs are kept. */
export const askRuns = (): void => desk.tell({ do: 'runs' });
/** Removes a run that is kept. */
export const forgetRun = (id: string): void => desk.tell({ do: 'forget', id });

/** What a wish becomes. */
export function planOf(wish: Wish): Promise<Plan> {
  const id = ++planned;
  desk.tell({ do: 'plan', id, wish });
  return new Promise((resolve) => waiting.set(id, resolve));
}
