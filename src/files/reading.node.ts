// What the system says of a path that it does not read, as a sentence: its codes are no answer to a person.

import { statSync, type Stats } from 'node:fs';
import { fail, SeqgpuError } from '../graph/check';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'something in its path is a file, where a folder is wanted',
  EISDIR: 'it is a folder, where a file is wanted',
  EACCES: 'this user is not allowed to',
  EPERM: 'this user is not allowed to',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead back to themselves',
};

/** Characters of a path that a message quotes. */
const QUOTED = 200;

/**
 * An error of the system as one that says which path it is about and why; one of another kind as it is. `asked`: the
 * path, where the error does not know it.
 */
export function plainly(error: unknown, asked?: string): unknown {
  const { code, path = asked, syscall, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (!(error instanceof Error && code && syscall) || path === undefined) return error;
  const name = path.length > QUOTED ? `${path.slice(0, QUOTED)}…` : path;
  const why = WHY[code] ? `${WHY[code]} (${code})` : message;
  return new SeqgpuError(`${name} cannot be used: ${why}.\n    fix: name another path.`);
}

/** What `read` gives; where the system refuses, a sentence about the path. */
export function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw plainly(error, path);
  }
}

/** What there is at a path; undefined where there is nothing. */
export const statAt = (path: string): Stats | undefined =>
  reading(path, () => statSync(path, { throwIfNoEntry: false }));

/** Refuses a file at a path where a folder is wanted. */
export function checkFolder(path: string, from: string): void {
  const found = statAt(path);
  if (!found || found.isDirectory()) return;
  fail(`${path} is a file, where a folder is wanted.`, { given: from, fix: 'name a folder.' });
}
