// How far a run of the bench is, on standard error.

import { count } from '../../report/text.node';

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;

/** One line that changes, in a terminal; a line now and then anywhere else. Both on standard error. */
export function makeProgress() {
  const { stderr } = process;
  let next = performance.now() + LINE_MS;
  return {
    update(what: string, done: number, all: number): void {
      const line = `${count((done / all) * 100)} %  ${what}`;
      if (stderr.isTTY) stderr.write(`\r\x1b[2K${line}`);
      else if (performance.now() >= next) stderr.write(`${line}\n`);
      else return;
      next = performance.now() + LINE_MS;
    },
    stop(): void {
      if (stderr.isTTY) stderr.write('\r\x1b[2K');
    },
  };
}
