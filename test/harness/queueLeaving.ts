// Processes of a queue that are asked to end while its server is away, on whichever server.

import { expect } from 'vitest';
import type { QueueRuns } from './queueRuns';
import type { Server } from './queueServers';

/** Ends workers just behind a crash, from which the server comes back; a worker and the coordinator when it stays away. */
export async function endsWhileAway(server: Server, runs: QueueRuns): Promise<void> {
  const coordinator = runs.start('coordinator', server.url, 2, 40, 60);
  const workers = [1, 2].map(() => runs.start('worker', server.url, 600));
  await runs.until(() => runs.steps().size > 5);
  // A client that lost its server waits half a second before it looks for it again.
  const back = server.crash();
  await runs.moment(30, 300);
  await runs.end(...workers);
  await back;
  const last = runs.start('worker', server.url, 600);
  await runs.until(() => runs.lines().length > 0);
  // Their locks would have been held for ten minutes, and no step was made again.
  expect([...runs.steps().values()].every((times) => times === 1)).toBe(true);
  await server.stop();
  const start = performance.now();
  await runs.end(last, coordinator);
  expect(performance.now() - start).toBeLessThan(25_000);
}
