// Searches over a queue: the same winner as in one process, whoever is killed; servers that may forget are refused.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { gpusOf } from '../../src/cli/worker/worker.node';
import { checkPackages } from '../../src/queue/packages.node';
import { PACKAGES, QueueServer, checkQueueUrl, checkRedis, shownUrl } from '../../src/queue/server.node';
import { jobIdOf } from '../../src/queue/coordinator.node';
import { priorityOf, progressAt } from '../../src/queue/jobs';
import { endsWhileAway } from '../harness/queueLeaving';
import { queueRuns, type QueueRuns } from '../harness/queueRuns';
import { expected, searchOf } from '../harness/queueSearch';
import { REDIS_SAFE, ended, killed, lacking, startRedis, type Server } from '../harness/queueServers';

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
      await runs.until(() => runs.steps().size > 2);
      for (const victim of ['worker', 'coordinator', 'server'] as const) {
        await runs.moment(300, 700);
        if (victim === 'server') await server.crash();
        if (victim === 'coordinator' && !ended(coordinator)) {
          await killed(coordinator);
          coordinator = runs.start('coordinator', ...words);
          await runs.until(() => runs.reached(coordinator));
        }
        if (victim === 'worker') {
          await killed(workers[0]);
          workers[0] = runs.start('worker', server.url, 1);
        }
      }
      await runs.until(() => ended(coordinator));
      expect(runs.said(coordinator)).toBe('');
      const lines = runs.lines();
      const values = lines.map(({ cell, result }) => [cell, (result as { valid: number }).valid] as const);
      expect(lines).toHaveLength(13);
      expect(new Map(values)).toEqual(expected(search));
      // SIGTERM: the worker ends by itself.
      await runs.end(...workers);
    });
  }, 60_000);

  test('SIGTERM hands the trial back, and another worker goes on from its checkpoint', async () => {
    await withRedis(async (server, runs) => {
      const coordinator = runs.start('coordinator', server.url, 1, 30, 40);
      const first = runs.start('worker', server.url, 600);
      await runs.until(() => runs.steps().size > 5);
      await runs.end(first);
      const second = runs.start('worker', server.url, 600);
      await runs.until(() => ended(coordinator));
      // Its lock would have been held for ten minutes; no step was made again.
      expect([...runs.steps().values()]).toEqual(Array<number>(30).fill(1));
      expect(runs.lines()).toHaveLength(1);
      await runs.end(second);
    });
  }, 60_000);

  test('SIGTERM while the server is away: all end by themselves, and workers hand back what they can', async () => {
    await withRedis(endsWhileAway);
  }, 90_000);

  test('a trial that throws, exits or runs out of memory is begun three times; the search goes on without it', async () => {
    await withRedis(async (server, runs) => {
      runs.befall({
        'stub/trial-1/rung-0': 'throws',
        'stub/trial-2/rung-0': 'exits',
        'stub/trial-3/rung-0': 'memory',
      });
      const coordinator = runs.start('coordinator', server.url, 6, 2, 1);
      const workers = [1, 2, 3].map(() => runs.start('worker', server.url, 30));
      await runs.until(() => ended(coordinator));
      expect(runs.said(coordinator)).toBe('');
      const failures = new Map(
        runs.lines().flatMap(({ cell, result }) => {
          const { failed, valid } = result as { failed?: string; valid: number | null };
          return failed === undefined ? [] : [[cell, [valid, failed]] as const];
        }),
      );
      expect(failures.get('stub/trial-1/rung-0')).toEqual([null, expect.stringContaining('no such kernel')]);
      expect(failures.get('stub/trial-2/rung-0')).toEqual([
        null,
        expect.stringContaining('ended with code 3'),
      ]);
      expect(failures.get('stub/trial-3/rung-0')).toEqual([null, expect.stringContaining('memory is full')]);
      for (const [, why] of failures.values()) expect(why).toMatch(/^3 times, the last time on .*:\d+: /);
      expect(failures.size).toBe(3);
      // Two of six go on, of the three that have a number.
      expect(runs.lines()).toHaveLength(9);
      expect(runs.remark()).toMatch(
        /Best of 6 .*3 trials failed and count as the worst: stub\/trial-1\/rung-0/,
      );
      await runs.end(...workers);
    });
  }, 60_000);

  test('a trial that kills every worker that takes it is begun no more, and named when the others are finished', async () => {
    await withRedis(async (server, runs) => {
      runs.befall({ 'stub/trial-0/rung-0': 'poison' });
      // As a study, in which nothing stands for a cell that failed.
      const coordinator = runs.start('coordinator', server.url, 2, 1, 1, 'strict');
      const workers = [1, 2, 3].map(() => runs.start('worker', server.url, 1, 'test', 2));
      await runs.until(() => ended(coordinator));
      expect(coordinator.exitCode).toBe(1);
      expect(runs.said(coordinator)).toMatch(
        /A trial failed; all others are finished\.\n +stub\/trial-0\/rung-0: it ended 2 workers that took it, the last one .*:\d+\n +fix: mend that/,
      );
      expect(workers.filter(ended)).toHaveLength(2);
      expect(runs.lines().map(({ cell }) => cell)).toEqual(['stub/trial-1/rung-0']);
      await runs.end(...workers);
    });
  }, 60_000);

  test('a worker of another version takes nothing, and says so', async () => {
    await withRedis(async (server, runs) => {
      const coordinator = runs.start('coordinator', server.url, 1, 2, 1);
      const other = runs.start('worker', server.url, 30, '9.9.9');
      await runs.until(() => ended(other));
      expect(runs.said(other)).toContain('search is of test, this worker is of 9.9.9');
      expect(other.exitCode).toBe(1);
      const worker = runs.start('worker', server.url, 30);
      await runs.until(() => ended(coordinator));
      expect(runs.lines()).toHaveLength(1);
      await runs.end(worker);
    });
  }, 60_000);

  test('a worker whose adapter cannot do it hands the trial back and says so; another one does it', async () => {
    await withRedis(async (server, runs) => {
      runs.befall({ 'stub/trial-0/rung-0': 'unable' });
      const coordinator = runs.start('coordinator', server.url, 1, 2, 1);
      const unable = runs.start('worker', server.url, 30);
      await runs.until(() => ended(unable));
      expect(runs.said(unable)).toMatch(
        /worker: stub\/trial-0\/rung-0 of search is handed back\. half: there is no shader-f16/,
      );
      expect(unable.exitCode).toBe(1);
      expect(runs.lines()).toEqual([]);
      runs.befall({});
      const worker = runs.start('worker', server.url, 30);
      await runs.until(() => ended(coordinator));
      expect(runs.lines().map(({ result }) => (result as { step: number }).step)).toEqual([2]);
      expect(runs.remark()).not.toContain('failed');
      await runs.end(worker);
    });
  }, 60_000);

  test('a server that refuses the password says so, and nobody reads the password', async () => {
    const server = await startRedis([...REDIS_SAFE, '--requirepass', 'right']);
    try {
      const of = (password: string) => server.url.replace('//', `//:${password}@`);
      await expect(QueueServer.open(of('wrong'))).rejects.toThrow(
        /^--queue: redis:\/\/:…@127[^]*refuses[^]*WRONGPASS[^]*fix: give its user and password/,
      );
      await expect(QueueServer.open(server.url)).rejects.toThrow(/refuses[^]*NOAUTH/);
      await (await QueueServer.open(of('right'))).close();
    } finally {
      await server.stop();
    }
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
  for (const url of ['redis://127.0.0.1:1', 'postgres://me@127.0.0.1:1/mine']) {
    await expect(QueueServer.open(url)).rejects.toThrow(
      /127\.0\.0\.1:1[^ ]* cannot be reached: .*ECONNREFUSED/,
    );
  }
}, 20_000);

