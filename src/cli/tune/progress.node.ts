// What is being measured: one line that changes in a terminal, a line now and then anywhere else; on standard error.

import { duration } from '../../report/text.node';

/** Says what is under way. */
export interface Teller {
  say(what: string): void;
  /** Takes the line away. */
  stop(): void;
}

/** Between the lines where nobody watches in a terminal. */
const LINE_MS = 10_000;
/** Clears a terminal's line. */
const CLEAR = '\r\x1b[K';

/** A teller that also says how many seconds are left. */
export function makeTeller(left: () => number): Teller {
  const { stderr } = process;
  let next = 0;
  return {
    say(what) {
      const line = `${what}, ${duration(Math.max(0, left()))} left`;
      if (stderr.isTTY) stderr.write(`${CLEAR}${line.slice(0, (stderr.columns || 80) - 1)}`);
      else if (performance.now() >= next) {
        next = performance.now() + LINE_MS;
        console.error(line);
      }
    },
    stop() {
      if (stderr.isTTY) stderr.write(CLEAR);
    },
  };
}
