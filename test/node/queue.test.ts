// Searches over a queue: the same winner as in one process, whoever is killed; servers that may forget are refused.

import { describe, expect, test } from 'vitest';
import { QueueServer, checkQueueUrl, checkRedis, shownUrl } from '../../src/queue/server.node';
import { jobIdOf } from '../../src/queue/coordinator.node';
import { priorityOf } from '../../src/queue/jobs';
import { Random } from '../../src/random';
import { queueRuns, type QueueRuns } from '../harness/queueRuns';
import { expected, searchOf } from '../harness/queueSearch';
import { ended, killed, lacking, startRedis, until, type Server } from '../harness/queueServers';

async function withRedis<T>(
  use: (server: Server, runs: QueueRuns) => Promise<T>,
  settings?: readonly string[],
) {
  const [server, runs] = await Promise.all([startRedis(settings), queueRuns()]);
  try {
    return await use(server, runs);
  } finally {
    await server.stop();
    runs.remove();
  }
}

describe.skipIf(lacking.redis)(`on Redis ${lacking.redis && `(not run: ${lacking.redis})`}`, () => {
  test('kill -9 of a worker, of the coordinator and of the server: nothing is lost, nothing counts twice', async () => {
    await withRedis(async (server, runs) => {
      const search = searchOf(9, 18, 30);
      const words = [server.url, 9, 18, 30] as const;
      const workers = [1, 2].map(() => runs.start('worker', server.url, 1));
      let coordinator = runs.start('coordinator', ...words);
      const random = new Random(Date.now() % 2 ** 30);
      const moment = () => new Promise((next) => setTimeout(next, 300 + random.integer(700)));
      await until(() => runs.steps().size > 2);
      for (const victim of ['worker', 'coordinator', 'server'] as const) {
        await moment();
        if (victim === 'server') await server.crash();
        if (victim === 'coordinator' && !ended(coordinator)) {
          await killed(coordinator);
          coordinator = runs.start('coordinator', ...words);
          await until(() => runs.reached(coordinator));
        }
        if (victim === 'worker') {
          await killed(workers[0]);
          workers[0] = runs.start('worker', server.url, 1);
        }
      }
      await until(() => ended(coordinator), 30);
      expect(runs.said(coordinator)).toBe('');
      const lines = runs.lines();
      const values = lines.map(({ cell, result }) => [cell, (result as { valid: number }).valid] as const);
      expect(lines).toHaveLength(13);
      expect(new Map(values)).toEqual(expected(search));
      // SIGTERM: the worker ends by itself.
      await Promise.all(workers.map((worker) => killed(worker, 'SIGTERM')));
    });
  }, 60_000);

  test('SIGTERM hands the trial back, and another worker goes on from its checkpoint', async () => {
    await withRedis(async (server, runs) => {
      const coordinator = runs.start('coordinator', server.url, 1, 30, 40);
      const first = runs.start('worker', server.url, 600);
      await until(() => runs.steps().size > 5);
      await killed(first, 'SIGTERM');
      const second = runs.start('worker', server.url, 600);
      await until(() => ended(coordinator), 30);
      // Its lock would have been held for ten minutes; no step was made again.
      expect([...runs.steps().values()]).toEqual(Array<number>(30).fill(1));
      expect(runs.lines()).toHaveLength(1);
      await killed(second, 'SIGTERM');
    });
  }, 60_000);

  test('a worker of another version takes nothing, and says so', async () => {
    await withRedis(async (server, runs) => {
      const coordinator = runs.start('coordinator', server.url, 1, 2, 1);
      const other = runs.start('worker', server.url, 30, '9.9.9');
      await until(() => ended(other), 30);
      expect(runs.said(other)).toContain('search is of test, this worker is of 9.9.9');
      expect(other.exitCode).toBe(1);
      const worker = runs.start('worker', server.url, 30);
      await until(() => ended(coordinator), 30);
      expect(runs.lines()).toHaveLength(1);
      await killed(worker, 'SIGTERM');
    });
  }, 60_000);

  test('a server that may forget is refused with the line to change', async () => {
    for (const [settings, line] of [
      [['--appendonly', 'no'], 'fix: write into redis.conf: appendonly yes'],
      [['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru'], 'maxmemory-policy noeviction'],
    ] as const) {
      const server = await startRedis(settings);
      await expect(QueueServer.open(server.url)).rejects.toThrow(line);
      await server.stop();
    }
  }, 60_000);
});

test('a server that is not there is told at once', async () => {
  await expect(QueueServer.open('redis://127.0.0.1:1')).rejects.toThrow(
    /127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
  );
}, 20_000);

test('addresses: no password is shown, and what is no queue is refused', () => {
  expect(shownUrl('redis://me:secret@host:1/2')).toBe('redis://me:…@host:1/2');
  expect(() => checkQueueUrl('http://x')).toThrow(/"http:\/\/x" is no address of a queue[^]*redis:\/\//);
  expect(checkQueueUrl('rediss://h:1')).toBe('rediss://h:1');
});

test('what INFO says: too old a server is refused', () => {
  const info = 'redis_version:6.0.9\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';
  expect(() => checkRedis(info, 'here')).toThrow('is Redis 6.0.9, which is too old');
  expect(() => checkRedis(info.replace('6.0.9', '6.2.0'), 'here')).not.toThrow();
});

test('a job has the name of its trial: of run, cell, settings and rung', () => {
  const cell = { id: 'a', settings: { seed: 1 }, rung: 0 };
  expect(jobIdOf('k', cell)).toBe(jobIdOf('k', { ...cell }));
  const others = [
    { ...cell, rung: 1 },
    { ...cell, id: 'b' },
    { ...cell, settings: { seed: 2 } },
  ];
  expect(new Set([jobIdOf('l', cell), ...[cell, ...others].map((one) => jobIdOf('k', one))]).size).toBe(5);
  expect(priorityOf(1)).toBeLessThan(priorityOf(0));
});