test('a package that is not installed is named, with the line that installs it', () => {
  const elsewhere = pathToFileURL(join(tmpdir(), 'nothing.js')).href;
  expect(() => checkPackages('--queue', PACKAGES.redis, elsewhere)).toThrow(
    /--queue needs npm's packages bullmq and ioredis, which .*\n +fix: npm install bullmq ioredis/,
  );
  expect(() => checkPackages('--queue', PACKAGES.postgres, elsewhere)).toThrow('fix: npm install bullmq pg');
  expect(() => checkPackages('--queue', PACKAGES.redis)).not.toThrow();
});

test('--gpus: how many, or for each child a part of the name of its adapter or a variable of the driver', () => {
  expect(gpusOf()).toEqual([{ SEQGPU_GPU: '0' }]);
  expect(gpusOf(['2'])).toEqual([{ SEQGPU_GPU: '0' }, { SEQGPU_GPU: '1' }]);
  expect(gpusOf(['RTX 4090', 'A100'])).toEqual([
    { SEQGPU_GPU: '0', SEQGPU_ADAPTER: 'RTX 4090' },
    { SEQGPU_GPU: '1', SEQGPU_ADAPTER: 'A100' },
  ]);
  expect(gpusOf(['DRI_PRIME=pci-0000_01_00_0', 'A100'])[0]).toEqual({
    SEQGPU_GPU: '0',
    DRI_PRIME: 'pci-0000_01_00_0',
  });
  expect(() => gpusOf(['0'])).toThrow('--gpus 0 would run nothing');
});

test('how often a trial has ended its worker: counted anew where one came further than all before', () => {
  const first = progressAt({}, 0, 'a');
  expect(first).toMatchObject({ deaths: 0, best: 0, host: 'a' });
  // Its worker died with nothing done; the next one gives it back; two die; one comes further, and dies.
  const second = progressAt(first, 1, 'b');
  expect(second.deaths).toBe(1);
  expect(progressAt(second, 1, 'c').deaths).toBe(1);
  const third = progressAt(second, 2, 'd');
  expect(third.deaths).toBe(2);
  const fourth = progressAt({ ...third, share: 0.3, best: 0.3 }, 3, 'e');
  expect(fourth).toMatchObject({ deaths: 0, best: 0.3, before: 0.3 });
  // As far as before is no further.
  expect(progressAt({ ...fourth, share: 0.3 }, 4, 'f').deaths).toBe(1);
});

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
