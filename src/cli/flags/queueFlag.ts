// The flag that names a queue.

import type { Flags } from './flags';

/** The flag of all that have trials run by workers, and of these. */
export const QUEUE_FLAG = {
  queue: {
    kind: 'text',
    help: 'the server of a queue: redis://HOST:PORT or postgres://USER@HOST:PORT/DATABASE',
  },
} as const satisfies Flags;
