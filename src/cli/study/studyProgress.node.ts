// How far a study is: in a terminal one line that changes, elsewhere a line now and then; and a line for every
// finished cell.

import { count, duration } from '../../report/text.node';
import type { StudyProgress } from '../../runs/studyRun.node';
import { adapterLine } from '../engine/adapter.node';

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;
const BAR = 20;

/** Shows how far a study is, on standard output; where `quiet`, only the adapter. */
export function makeStudyProgress(title: string, quiet: boolean): StudyProgress {
  const adapter: StudyProgress['adapter'] = async (engine) => console.log(await adapterLine(engine));
  if (quiet) return { adapter, before() {}, begin() {}, update() {}, end() {}, stop() {} };
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
    adapter,
    before: (finished) => say(`${finished} finished before`),
    begin(cell, finished, total) {
      [name, done, all] = [cell, finished, total];
      next = performance.now() + LINE_MS;
      if (stdout.isTTY) update(0);
    },
    update,
    end: (seconds, words) =>
      say(`${done + 1}/${all} ${name}: ${words ? `${words}, ` : ''}${duration(seconds)}`),
    stop: clear,
  };
}
