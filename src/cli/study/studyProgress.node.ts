// How far a study is, on a line that changes; and a line for every finished cell.

import { count, duration } from '../../report/text.node';
import type { StudyProgress } from '../../runs/studyRun.node';
import { adapterLine } from '../engine/adapter.node';
import { changingLine } from './changingLine.node';

/** Shows how far a study is, on standard output; where `quiet`, only the adapter. */
export function makeStudyProgress(title: string, quiet: boolean): StudyProgress {
  const adapter: StudyProgress['adapter'] = async (engine) => console.log(await adapterLine(engine));
  if (quiet) return { adapter, before() {}, begin() {}, update() {}, end() {}, stop() {} };
  const line = changingLine(title);
  let [name, done, all] = ['', 0, 1];
  const now = (share: number, words = ''): [number, string] => [
    (done + share) / all,
    `${done}/${all}, ${name} ${count(100 * share)} %${words ? `, ${words}` : ''}`,
  ];
  return {
    adapter,
    before: (finished) => line.say(`${finished} finished before`),
    begin(cell, finished, total) {
      [name, done, all] = [cell, finished, total];
      line.begin(...now(0));
    },
    update: (share, words) => line.show(...now(share, words)),
    end: (seconds, words) =>
      line.say(`${done + 1}/${all} ${name}: ${words ? `${words}, ` : ''}${duration(seconds)}`),
    stop: line.clear,
  };
}
