// What scenes are made of: the frame with its claim, the buttons of a run, its numbers, and the command line that gives
// the same numbers.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { nonsenseOfPlace } from './place';
import { adapter, noAdapter } from './trainer';
import type { How, State, Trainer } from './trainer';

interface FrameProps {
  readonly title: string;
  /** The claim, in one sentence. */
  readonly claim: ComponentChildren;
  readonly nonsense?: readonly string[];
  readonly children: ComponentChildren;
}

/** A scene: its claim, and what shows it. */
export function Frame({ title, claim, nonsense = [], children }: FrameProps) {
  return (
    <article>
      <h1>{title}</h1>
      <p class="claim">{claim}</p>
      {[...nonsenseOfPlace(), ...nonsense].map((text) => (
        <p key={text} class="note wrong" role="alert">
          {text}
        </p>
      ))}
      {children}
    </article>
  );
}

interface RunProps {
  readonly trainers: readonly Trainer[];
  /** Begins all of them, or makes them ready. */
  start(how: How): void;
  readonly disabled?: boolean;
}

/** The state that buttons speak of: that of the first run that is still on its way. */
const stateOf = (trainers: readonly Trainer[]): State =>
  (trainers.find(({ active }) => active.value) ?? trainers[0]).state.value;

/** Settings that nobody has changed for so long are taken to be those of the next run. */
const SETTLED_MS = 400;

/** Start, pause, one step, stop. */
export function RunBar({ trainers, start, disabled }: RunProps) {
  const state = stateOf(trainers);
  const active = trainers.some((one) => one.active.value);
  const all = (what: 'pause' | 'go' | 'step') => () =>
    trainers.forEach((one) => one.active.value && one[what]());
  const none = disabled || noAdapter.value !== '';
  const busy = active && state !== 'paused';
  useWakeLock(busy);
  // Not beside the first look at the adapter, which measures it; and not for what is still being set.
  const waits = adapter.value && !active && !none;
  useEffect(() => {
    if (!waits) return;
    const settled = setTimeout(() => start('ahead'), SETTLED_MS);
    return () => clearTimeout(settled);
  });
  const notices = trainers.map((one) => one.notice.value).filter(Boolean);
  return (
    <div class="run">
      {/* One button, so that a keyboard stays on it. */}
      <button
        class="main"
        disabled={!active && none}
        onClick={active ? all(busy ? 'pause' : 'go') : () => start('go')}
      >
        {busy ? 'Pause' : active ? 'Go on' : state === 'ended' ? 'Start again' : 'Start'}
      </button>
      <button disabled={none || busy} onClick={active ? all('step') : () => startStep(trainers, start)}>
        One step
      </button>
      <button disabled={!active} onClick={() => trainers.forEach((one) => one.stop())}>
        Stop
      </button>
      <Status {...{ trainers, state }} />
      {notices.map((text) => (
        <p key={text} class="note" role="status">
          {text}
        </p>
      ))}
    </div>
  );
}

function startStep(trainers: readonly Trainer[], start: RunProps['start']): void {
  start('paused');
  for (const one of trainers) one.step();
}

const WORDS: Readonly<Record<State, string>> = {
  idle: '',
  opening: 'compiling …',
  running: 'training',
  paused: 'paused',
  ended: 'done',
  failed: '',
};

function Status({ trainers, state }: { readonly trainers: readonly Trainer[]; readonly state: State }) {
  const failure = trainers.map((one) => one.failure.value).find(Boolean);
  return (
    <span class={failure ? 'status wrong' : 'status'} role="status">
      {failure ?? WORDS[state]}
    </span>
  );
}

/** The screen stays on while something is trained. */
function useWakeLock(busy: boolean): void {
  useEffect(() => {
    if (!busy || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    // A battery that is low, or a tab behind others, is refused: the run does not depend on it.
    navigator.wakeLock.request('screen').then(
      (given) => (over ? void given.release() : (lock = given)),
      () => {},
    );
    return () => {
      over = true;
      void lock?.release();
    };
  }, [busy]);
}

/** A number as people read it. */
export const number = (value: number | undefined, digits = 4): string =>
  value === undefined || Number.isNaN(value) ? '–' : String(Number(value.toPrecision(digits)));

interface NumbersProps {
  readonly runs: readonly { readonly name: string; readonly trainer: Trainer; readonly colour?: string }[];
}

/** How far runs are, a row each; at their ends what the command line gives. */
export function Numbers({ runs }: NumbersProps) {
  const metric = runs.map(({ trainer }) => trainer.begun.value?.metric).find(Boolean);
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="Numbers">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">model</th>
            <th scope="col">parameters</th>
            <th scope="col">step</th>
            <th scope="col">loss</th>
            <th scope="col">steps/s</th>
            <th scope="col">{metric ? `test, ${metric}` : 'test'}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ name, trainer, colour }) => (
            <Row key={name} {...{ name, trainer, colour }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ name, trainer, colour }: NumbersProps['runs'][number]) {
  const { progress, begun, ended } = trainer;
  const now = progress.value;
  return (
    <tr>
      <th scope="row">
        {colour && <i class={`mark ${colour}`} />}
        {name}
      </th>
      <td>{begun.value?.parameters.toLocaleString('en') ?? '–'}</td>
      <td>{now ? `${now.step} / ${now.steps}` : '–'}</td>
      <td>{number(now?.loss)}</td>
      <td>{number(now?.stepsPerSecond, 3)}</td>
      <td class="result">{number(ended.value?.test, 6)}</td>
    </tr>
  );
}

/** Command lines that give the same numbers in a terminal. */
export function Commands({ lines }: { readonly lines: readonly (string | undefined)[] }) {
  const known = lines.filter((line): line is string => Boolean(line));
  if (!known.length) return null;
  return (
    <details class="commands">
      <summary>The same numbers in a terminal</summary>
      {known.map((line) => (
        <Command key={line} line={line} />
      ))}
    </details>
  );
}

/** A command line, to be copied. */
export function Command({ line }: { readonly line: string }) {
  const copied = useSignal('Copy');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      copied.value = 'Copied';
    } catch {
      copied.value = 'Not allowed';
    }
    setTimeout(() => (copied.value = 'Copy'), 1500);
  };
  return (
    <div class="command">
      <code tabIndex={0}>{line}</code>
      <button onClick={() => void copy()}>{copied}</button>
    </div>
  );
}

/** The colours of curves, in the order in which they are given. */
export const COLOURS = ['blue', 'orange', 'green', 'pink'] as const;
