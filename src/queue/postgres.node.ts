// BullMQ on PostgreSQL: what the server is asked first, and how its restart is outlived.

import { fail } from '../graph/check';
import { RETRY_MS, isAway, wait } from './away';

type Bull = typeof import('bullmq');
type Backend = ReturnType<Bull['createPostgresBackend']>;

/** Seconds after which a worker that waits looks for itself. */
const LOOK_S = 5;

/**
 * BullMQ's backend, whose workers hear when there is a trial. After an error one would wait for an hour, and nobody
 * tells it what waited already when the server came back. Nobody hears of a client that is lost between two queries
 * of a transaction, which would end the process: the next query fails too. And one that could not be made ready when
 * it was first asked would never be.
 */
export const awakeBackend =
  (bull: Bull): Bull['createPostgresBackend'] =>
  (...given) => {
    const backend = bull.createPostgresBackend(...given);
    backend.connection.pool.on('connect', (client) => client.on('error', () => {}));
    becomeReady(backend.connection);
    return Object.defineProperty(backend, 'maximumBlockTimeout', { value: LOOK_S });
  };

function becomeReady(connection: Backend['connection']): void {
  const ready = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = async () => {
    for (;;) {
      try {
        return await ready();
      } catch (error) {
        if (connection.isClosing || !isAway(error)) throw error;
        // It keeps its first answer.
        Reflect.deleteProperty(connection, 'readyPromise');
        await wait(RETRY_MS);
      }
    }
  };
}

/** Refuses a server that may be damaged when its machine goes down. `where`: its address, for people. */
export async function checkPostgres(bull: Bull, url: string, where: string): Promise<void> {
  const connection = new bull.PostgresConnection({ connectionString: url, skipMigrations: true });
  try {
    for (const name of ['fsync', 'full_page_writes']) {
      const { rows } = await connection.pool.query<Record<string, string>>(`SHOW ${name}`);
      if (rows[0][name] === 'on') continue;
      fail(`--queue: ${where} may be damaged when its machine goes down: trials would be lost.`, {
        given: `${name} ${rows[0][name]}`,
        fix: `write into postgresql.conf: ${name} = on`,
      });
    }
  } finally {
    await connection.close();
  }
}
