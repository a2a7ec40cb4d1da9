// The user's home folder, also where there is none, and the folder for what can be made again.

import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder for temporary files where the system knows no home, as in a container with any user id. */
export function homeFolder(): string {
  try {
    return homedir() || tmpdir();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    return tmpdir();
  }
}

/** The user's folder for what can be made again, by the rules of the platform; it may not be there yet. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  if (platform === 'win32') return env.LOCALAPPDATA || join(homeFolder(), 'AppData', 'Local');
  // The XDG specification says to ignore a relative path.
  const xdg = env.XDG_CACHE_HOME;
  return xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homeFolder(), '.cache');
}
