// How far runs are: a bar each in a terminal, a line now and then anywhere else.

import { MultiBar } from 'cli-progress';
import type { FitState } from '../../train/fit';
import { count, duration, measure, significant } from '../../report/text.node';
import { lossInMetric } from './lossInMetric';

/** What is told of a training's state. */
type Reached = Pick<FitState, 'step' | 'evaluations'>;

/** Shows how far a run is. */
export interface Progress {
  update(state: Reached, loss: number, tokens: number): void;
  stop(): void;
}

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;

/** What is shown of a run: its name, its length, and the measure of its validation. */
export interface Shown {
  readonly title: string;
  readonly steps: number;
  readonly metric: string;
}

/** A bar in a terminal, else a line every ten seconds, on standard output; where `quiet`, nothing. */
export function makeProgress(run: Shown, quiet: boolean): Progress {
  const all = new Progresses(quiet);
  const { update, stop } = all.of(run);
  return {
    update,
    stop() {
      stop();
      all.stop();
    },
  };
}

/** The same of runs that go on at once: in a terminal each has a bar of its own, one below the other. */
export class Progresses {
  private readonly bars: MultiBar | null;

  constructor(private readonly quiet: boolean) {
    this.bars = quiet || !process.stdout.isTTY ? null : barsOf(process.stdout);
    // The bars turn line wrapping off: an interrupted terminal must get it back.
    if (this.bars) process.once('exit', this.stop);
  }

  /** That of one run, which begins. */
  of(run: Shown): Progress {
    if (this.quiet) return { update() {}, stop() {} };
    if (!this.bars) return lines(run);
    const shown = this.bars.create(run.steps, 0, { title: run.title, words: 'compiling the kernels ...' });
    const rate = speed();
    return {
      update: (state, loss, tokens) =>
        shown.update(state.step, { words: words(state, loss, run, rate(state.step, tokens)) }),
      stop: () => shown.stop(),
    };
  }

  /** Ends what is still shown. */
  readonly stop = (): void => {
    process.off('exit', this.stop);
    this.bars?.stop();
  };
}

const barsOf = (stream: NodeJS.WriteStream): MultiBar =>
  new MultiBar({
    format: '{title} {bar} {value}/{total} {words}',
    stream,
    barsize: 20,
    etaBuffer: 50,
    // Signals are main.ts's business.
    gracefulExit: false,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: false,
    stopOnComplete: false,
  });

function lines(run: Shown): Progress {
  const { title, steps } = run;
  const rate = speed();
  let next = 0;
  return {
    update(state, loss, tokens) {
      const speeds = rate(state.step, tokens);
      if (performance.now() < next && state.step < steps) return;
      next = performance.now() + LINE_MS;
      console.log(`${title}: step ${state.step}/${steps}, ${words(state, loss, run, speeds)}`);
    },
    stop() {},
  };
}

/** Seconds before a speed says anything. */
const SETTLED = 0.5;

interface Speed {
  readonly steps: number;
  readonly tokens: number;
}

/** Steps and tokens per second since the first call, which comes after the kernels were compiled. */
function speed(): (step: number, tokens: number) => Speed | null {
  let first: { step: number; tokens: number; at: number } | null = null;
  return (step, tokens) => {
    const at = performance.now();
    if (!first) {
      first = { step, tokens, at };
      return null;
    }
    const seconds = (at - first.at) / 1000;
    if (seconds < SETTLED) return null;
    return { steps: (step - first.step) / seconds, tokens: (tokens - first.tokens) / seconds };
  };
}

function words(
  { step, evaluations }: Reached,
  loss: number,
  { steps, metric }: Shown,
  speeds: Speed | null,
): string {
  const parts = [trainingText(loss, metric)];
  const last = evaluations.at(-1);
  const other = lossInMetric(metric) ? '' : `${metric} `;
  if (last) parts.push(`validation ${other}${measure(metric, last.value)}`);
  if (speeds && speeds.steps > 0) {
    parts.push(`${significant(speeds.steps, 3)} steps/s`, `${count(speeds.tokens)} tokens/s`);
    parts.push(`${duration((steps - step) / speeds.steps)} left`);
  }
  return parts.join(', ');
}

/** The loss of training in the measure of validation, where it can be told in that: the two are compared. */
function trainingText(loss: number, metric: string): string {
  const value = lossInMetric(metric)?.(loss) ?? loss;
  return `${value === loss ? 'loss' : metric} ${significant(value)}`;
}
