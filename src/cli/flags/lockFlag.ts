// The flag of every command that works in a folder of its own.

import type { Flags } from './flags';

/** The flag that takes a folder from a process elsewhere. */
export const LOCK_FLAG = {
  'take-over': {
    kind: 'switch',
    help: 'take a folder whose lock is of a process on another machine, once it does not run there any more',
  },
} as const satisfies Flags;
