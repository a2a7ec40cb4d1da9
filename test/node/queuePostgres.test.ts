// A search over a queue in PostgreSQL: the same winner as in one process, whoever is killed.

import { describe, expect, test } from 'vitest';
import { QueueServer } from '../../src/queue/server.node';
import { endsWhileAway } from '../harness/queueLeaving';
import { queueRuns } from '../harness/queueRuns';
import { expected, searchOf } from '../harness/queueSearch';
import { ended, killed, lacking, startPostgres } from '../harness/queueServers';

describe.skipIf(lacking.postgres)(
  `on PostgreSQL ${lacking.postgres && `(not run: ${lacking.postgres})`}`,
  () => {
    test('kill -9 of a worker, of the coordinator and of the server: nothing is lost, nothing counts twice', async () => {
      const [server, runs] = await Promise.all([startPostgres(), queueRuns()]);
      try {
        const words = [server.url, 5, 12, 30] as const;
        const workers = [1, 2].map(() => runs.start('worker', server.url, 2));
        let coordinator = runs.start('coordinator', ...words);
        await runs.until(() => runs.steps().size > 1);
        await killed(workers[0]);
        workers[0] = runs.start('worker', server.url, 2);
        await runs.until(() => runs.lines().length > 1);
        await killed(coordinator);
        coordinator = runs.start('coordinator', ...words);
        await runs.until(() => runs.reached(coordinator));
        await server.crash();
        await runs.until(() => ended(coordinator), 60);
        expect(runs.said(coordinator)).toBe('');
        const values = runs
          .lines()
          .map(({ cell, result }) => [cell, (result as { valid: number }).valid] as const);
        expect(values).toHaveLength(6);
        expect(new Map(values)).toEqual(expected(searchOf(5, 12, 30)));
        await runs.end(...workers);
      } finally {
        await server.stop();
        runs.remove();
      }
    }, 150_000);

    test('SIGTERM while the server is away: all end by themselves, and workers hand back what they can', async () => {
      const [server, runs] = await Promise.all([startPostgres(), queueRuns()]);
      try {
        await endsWhileAway(server, runs);
      } finally {
        await server.stop();
        runs.remove();
      }
    }, 150_000);

    test('a server that refuses the password says so, and nobody reads the password', async () => {
      const server = await startPostgres([], 'right');
      try {
        await expect(QueueServer.open(server.url.replace('right', 'wrong'))).rejects.toThrow(
          /^--queue: postgres:\/\/seqgpu:…@127[^]*refuses[^]*fix: give its user and password/,
        );
        await expect(QueueServer.open(server.url.replace(':right', ''))).rejects.toThrow('refuses you');
        await (await QueueServer.open(server.url)).close();
      } finally {
        await server.stop();
      }
    }, 60_000);

    test('a server that may be damaged is refused with the line to change', async () => {
      const server = await startPostgres(['fsync=off']);
      await expect(QueueServer.open(server.url)).rejects.toThrow(
        'fix: write into postgresql.conf: fsync = on',
      );
      await server.stop();
    }, 60_000);
  },
);
