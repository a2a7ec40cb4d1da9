// How far a study is: in a terminal one line that changes, elsewhere a line now and then; and a line for every
// finished cell.

import { count } from '../report/text.node';

export interface StudyProgress {
  /** A cell begins, after `done` of `all`. */
  begin(cell: string, done: number, all: number): void;
  /** From 0 to 1 of the cell. */
  update(share: number, words?: string): void;
  /** The cell is finished, with this to say. */
  end(words: string): void;
  say(words: string): void;
  stop(): void;
}

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;
const BAR = 20;

export function makeStudyProgress(title: string, quiet: boolean): StudyProgress {
  if (quiet) return { begin() {}, update() {}, end() {}, say() {}, stop() {} };
  const { stdout } = process;
  let [name, done, all, next] = ['', 0, 1, 0];
  const clear = () => stdout.isTTY && stdout.write('\r\x1b[2K');
  const say = (words: string) => {
    clear();
    console.log(`${title}: ${words}`);
  };
  const update = (share: number, words = '') => {
    const line = `${name} ${count(100 * share)} %${words ? `, ${words}` : ''}`;
    if (stdout.isTTY) {
      const filled = Math.floor((BAR * (done + share)) / all);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
      const text = `${title} ${bar} ${done}/${all}  ${line}`;
      stdout.write(`\r\x1b[2K${text.slice(0, (stdout.columns || 80) - 1)}`);
    } else if (performance.now() >= next) {
      next = performance.now() + LINE_MS;
      say(`${done}/${all}, ${line}`);
    }
  };
  return {
    begin(cell, finished, total) {
      [name, done, all] = [cell, finished, total];
      next = performance.now() + LINE_MS;
      if (stdout.isTTY) update(0);
    },
    update,
    end: (words) => say(`${done + 1}/${all} ${name}: ${words}`),
    say,
    stop: clear,
  };
}
