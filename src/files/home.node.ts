// The user's home folder, also where there is none.

import { homedir, tmpdir } from 'node:os';

/** The folder for temporary files where the system knows no home, as in a container with any user id. */
export function homeFolder(): string {
  try {
    return homedir() || tmpdir();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    return tmpdir();
  }
}
