// How far a study is whose cells are run elsewhere: in a terminal one line that changes, elsewhere a line now and then;
// and a line for every finished cell, with where it was made.

import type { CoordinatorState } from '../../queue/coordinator.node';
import { count, duration } from '../../report/text.node';
import type { AnyStudy } from '../../runs/study';
import type { Line } from '../../runs/trials';
import { changingLine } from './changingLine.node';

/** What is told while workers run. */
export interface QueueProgress {
  before(finished: number): void;
  begin(where: string): void;
  update(state: CoordinatorState): void;
  end(line: Line, done: number, all: number): void;
  stop(): void;
}

/** Shows how far workers are, on standard output; where `quiet`, nothing. */
export function makeQueueProgress(study: AnyStudy, quiet: boolean): QueueProgress {
  if (quiet) return { before() {}, begin() {}, update() {}, end() {}, stop() {} };
  let troubled = false;
  const { say, show, clear } = changingLine(study.name);
  return {
    before: (finished) => say(`${finished} finished before`),
    begin: (where) => say(`on ${where}; run \`npx seqgpu worker --queue ${where}\` wherever there is a GPU`),
    update(state) {
      if (state.trouble && !troubled) say(`the queue cannot be reached (${state.trouble}); waiting for it`);
      troubled = Boolean(state.trouble);
      const under = state.progress.reduce((sum, { share }) => sum + share, 0);
      show((state.done + under) / state.all, `${state.done}/${state.all}, ${stateText(state)}`);
    },
    end: (line, done, all) => say(finishedWords(study, line, done, all)),
    stop: clear,
  };
}

/** A finished cell in words: what came of it, how long it took, and where. */
export function finishedWords(study: AnyStudy, line: Line, done: number, all: number): string {
  const { cell, result, seconds, host = 'this machine', adapter } = line;
  const words = study.words?.(result);
  const where = `on ${host}, ${adapter.split(' — ')[0]}`;
  return `${done}/${all} ${cell}: ${words ? `${words}, ` : ''}${duration(seconds)}, ${where}`;
}

function stateText({ waiting, active, paused, progress }: CoordinatorState): string {
  const some = progress.map(({ share, host }) => `${count(100 * share)} % on ${host}`);
  const parts = [paused ? 'paused' : '', `${active} under way`, `${waiting} waiting`, ...some];
  return parts.filter(Boolean).join(', ');
}
