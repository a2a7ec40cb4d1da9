// The published data for tests: where SEQGPU_DATA says, else in a folder `shared/data` beside the checkout, else in the
// cache that `seqgpu data` fills. What is not there is left out, and the tests say so.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolder } from '../../src/data/folder.node';

const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url));

export const testData = (): string =>
  !process.env.SEQGPU_DATA && existsSync(beside) ? beside : dataFolder();

/** The paths of published files; null where one is missing, with a line that says what is not tested without it. */
export function published(what: string, files: readonly string[]): string[] | null {
  const folder = testData();
  const missing = files.find((file) => !existsSync(join(folder, file)));
  if (missing === undefined) return files.map((file) => join(folder, file));
  console.warn(`left out: ${what}; ${folder} has no ${missing} (set SEQGPU_DATA)`);
  return null;
}
