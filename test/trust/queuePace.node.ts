// The built program over a queue beside the same without one: how fast, and whether it finds the same.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeLines } from '../../src/files/lines.node';
import type { Line } from '../../src/runs/trials';
import { startRedis } from '../harness/queueServers';
import { finish, start } from './program.node';

// On a busy machine what is measured of an adapter may be in doubt, and other kernels have other last bits.
const FAMILY = '--family direct';
const SEARCH = `search copy --model lstm --quiet ${FAMILY}`;

/** Runs `use` with a folder and so many workers of a server of its own. */
async function withWorkers<T>(
  count: number,
  use: (folder: string, queue: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-pace-'));
  const server = await startRedis();
  const queue = ['--queue', server.url];
  const workers = Array.from({ length: count }, () =>
    start(['worker', ...queue, '--checkpoints', 'kept', ...FAMILY.split(' ')], folder),
  );
  try {
    // They say so when they have reached it.
    await Promise.all(workers.map(({ ready }) => ready));
    return await use(folder, queue);
  } finally {
    workers.forEach(({ kill }) => kill());
    await Promise.all(workers.map(({ ended }) => ended));
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** Four trials by two workers, and two each by two processes, in turns: the ratio of the times. */
export async function pace(steps: number, turns: number): Promise<void> {
  // One rung: all trials are as long.
  const words = `${SEARCH} --scheduler asha --grace-period ${steps} --steps ${steps} --hidden 32`.split(' ');
  const [there, here]: number[][] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    await withWorkers(2, async (folder, queue) => {
      there.push(
        await seconds(() => finish([...words, '--trials', '4', '--out', 'there', ...queue], folder)),
      );
    });
    await withWorkers(0, async (folder) => {
      const both = () =>
        Promise.all(['a', 'b'].map((out) => finish([...words, '--trials', '2', '--out', out], folder)));
      here.push(await seconds(both));
    });
    console.log(`two workers ${there.at(-1)!.toFixed(1)} s, two processes ${here.at(-1)!.toFixed(1)} s`);
  }
  const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);
  console.log(`throughput of two workers beside two processes: ${(sum(here) / sum(there)).toFixed(3)}`);
}

/** What every cell of a folder came to, whoever computed it and when. */
const cellsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    [...wholeLines(join(folder, 'results.jsonl'))].map((text) => {
      const { cell, settings, result } = JSON.parse(text) as Line;
      return [cell, JSON.stringify([settings, result])];
    }),
  );

/** Whether two and four workers find what one process finds, bit for bit. */
export async function winner(steps: number): Promise<void> {
  const words = `${SEARCH} --steps ${steps} --json --out found`.split(' ');
  const found = async (workers: number) =>
    withWorkers(workers, async (folder, queue) => {
      const { out } = await finish([...words, ...(workers ? queue : [])], folder);
      const { best } = JSON.parse(out.trim().split('\n').at(-1)!) as { best: unknown };
      return { best: JSON.stringify(best), cells: cellsOf(join(folder, 'found')) };
    });
  const here = await found(0);
  console.log(`one process: ${here.best}`);
  for (const workers of [2, 4]) {
    const { best, cells } = await found(workers);
    const others = [...here.cells].filter(([cell, result]) => cells.get(cell) !== result);
    const same = best === here.best && !others.length && cells.size === here.cells.size;
    console.log(`${workers} workers: ${same ? 'the same winner, every trial with the same number' : best}`);
    for (const [cell, result] of others) console.log(`${cell}: ${result} here, ${cells.get(cell)} there`);
    if (!same) process.exitCode = 1;
  }
}
