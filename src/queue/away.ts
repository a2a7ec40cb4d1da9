// How it is told that a server cannot be reached just now: whoever hears that waits for it.

/** Between two tries to reach a server. */
export const RETRY_MS = 500;

/** Waits so many milliseconds. */
export const wait = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));

const AWAY = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

/**
 * Whether an error says that a server cannot be reached: by the system; by PostgreSQL's classes 08, connections, and
 * 57P, which it has while it stops and starts; or by its driver, whose words have no code.
 */
export function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return (
    AWAY.includes(code) ||
    /^(08|57P)/.test(code) ||
    /^(Connection terminated|Client has encountered)/.test(message)
  );
}
