// The lines that `print` asked for, written in their order when the steps have run.

import type { Printed } from '../../graph/tape';
import type { Reading } from '../replay/reading';

/** Lines for the console, in the order of the runs that they tell of. */
export class Lines {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly log: (line: string) => void) {}

  /**
   * Writes the lines that are due at one of the runs from the one behind `before` to `last`, counted from 1. `readings`
   * are of the summaries, as run `last` left them.
   */
  write(prints: readonly Printed[], readings: readonly Reading[], before: number, last: number): void {
    prints.forEach(({ name, every, tell }, i) => {
      // Due are runs 1, every + 1, 2 · every + 1 …
      if (Math.ceil(before / every) === Math.ceil(last / every)) return;
      const text = readings[i].read().then(tell, String);
      this.last = this.last.then(async () => this.log(`${name}  run ${last}  ${await text}`));
    });
  }

  /** Resolves when all lines so far have been written. */
  settle(): Promise<void> {
    return this.last;
  }
}
