// How far a run is: a bar in a terminal, a line now and then anywhere else.

import { SingleBar } from 'cli-progress';
import type { FitState } from '../../train/fit';
import { count, duration, significant } from '../../report/text.node';

/** Shows how far a run is. */
export interface Progress {
  update(state: FitState, loss: number, tokens: number): void;
  stop(): void;
}

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;

/** A bar in a terminal, else a line every ten seconds, on standard output; where `quiet`, nothing. */
export function makeProgress(title: string, steps: number, quiet: boolean): Progress {
  if (quiet) return { update() {}, stop() {} };
  return process.stdout.isTTY ? bar(title, steps) : lines(title, steps);
}

function bar(title: string, steps: number): Progress {
  const format = `${title} {bar} {value}/{total} {words}`;
  // Signals are main.ts's business.
  const options = { format, stream: process.stdout, barsize: 20, gracefulExit: false, etaBuffer: 50 };
  const shown = new SingleBar({
    ...options,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: false,
    stopOnComplete: false,
  });
  const rate = speed();
  // The bar turns line wrapping off: an interrupted terminal must get it back.
  const stop = () => {
    process.off('exit', stop);
    shown.stop();
  };
  process.once('exit', stop);
  shown.start(steps, 0, { words: 'compiling the kernels ...' });
  return {
    update: (state, loss, tokens) =>
      shown.update(state.step, { words: words(state, loss, steps, rate(state.step, tokens)) }),
    stop,
  };
}

function lines(title: string, steps: number): Progress {
  const rate = speed();
  let next = 0;
  return {
    update(state, loss, tokens) {
      const speeds = rate(state.step, tokens);
      if (performance.now() < next && state.step < steps) return;
      next = performance.now() + LINE_MS;
      console.log(`${title}: step ${state.step}/${steps}, ${words(state, loss, steps, speeds)}`);
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

function words({ step, evaluations }: FitState, loss: number, steps: number, speeds: Speed | null): string {
  const parts = [`loss ${significant(loss)}`];
  const last = evaluations.at(-1);
  if (last) parts.push(`validation ${significant(last.value)}`);
  if (speeds && speeds.steps > 0) {
    parts.push(`${significant(speeds.steps, 3)} steps/s`, `${count(speeds.tokens)} tokens/s`);
    parts.push(`${duration((steps - step) / speeds.steps)} left`);
  }
  return parts.join(', ');
}
