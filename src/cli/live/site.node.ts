// The built live page as files in memory, and whatever of the data folder tasks read, by the paths of their addresses.
// Nothing else of the disk can be asked for.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { dataFolder } from '../../data/folder.node';
import { HERE, folderAbove } from '../../files/folderAbove.node';
import { fail } from '../../graph/check';
import type { Tables } from '../../runs/tables';

/** What an address gives. */
export interface Served {
  readonly type: string;
  /** The bytes; those of large files are read when they are asked for. */
  bytes(): Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.png': 'image/png',
  '.mid': 'audio/midi',
  '.wav': 'audio/wav',
};

/** The folder of the built page. */
export function siteFolder(here = HERE): string {
  const root = folderAbove(['dist/site/index.html'], here);
  if (root) return join(root, 'dist/site');
  fail('live: the page was not built here.', {
    given: `no folder above ${here} has dist/site/index.html`,
    fix: 'run `npm run live` in the clone.',
  });
}

/** All files of the page, by their paths in addresses. */
export function filesOfSite(folder = siteFolder()): Map<string, Served> {
  const files = new Map<string, Served>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    files.set(`/${name}`, { type: TYPES[extname(name)] ?? 'application/octet-stream', bytes: () => bytes });
  }
  files.set('/', files.get('/index.html')!);
  return files;
}

/** Files of the data folder that tasks read and that are there; and their list, which the page asks for. */
export function filesOfData({ tasks }: Tables, option?: string): Map<string, Served> {
  const folder = dataFolder({ option });
  const names = [...new Set(tasks.flatMap(({ data }) => data?.files ?? []))];
  const there = names.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  const files = new Map<string, Served>();
  for (const name of there) {
    files.set(`/data/${name}`, {
      type: 'application/octet-stream',
      bytes: () => readFileSync(join(folder, name)),
    });
  }
  const list = Buffer.from(JSON.stringify(there));
  files.set('/data/index.json', { type: TYPES['.json'], bytes: () => list });
  return files;
}
