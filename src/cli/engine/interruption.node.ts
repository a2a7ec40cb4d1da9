// How the program is ended from outside: by a signal, or because its output leads nowhere any more. What can end by
// itself is asked to, behind the step under way, and saves it; anything else is ended when the device has come to rest:
// while it still computes, Dawn crashes on the way out.

import { closeEngines, engineIsOpen } from './adapter.node';

/** The reason that work which was asked to end throws. */
export class Stopped extends Error {
  override name = 'Stopped';

  constructor(
    message: string,
    /** What the program ends with: 128 and the number of the signal, as a shell has it. */
    readonly code: number,
  ) {
    super(message);
  }
}

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** The exit code of a program that SIGPIPE ends. */
const NOBODY_READS = 141;

/** A terminal signals all that it started, and npx hands on what it gets: what comes so soon is the same wish. */
const SAME_WISH_MS = 1000;

const controller = new AbortController();
/** How much is under way that ends by itself. */
let stoppable = 0;

/** Does what ends by itself when the signal is aborted, by throwing its reason. */
export async function whileStoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  controller.signal.throwIfAborted();
  stoppable++;
  try {
    return await work(controller.signal);
  } finally {
    stoppable--;
  }
}

/** Whether the program is on its way out. */
export const isEnding = (): boolean => controller.signal.aborted;

/** Why the program ends: a Stopped; undefined while it does not. */
export const ending = (): unknown => controller.signal.reason;

/** The code of a program that has kept what it had: 0, or that of what ends it. */
export const codeNow = (): number => {
  const reason = ending();
  return reason instanceof Stopped ? reason.code : 0;
};

/** Hears signals and what becomes of the output, for as long as the program runs. */
export function hearInterruptions(): void {
  let first = Infinity;
  for (const [signal, code] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, number][]) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - first > SAME_WISH_MS) endAtOnce(signal);
      first = Math.min(first, now);
      if (!isEnding()) end(new Stopped(`interrupted by ${signal}`, code));
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isEnding()) return;
    // `seqgpu help | head` closes the pipe: nobody reads on, and where nothing is under way that is no failure.
    if (error.code !== 'EPIPE') end(new Stopped(`the output cannot be written: ${error.message}`, 1));
    else if (stoppable || engineIsOpen()) end(new Stopped('nobody reads the output any more', NOBODY_READS));
    else process.exit(0);
  });
  // Where even this cannot be told.
  process.stderr.on('error', () => {});
}

function end(reason: Stopped): void {
  controller.abort(reason);
  if (stoppable) console.error(`\n${reason.message}: ending behind the step under way; Ctrl-C ends at once.`);
  else void closeEngines().then(() => process.exit(reason.code));
}

/** As the system ends a program that hears no signals: no destructor runs beside a device that computes. */
function endAtOnce(signal: NodeJS.Signals): void {
  // Folders are given back, the terminal is put right.
  process.emit('exit', SIGNALS[signal as keyof typeof SIGNALS]);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
