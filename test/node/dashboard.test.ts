// The page on a queue: what it shows, whom it is for, and that it only reads.

import { request } from 'node:http';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { serveDashboard } from '../../src/cli/server/dashboard.node';
import { isOwnHost } from '../../src/cli/server/local.node';
import { TRIALS, packed } from '../../src/queue/jobs';
import { QueueServer } from '../../src/queue/server.node';
import { lacking, startRedis } from '../harness/queueServers';

function ask(
  address: string,
  path: string,
  host: string,
  method = 'GET',
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    const asked = request({ hostname, port, path, method, headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += String(part)));
      answer.on('end', () => done({ status: answer.statusCode!, text }));
    });
    asked.on('error', failed).end();
  });
}

const { resolve } = createRequire(import.meta.url);
function without(): string {
  try {
    resolve('@bull-board/express');
    return lacking.redis;
  } catch {
    return '@bull-board/express is missing: npm ci';
  }
}

test.skipIf(without())(
  `shows the trials of a queue, under this machine's names alone, and changes nothing ${without()}`,
  async () => {
    const redis = await startRedis();
    const server = await QueueServer.open(redis.url);
    const trials = server.queue(TRIALS);
    const told = { cell: 'copy-lstm/trial-7/rung-0', settings: {}, failed: '', host: '' };
    await trials.add('copy-lstm/trial-7/rung-0', packed('search copy lstm', told), { jobId: 't7' });
    const dashboard = await serveDashboard([trials]);
    const { address } = dashboard;
    try {
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const { port } = new URL(address);
      const page = await ask(address, '/', `localhost:${port}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain('<div id="root"');
      const queues = await ask(
        address,
        `/api/queues?activeQueue=${TRIALS}&page=1&jobsPerPage=10`,
        '127.0.0.1',
      );
      expect(JSON.parse(queues.text).queues[0]).toMatchObject({
        name: TRIALS,
        readOnlyMode: true,
        jobs: [{ name: 'copy-lstm/trial-7/rung-0' }],
      });
      for (const foreign of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '10.0.0.1']) {
        expect(await ask(address, '/api/queues', foreign)).toMatchObject({ status: 403 });
      }
      for (const [method, path] of [
        ['PUT', 'empty'],
        ['PUT', 'pause'],
        ['PUT', 't7/clean'],
        ['PATCH', 't7/promote'],
        ['POST', 'add'],
      ]) {
        const asked = ask(address, `/api/queues/${TRIALS}/${path}`, 'localhost', method);
        expect(await asked).toMatchObject({ status: 405 });
      }
      expect(await trials.getWaitingCount()).toBe(1);
    } finally {
      dashboard.close();
      await server.close();
      await redis.stop();
    }
  },
  30_000,
);

test('names: of this machine; those that others were told; numbers, where others may ask', () => {
  for (const own of ['localhost', 'localhost:8485', '127.0.0.1:1', '[::1]:8485'])
    expect(isOwnHost(own)).toBe(true);
  for (const other of ['', undefined, '10.0.0.7', 'box', 'localhost.evil.example', '127.0.0.1.evil.example'])
    expect(isOwnHost(other)).toBe(false);
  for (const told of ['box:8485', '10.0.0.7:8485', '[fe80::1]:8485', 'localhost'])
    expect(isOwnHost(told, 'box')).toBe(true);
  expect(isOwnHost('evil.example', '0.0.0.0')).toBe(false);
});

test('words', async () => {
  const search = (words: string) => readCommand(`search copy --model lstm ${words}`.split(' '))();
  await expect(search('--dashboard')).rejects.toThrow('--dashboard is a page on a queue');
  await expect(search('--queue redis://h --dashboard-at 8485')).rejects.toThrow('"8485" is no HOST:PORT');
  await expect(search('--queue redis://h --dashboard-at h:70000')).rejects.toThrow('is no HOST:PORT');
});
