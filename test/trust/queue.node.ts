// `npm run trust -- queue kills 50`: a search over a queue, and kill -9 at that many random moments.
// `npm run trust -- queue crowd 100000`: what a coordinator of a thousand workers needs for that many trials.
// `npm run trust -- queue pace 400 2`: two workers beside two processes without a queue, in turns, by trials of so many steps.
// `npm run trust -- queue winner 90`: what one process, two workers and four workers find, by last rungs of so many steps.

import type { ChildProcess } from 'node:child_process';
import { Random } from '../../src/random';
import { queueRuns, type QueueRuns } from '../harness/queueRuns';
import { expected, searchOf } from '../harness/queueSearch';
import { ended, killed, lacking, startRedis, type Server } from '../harness/queueServers';
import { pace, winner } from './queuePace.node';

/** Prints what came of it; the exit code is 1 where something was lost. */
export async function queueMain([what = 'kills', count, ...more]: readonly string[]): Promise<void> {
  if (lacking.redis) throw new Error(lacking.redis);
  if (what === 'pace') return pace(Number(count ?? 400), Number(more[0] ?? 2));
  if (what === 'winner') return winner(Number(count ?? 90));
  const [server, runs] = await Promise.all([startRedis(), queueRuns()]);
  try {
    await (what === 'crowd' ? crowd : kills)(
      server,
      runs,
      Number(count ?? (what === 'crowd' ? 100_000 : 50)),
    );
  } finally {
    await server.stop();
    runs.remove();
  }
}

async function kills(server: Server, runs: QueueRuns, count: number): Promise<void> {
  // As long as the kills take, and a bit: about two seconds for each.
  const words = [server.url, 27, 54, 40 + 10 * count] as const;
  const random = new Random(runs.seed);
  const workers = [1, 2].map(() => runs.start('worker', server.url, 1));
  let coordinator = runs.start('coordinator', ...words);
  const killedOf = { worker: 0, coordinator: 0, server: 0 };
  await runs.until(() => runs.steps().size > 0);
  for (let i = 0; i < count && !ended(coordinator); i++) {
    await new Promise((next) => setTimeout(next, 500 + random.integer(2500)));
    const victim = (['worker', 'worker', 'coordinator', 'server'] as const)[random.integer(4)];
    killedOf[victim]++;
    if (victim === 'server') await server.crash();
    else if (victim === 'worker') {
      const at = random.integer(2);
      await killed(workers[at]);
      workers[at] = runs.start('worker', server.url, 1);
    } else {
      await killed(coordinator);
      coordinator = runs.start('coordinator', ...words);
    }
  }
  await runs.until(() => ended(coordinator), 600);
  await runs.end(...workers);
  report(runs, expected(searchOf(27, 54, words[3])), coordinator, killedOf);
}

function report(
  runs: QueueRuns,
  wanted: ReadonlyMap<string, number>,
  coordinator: ChildProcess,
  victims: Readonly<Record<string, number>>,
): void {
  const lines = runs.lines();
  const found = new Map(lines.map(({ cell, result }) => [cell, (result as { valid: number }).valid]));
  const lost = [...wanted.keys()].filter((cell) => !found.has(cell));
  const wrong = [...found].filter(([cell, value]) => wanted.get(cell) !== value);
  const again = [...runs.steps().values()].reduce((sum, times) => sum + times - 1, 0);
  console.log(`killed: ${JSON.stringify(victims)}`);
  console.log(
    `trials: ${wanted.size}, lost ${lost.length}, twice ${lines.length - found.size}, other ${wrong.length}`,
  );
  console.log(`steps: ${runs.steps().size}, made again ${again}`);
  if (runs.said(coordinator)) console.log(runs.said(coordinator));
  if (lost.length || wrong.length || lines.length !== found.size) process.exitCode = 1;
}

const WORKERS = 1000;
const TRIAL_MS = 1000;

async function crowd(server: Server, runs: QueueRuns, count: number): Promise<void> {
  // Two thirds of all cells are in the first rung.
  const coordinator = runs.start('coordinator', server.url, Math.round((2 * count) / 3), 1, 1);
  const crowds = [1, 2].map(() => runs.start('crowd', server.url, WORKERS / 2, TRIAL_MS));
  let told = 0;
  await runs.until(() => {
    const usage = runs.usage();
    if (usage.length > told) console.log(JSON.stringify(usage.at(-1)));
    told = usage.length;
    return ended(coordinator);
  }, 3000);
  await Promise.all(crowds.map((one) => killed(one)));
  const usage = runs.usage();
  const seconds = usage.reduce((sum, one) => sum + one.seconds, 0);
  const share = usage.reduce((sum, one) => sum + one.share * one.seconds, 0) / seconds;
  const most = Math.max(...usage.map(({ rss }) => rss));
  console.log(
    `${usage.at(-1)!.done} trials in ${seconds.toFixed(0)} s: ${(100 * share).toFixed(0)} % of one core`,
  );
  console.log(`memory: ${usage[0].rss.toFixed(0)} MB at first, ${most.toFixed(0)} MB at most`);
}
